"""The things that travel along the road: frozen values, every span in half-open characters of the text as given."""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain, islice
from operator import attrgetter
from typing import Any, NamedTuple, overload

from stance.markup import Span, marked_up


class Stance(StrEnum):
    """What the holder of the view says of a target; the values are sorted like the columns of the model."""

    CONDEMN = "condemn"
    NEUTRAL = "neutral"
    SUPPORT = "support"

    @property
    def opposite(self) -> Stance:
        """The other verdict; neutral stays neutral.

        >>> str(Stance.SUPPORT.opposite)
        'condemn'
        """
        return _OPPOSITES[self]


_OPPOSITES = {Stance.CONDEMN: Stance.SUPPORT, Stance.SUPPORT: Stance.CONDEMN, Stance.NEUTRAL: Stance.NEUTRAL}
STANCES = tuple(Stance)
_LOOKS = {  # a sign and a line for each, which the colour-blind tell apart as well
    Stance.SUPPORT: ("▲", "2px solid #0072b2"),
    Stance.CONDEMN: ("▼", "3px double #d55e00"),
    Stance.NEUTRAL: ("○", "1px dotted #808080"),
}


class TargetKind(StrEnum):
    """Actors are named or nameable, issues are topics of policy, objects are what a judging expression is about."""

    ACTOR = "actor"
    ISSUE = "issue"
    OBJECT = "object"


class Token(NamedTuple):
    """One word or mark: `text` stands at `start:end` of the document's text."""

    text: str
    start: int
    end: int


class Tokens(Sequence[Token]):
    """Tokens in order, kept as three lists, since most are never asked for one by one.

    `words` are their texts, `starts` and `ends` their places.
    """

    __slots__ = ("ends", "starts", "words")

    def __init__(self, words: list[str], starts: list[int], ends: list[int]) -> None:
        self.words = words
        self.starts = starts
        self.ends = ends

    @classmethod
    def of(cls, tokens: Iterable[Token]) -> Tokens:
        """Tokens made one by one."""
        listed = list(tokens)
        return cls([token.text for token in listed], [token.start for token in listed], [token.end for token in listed])

    def __len__(self) -> int:
        """How many."""
        return len(self.words)

    @overload
    def __getitem__(self, index: int) -> Token: ...
    @overload
    def __getitem__(self, index: slice) -> Tokens: ...
    def __getitem__(self, index: int | slice) -> Token | Tokens:
        """One of them, or some."""
        if isinstance(index, slice):
            return Tokens(self.words[index], self.starts[index], self.ends[index])
        return Token(self.words[index], self.starts[index], self.ends[index])

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters of the tokens `first:last`, of which there is one at least."""
        return self.starts[first], self.ends[last - 1]

    def __iter__(self) -> Iterator[Token]:
        """Each in order."""
        return map(Token, self.words, self.starts, self.ends)

    def __eq__(self, other: object) -> bool:
        """Whether the other is a sequence of the same tokens."""
        if isinstance(other, Tokens):
            return self.starts == other.starts and self.ends == other.ends and self.words == other.words
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Equal for equal tokens."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """As a tuple of them."""
        return repr(tuple(self))


class _Value:
    """Pickled as a call of its class: several times faster than the way of frozen dataclasses, field by field."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in type(self).__slots__)


@dataclass(frozen=True, slots=True)
class Sentence(_Value):
    """A sentence, a clause of a resolution, a heading or a list item: `text` stands at `start:end` of the document."""

    text: str
    start: int
    end: int
    tokens: Tokens = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document(_Value):
    """The text as given, unaltered, and its sentences in order."""

    text: str = field(repr=False)
    sentences: tuple[Sentence, ...]

    @property
    def tokens(self) -> Iterator[Token]:
        """All tokens of all sentences, in order."""
        return (token for sentence in self.sentences for token in sentence.tokens)

    def __reduce__(self) -> tuple[Any, ...]:
        """The text and numbers, since every word stands in the text: a process hands it to another at little cost."""
        bounds = [(sentence.start, sentence.end, len(sentence.tokens)) for sentence in self.sentences]
        starts = list(chain.from_iterable(sentence.tokens.starts for sentence in self.sentences))
        ends = list(chain.from_iterable(sentence.tokens.ends for sentence in self.sentences))
        return _document, (self.text, bounds, starts, ends)


