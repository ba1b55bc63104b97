"""The whole road: text -> Analysis."""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter, index

import numpy as np

from stance.cues import Reading, read
from stance.document import STANCES, Analysis, Document, Facts, Judgement, Sentence, Stance, Target, Tokens
from stance.facts import find_facts, given_facts
from stance.features import feature_names, features
from stance.hashing import Floats, code
from stance.holders import Discourse, Voice, find_holder
from stance.lexicon import Lexicon
from stance.memo import collector_at_rest
from stance.mentions import Mention, forget, mentions
from stance.model import Model, given_model
from stance.naming import make_target
from stance.network import STANCE, Seen
from stance.pieces import batches, bounded, pieces
from stance.rules import cast_in_order, votes
from stance.segmentation import segment, token_span
from stance.strength import carrier_of, strength_of
from stance.surroundings import Surroundings
from stance.targets import Span
from stance.token_table import TokenTable, token_table

_LABELS = tuple(map(str, STANCES))
# A found target is told if it and its stance are right with this probability: half of the best F1 that is to be had is
# where F1 is best (Lipton, Elkan and Naryanaswamy 2014).
_RIGHT = 0.37
# No target begins so, but in a heading each word may look like part of a name: what begins with the first is none, what
# begins with the second is one without it. "The Hague" has a capital.
_NO_START, _ARTICLE = "of", "the"


def analyze(
    text: str,
    *,
    model: Model | None = None,
    title: str | None = None,
    date: datetime.date | str | None = None,
    issuers: Sequence[str] | None = None,
) -> Analysis:
    """The targets of a text and the stance on each.

    A target is told where its probability times that of its stance is 0.37 or more; `judge` answers for any target.

    Parameters
    ----------
    text
        The text as it is; it is never altered.
    model
        The model to use; the shipped one if None.
    title, date, issuers
        What you know of the document; where None, what the text shows. A date as text is ISO 8601 ("2024-05-17");
        issuers are ids ("FRA", "g7") or names.

    Examples
    --------
    >>> for j in analyze("We strongly condemn the attacks and welcome the truce.").judgements:
    ...     print(j.stance, j.target.text)
    condemn attacks
    support truce
    """
    model = given_model(model)
    lexicon = model.lexicon
    with collector_at_rest():
        document = segment(text)
    facts = given_facts(find_facts(document, lexicon), lexicon, title, date, issuers)
    return _analyses([document], [facts], model)[0]


def analyze_together(texts: Sequence[str], *, model: Model | None = None, least: float | None = None) -> list[Analysis]:
    """What `analyze` says of each text; texts of a sentence or two cost a fraction of it, as they share the arithmetic.

    `least` is the probability of a target and its stance together from which it is told; that of `analyze` if None.

    >>> [len(analysis) for analysis in analyze_together(["We condemn the attack.", ""])]
    [1, 0]
    """
    model = given_model(model)
    lexicon = model.lexicon
    with collector_at_rest():
        documents = [segment(text) for text in texts]
    return _analyses(documents, [find_facts(document, lexicon) for document in documents], model, least)


def _analyses(
    documents: Sequence[Document], facts: Sequence[Facts], model: Model, least: float | None = None
) -> list[Analysis]:
    lexicon = model.lexicon
    least = _RIGHT if least is None else least
    discourses = [Discourse(document.text, its, lexicon) for document, its in zip(documents, facts, strict=True)]
    judgements: list[list[Judgement]] = [[] for _ in documents]
    numbered = ((n, piece) for n, document in enumerate(documents) for piece in pieces(bounded(document.sentences)))
    for batch in batches(numbered):
        with collector_at_rest():
            _analyze_batch(batch, documents, discourses, model, judgements, least)
    made = zip(documents, judgements, facts, strict=True)
    return [Analysis(document, tuple(its), known) for document, its, known in made]