def _document(text: str, bounds: Sequence[tuple[int, int, int]], starts: list[int], ends: list[int]) -> Document:
    """The document whose sentences, each with so many tokens, stand at these places of its text."""
    words = map(text.__getitem__, map(slice, starts, ends))
    places = iter(starts), iter(ends)
    sentences = []
    for start, end, size in bounds:
        tokens = Tokens(list(islice(words, size)), *(list(islice(its, size)) for its in places))
        sentences.append(Sentence(text[start:end], start, end, tokens))
    return Document(text, tuple(sentences))


@dataclass(frozen=True, slots=True)
class Target(_Value):
    """What a stance is about. `id` is ISO 3166-1 alpha-3 for states, the lexicon's id for others, or None."""

    start: int
    end: int
    text: str
    kind: TargetKind
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Holder(_Value):
    """Whose view it is; `start` and `end` are None where the holder is implied ("the speaker")."""

    text: str
    start: int | None = None
    end: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Facts(_Value):
    """What a document says of itself, as far as the text shows it.

    `date` is that of the statement, not of what it recalls. `issuers` are those in whose name it speaks, each with its
    id where the lexicon knows it; a span only where the text names them. `kind` is a row of
    `data/document-kinds.tsv`, such as "joint statement", or "".
    """

    title: str = ""
    date: date | None = None
    issuers: tuple[Holder, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Judgement(_Value):
    """One target with its stance.

    `probabilities` holds condemn, neutral and support, each in 0..1, calibrated, sum 1. `evidence` is the word or
    phrase of the text that governs the target ("" where there is none), `votes` what each rule that did not abstain
    says, and `strength` the diplomatic strength from 1 (notes) to 5 (condemns in the strongest terms, fully
    endorses).
    """

    target: Target
    stance: Stance
    probabilities: Mapping[str, float] = field(repr=False, hash=False)
    holder: Holder = field(repr=False)
    evidence: str = ""
    votes: Mapping[str, Stance] = field(default_factory=dict, repr=False, hash=False)
    strength: int = 1

    @property
    def confidence(self) -> float:
        """The probability of the stance, 0..1."""
        return self.probabilities[self.stance]


@dataclass(frozen=True, slots=True)
class Failure(_Value):
    """A text that could not be analysed: its place among the texts, from 0, and the error."""

    index: int
    message: str


@dataclass(frozen=True, slots=True)
class Analysis(_Value):
    """A document, its judgements, ordered by start, the longer target first, and what it says of itself."""

    document: Document
    judgements: tuple[Judgement, ...]
    facts: Facts = Facts()

    def __iter__(self) -> Iterator[Judgement]:
        """The judgements in order."""
        return iter(self.judgements)

    def __len__(self) -> int:
        """How many judgements."""
        return len(self.judgements)

    def _repr_html_(self) -> str:
        """The text with its targets marked, for Jupyter; point at one to see what is known of it."""
        spans = [Span(j.target.start, j.target.end, _opening(j)) for j in self.judgements]
        return f'<div style="white-space: pre-wrap; line-height: 2">{marked_up(self.document.text, spans)}</div>'

    def sentence_of(self, judgement: Judgement) -> Sentence:
        """The sentence in which the target begins."""
        start = judgement.target.start
        return self.document.sentences[bisect_right(self.document.sentences, start, key=attrgetter("start")) - 1]


def _opening(judgement: Judgement) -> str:
    """The mark of a target for a page without a style sheet: its sign, colour and line tell the stance."""
    sign, line = _LOOKS[judgement.stance]
    known = (
        f"{judgement.stance} {judgement.confidence:.0%}, strength {judgement.strength}, "
        f"holder: {judgement.holder.text}, cue: {judgement.evidence or 'none'}"
    )
    style = f"background: none; color: inherit; border-bottom: {line}"
    return f'<mark style="{style}" title="{html.escape(known)}"><small>{sign}</small>'