def _analyze_batch(
    batch: Sequence[tuple[int, list[Sentence]]],
    documents: Sequence[Document],
    discourses: Sequence[Discourse],
    model: Model,
    judgements: Sequence[list[Judgement]],
    least: float,
) -> None:
    """Add to the judgements of documents those of a batch of pieces that are right with the `least` probability."""
    lexicon = model.lexicon
    readings, voices, owners = [], [], []
    for number, piece in batch:
        its = [read(sentence, lexicon) for sentence in piece]
        readings += its
        voices += discourses[number].follow(its)
        owners += [number] * len(piece)
    table = token_table(readings)
    seen = Seen(model.networks, table)
    found = _found(readings, table, seen, model)
    mentioned = [
        mentions(reading, [(span.first, span.last) for span in spans])
        for reading, spans in zip(readings, found, strict=True)
    ]
    needed = [least / max(span.probability, 1e-9) for spans in found for span in spans]
    judged = _judged(table, seen, mentioned, [documents[number].text for number in owners], model, voices, needed)
    for number, told in zip(owners, judged, strict=True):
        judgements[number] += told
    forget(mentioned)


def _found(readings: Sequence[Reading], table: TokenTable, seen: Seen, model: Model) -> list[list[Span]]:
    """The targets that the model finds in each sentence of a table, given their readings too."""
    return [
        [_without_article(span, reading) for span in spans if reading.keys[span.first] != _NO_START]
        for reading, spans in zip(readings, model.find(table, seen), strict=True)
    ]


def _without_article(span: Span, reading: Reading) -> Span:
    led = reading.tokens.words[span.first] == _ARTICLE and span.last - span.first > 1
    return span._replace(first=span.first + 1) if led else span


def judge(text: str, spans: Sequence[tuple[int, int]], *, model: Model | None = None) -> tuple[Judgement, ...]:
    """The stance on given targets, one judgement each in the same order.

    Parameters
    ----------
    text
        One or more sentences.
    spans
        Half-open character spans of the targets; they may nest or cross. A target is judged within the sentence in
        which it begins.
    model
        The model to use; the shipped one if None.

    Returns
    -------
    tuple of Judgement
        Their holders are told from the sentences with targets alone; `analyze` also uses what the text says of itself.

    Raises
    ------
    ValueError
        Where a span is empty, reversed, outside the text or holds no word.

    Examples
    --------
    >>> [str(j.stance) for j in judge("We condemn the attack.", [(15, 21)])]
    ['condemn']
    """
    model = given_model(model)
    checked = [_checked_span(text, span) for span in spans]
    document = segment(text)
    lexicon = model.lexicon
    discourse = Discourse(text, Facts(), lexicon)
    by_sentence: dict[int, list[int]] = {}
    for number, (start, _) in enumerate(checked):
        by_sentence.setdefault(_sentence_at(document, start), []).append(number)
    made: dict[int, Judgement] = {}
    for place, numbers in sorted(by_sentence.items()):
        last = max(_sentence_at(document, checked[n][1] - 1) for n in numbers)
        sentence = _joined(document, place, last)
        reading = read(sentence, lexicon)
        mentioned = [mentions(reading, [_token_span(sentence, *checked[n]) for n in numbers])]
        table = token_table([reading])
        seen = Seen(model.networks, table)
        (judged,) = _judged(table, seen, mentioned, [text], model, discourse.follow([reading]))
        for number, judgement in zip(numbers, judged, strict=True):
            start, end = checked[number]
            target = judgement.target
            exact = (
                target
                if (target.start, target.end) == (start, end)
                else Target(start, end, text[start:end], target.kind, target.id)
            )
            made[number] = Judgement(exact, *(getattr(judgement, name) for name in Judgement.__slots__[1:]))
    return tuple(made[number] for number in range(len(checked)))


def explain(
    text: str, *, model: Model | None = None, most: int = 6
) -> Iterator[tuple[Judgement, list[tuple[str, float]]]]:
    """Each judgement of a text with the features that carried it.

    The contribution of a feature is its value times its weight for the stance given, less the mean over the three
    stances; "network" is what the network adds. The contributions and the intercept's sum to the logit. The `most`
    largest are given, those against with a minus sign.
    """
    model = given_model(model)
    analysis = analyze(text, model=model)
    told = {(j.target.start, j.target.end): j for j in analysis.judgements}
    for sentence in bounded(analysis.document.sentences):
        reading = read(sentence, model.lexicon)
        for mention, names, weighted in _shares(reading, model):
            judgement = told.get(reading.tokens.span(mention.first, mention.last))
            if judgement is None:  # found, and not told
                continue
            column = STANCES.index(judgement.stance)
            carried = (weighted[:, column] - weighted.mean(axis=1)).tolist()
            ordered = sorted(zip(names, carried, strict=True), key=lambda share: -abs(share[1]))
            yield judgement, [share for share in ordered[:most] if share[1]]


def _shares(reading: Reading, model: Model) -> Iterator[tuple[Mention, list[str], Floats]]:
    """Each mention found in a sentence, the names of its features, and what each adds to the logits (features, 3)."""
    texts: dict[int, str] = {}

    def coder(text: str) -> int:
        number = code(text)
        texts[number] = text or "none"
        return number

    table = token_table([reading], coder)
    seen = Seen(model.networks, table)
    (found,) = _found([reading], table, seen, model)
    mentioned = [mentions(reading, [(span.first, span.last) for span in found])]
    cast_in_order(mentioned)
    own, around = features(table, mentioned), Surroundings(table, mentioned)
    names = feature_names(table, mentioned, coder, texts)
    by_features, by_network = model.blend.stances
    told = by_network * seen.logits(*around.edges)[:, STANCE]
    for number, mention in enumerate(mentioned[0]):
        around_names, around_buckets, around_values = around.named(number, texts)
        buckets = np.concatenate([own[:, number], around_buckets])
        counted = np.concatenate([np.ones(len(own)), around_values])
        weighted = by_features * model.weights(buckets)[:, : len(STANCES)] * counted[:, None]
        yield mention, [*names[number], *around_names, "network"], np.vstack([weighted, told[number]])


def _judged(
    table: TokenTable,
    seen: Seen,
    mentioned: Sequence[Sequence[Mention]],
    texts: Sequence[str],
    model: Model,
    voices: Sequence[Sequence[Voice]],
    needed: Sequence[float] | None = None,
) -> Iterator[list[Judgement]]:
    """The judgements on the mentions of each sentence of a table; `texts` holds the document of each sentence.

    Mentions of which no stance has the probability `needed`, one a mention, are left out.
    """
    cast_in_order(mentioned)
    around = Surroundings(table, mentioned)
    chances = model.chances(model.logits(features(table, mentioned), around), seen, *around.edges)
    best = chances.argmax(axis=1)
    told = chances.max(axis=1) >= (0.0 if needed is None else np.array(needed))
    columns = zip(chances.tolist(), best.tolist(), told.tolist(), strict=True)
    lexicon = model.lexicon
    for group, text, heard in zip(mentioned, texts, voices, strict=True):
        yield [
            _judgement(mention, STANCES[column], chance, lexicon, text, heard)
            for mention, (chance, column, is_told) in zip(group, columns, strict=False)
            if is_told
        ]


def _judgement(
    mention: Mention, stance: Stance, chance: Sequence[float], lexicon: Lexicon, text: str, voices: Sequence[Voice]
) -> Judgement:
    evidence = carrier_of(mention, stance)
    return Judgement(
        make_target(mention.reading, mention.first, mention.last, lexicon, text),
        stance,
        dict(zip(_LABELS, chance, strict=True)),
        find_holder(mention, voices),
        _words(mention.reading, evidence.first, evidence.last, text) if evidence else "",
        votes(mention),
        strength_of(mention, stance, evidence),
    )


def _words(reading: Reading, first: int, last: int, text: str) -> str:
    start, end = reading.tokens.span(first, last)
    return text[start:end]


def _checked_span(text: str, span: tuple[int, int]) -> tuple[int, int]:
    try:
        start, end = (index(value) for value in span)
    except (TypeError, ValueError):
        raise ValueError(f"span must be two whole numbers, got {span!r}; give start and end in characters") from None
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span must satisfy 0 <= start < end <= {len(text)}, got {(start, end)}; fix start and end")
    return start, end


def _sentence_at(document: Document, position: int) -> int:
    """The number of the sentence at a character, or the next one; -1 stands for no sentence at all."""
    number = bisect_right(document.sentences, position, key=attrgetter("end"))
    return min(number, len(document.sentences) - 1)


def _joined(document: Document, first: int, last: int) -> Sentence:
    sentences = document.sentences[first : max(first, last) + 1]
    if first < 0 or not sentences:
        return Sentence("", 0, 0, Tokens.of(()))
    start, end = sentences[0].start, sentences[-1].end
    return Sentence(document.text[start:end], start, end, Tokens.of(chain.from_iterable(s.tokens for s in sentences)))


def _token_span(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The tokens that a span touches."""
    touched = token_span(sentence.tokens, start, end)
    if touched is None:
        raise ValueError(f"span must hold a word, got {(start, end)}; fix start and end")
    return touched
