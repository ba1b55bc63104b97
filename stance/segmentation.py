"""Text -> Document: NLTK's Punkt with our abbreviations finds the sentences, inside blocks found from the layout.

Punkt knows sentences, not layouts, so a first pass cuts the text where a line break, bullet or number ends a unit;
within such a block the words may be hard-wrapped. Nothing is altered: every offset indexes the text as given.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import accumulate

from stance.document import Document, Sentence, Tokens
from stance.toolkit import PunktLanguageVars, PunktParameters, PunktSentenceTokenizer

# Combining marks belong to the word before them, in Latin as in the scripts of Asia; \w alone would cut there.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0903\u093a-\u094f\u0981-\u0983"
    "\u09bc-\u09cd\u0a3c-\u0a4d\u0abc-\u0acd\u0b3c-\u0b4d\u0bbe-\u0bcd\u0c3e-\u0c4d\u0cbc-\u0ccd\u0d3e-\u0d4d"
    "\u0e31\u0e34-\u0e4e\u102b-\u103e\u17b6-\u17d3\u200c\u200d\u20d0-\u20f0"
)
SOFT = "\u00ad\u200b\u2060\ufeff"  # marks that do not show, left within words by what they were copied from
_INVISIBLE = rf"\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e{SOFT}"
_LETTERS = rf"[\w{_MARKS}]"
_SUFFIX = r"['’](?:[sS]|t|re|ve|ll|d|m)(?!\w)"
# Split by `re`, which keeps what stands between; NLTK's RegexpTokenizer does not, and takes twice the time.
_TOKEN = re.compile(
    r"([a-zA-Z]+(?=[ ,;])"  # most words; what follows matches them too, but later
    r"|&(?:\#\d{1,7}|\#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"  # &amp; &#8217;
    r"|(?:[^\W\d_]\.){2,}(?:[-‑]\w+)*"  # U.S. e.g. U.S.-India
    r"|[A-Z]{1,3}(?:&[A-Z]{1,3}(?!\w)|\$)"  # R&D US$
    r"|\d+(?:[.,]\d+)+"  # 1.5 20,000
    rf"|{_SUFFIX}"  # Iran 's, do n 't
    rf"|{_LETTERS}+(?:(?:[-‑{SOFT}]|['’](?!(?:[sS]|t|re|ve|ll|d|m)(?!\w))){_LETTERS}+)*"  # non-proliferation, Qa’ida
    rf"|\.{{2,}}|[^\s{_INVISIBLE}])"  # ellipsis; any mark that shows
)

# Tags, comments, addresses and the marks of Markdown count as white space: tags of the group end a line, <sup> and its
# like do not.
_MARKUP = re.compile(
    r"</?(?:(p|br|div|li|ul|ol|h\d|t[rdh]|table)\b|[a-z])[^<>]{0,200}>|<!--[^<>]{0,500}-->|&(?:nbsp|e[nm]sp|\#160);"
    r"|\*\*|\*(?=\w)|(?<=\w)\*|(?<!\w)__?(?=\w)|(?<=\w)__?(?!\w)|\[(?=[^\[\]\n]{1,200}\]\()|\]\([^()\s]{0,500}\)"
    r"|https?://[^\s<>]{0,500}[^\s<>.,;:!?)\]}”’\"']|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}",
    re.IGNORECASE,
)
_MARKUP_SIGNS = ("<", "&", "://", "@", "*", "_", "](")
FRONT_MATTER = re.compile(r"\s*---[ \t]*\r?\n((?=[\w-]+:)(?:[^\n]*\n){0,60}?)---[ \t]*(?:\r?\n|$)")
_MARKER = re.compile(
    r"[ \t\u00a0“\"]*(?:[-*•·▪■●–—o+][ \t\u00a0]+|#{1,6}[ \t]*|>[ \t]*"
    r"|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[IVX]{2,5})[.)][ \t\u00a0]+){1,3}",
    re.ASCII,
)
_BREAKS = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"[^{_BREAKS}。！？]*(?:\r\n|[{_BREAKS}]|[。！？]+[”’」』）]*|$)")
_FULL_WIDTH_STOPS = ("。", "！", "？")  # no space follows them, and Punkt looks for one
_SENTENCE_END = (".", "!", "?", "”", '"')
_RUNS_ON = re.compile(r"\b(?:of|the|and|or|to|for|in|on|with|by|from|a|an|at|as|that|its|our|their|between|Mr\.|Ms\.)$")
# Recalling, Mindful of, Gravely concerned
_PREAMBLE = re.compile(r"\w+(?:ing|ed|ful|ware|ious)\b|(?:\w+ly|Also|Further)\s+\w+(?:ing|ed)\b")
_PLAIN_STOP = re.compile(r"\s*([a-zA-Z]{2,})\.\s+\S")
_GLUED_STOP = re.compile(r"(?<![./@\w])(\w{2,}[)\]”]?)\.(?=[A-Z][a-z]*[ ,])")
_WRAP_WIDTH = 120  # nobody wraps wider than this: the end of a longer line ends a unit
_HEADING_WIDTH = 50  # a line shorter than this, with no stop behind it and a capital on the next line, is a heading
_BLOCK_LIMIT = 20_000  # Punkt looks a block over several times: longer ones are cut at white space


class _Language(PunktLanguageVars):  # type: ignore[misc]
    """Punkt's English and the full stops of other scripts; quotes and footnote marks behind a stop go with it."""

    sent_end_chars = (".", "?", "!", "…", "؟", "۔", "।")
    re_boundary_realignment = re.compile(r"(?:[\"'”’»)\]}]|\[\d{1,3}\]|[¹²³⁰-⁹])+?(?:\s+|(?=--)|$)", re.MULTILINE)
    _re_non_word_chars = r"(?:[\";:@'*()\[\]{}?!…؟۔।‘’“”«»¹²³⁰-⁹\u200b\u2060\ufeff])"
    _period_context_fmt = r"""
        (?:%(SentEndChars)s(?<!…)|…(?=\s+[A-Z]))
        (?![\"'”’»)\]]+\s+[a-z])  # "Why?" she asked
        (?=(?P<after_tok>%(NonWord)s|\s+(?P<next_tok>\S+)))"""


class _Punkt(PunktSentenceTokenizer):  # type: ignore[misc]
    """Punkt, with its plainest answer given at once: a stop behind a word that is no abbreviation ends a sentence."""

    def __init__(self, abbreviations: set[str], starters: set[str]) -> None:
        parameters = PunktParameters()
        parameters.abbrev_types = self.abbreviations = abbreviations
        parameters.sent_starters = starters
        super().__init__(parameters, lang_vars=_Language())

    def text_contains_sentbreak(self, text: str) -> bool:
        plain = _PLAIN_STOP.match(text)
        if plain and plain[1].lower() not in self.abbreviations:
            return True
        return bool(super().text_contains_sentbreak(text))


@cache
def _punkt() -> _Punkt:
    lines = resources.files("stance").joinpath("data/abbreviations.txt").read_text(encoding="utf-8").splitlines()
    abbreviations = {line for line in lines if line and line[0] not in "#>"}
    return _Punkt(abbreviations, {line[2:] for line in lines if line.startswith("> ")})


def segment(text: str) -> Document:
    """Sentences and tokens of a text, with their offsets.

    Headings, list items and the clauses of a resolution are sentences of their own; front matter between `---` lines is
    passed over.

    >>> [s.text for s in segment("The U.S. welcomed Art. 5. It took note.").sentences]
    ['The U.S. welcomed Art. 5.', 'It took note.']
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}; decode bytes first")
    return Document(text, tuple(_sentences(text, _without_markup(text))))


def tokenize(text: str) -> Tokens:
    """The tokens of a text.

    >>> [t.text for t in tokenize("Iran's U.S.-led talks")]
    ['Iran', "'s", 'U.S.-led', 'talks']
    """
    return _tokens(_without_markup(text), 0)


def _tokens(plain: str, offset: int) -> Tokens:
    """The tokens of a text without markup; `offset` is added to their places."""
    parts = _TOKEN.split(plain)  # what stands before a token, the token, what stands before the next one ...
    places = list(accumulate(map(len, parts), initial=offset))
    return Tokens(parts[1::2], places[1:-1:2], places[2::2])


def token_span(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    """The half-open span of the tokens that a span of characters touches; None where it touches none."""
    first = bisect_right(tokens.ends, start)
    last = bisect_left(tokens.starts, end, lo=first)
    return (first, last) if first < last else None


def _without_markup(text: str) -> str:
    """The text with white space of the same length for its tags and addresses."""
    if not any(sign in text for sign in _MARKUP_SIGNS):
        return text
    return _MARKUP.sub(lambda m: ("\n" if m[1] else " ").ljust(len(m[0])), text)


def _sentences(text: str, plain: str) -> Iterator[Sentence]:
    for begin, stop in _blocks(plain):
        block = plain[begin:stop]
        tokens = _tokens(block, begin)
        last = 0
        for end in _sentence_ends(block):
            first, last = last, bisect_left(tokens.starts, begin + end, lo=last)
            if first < last:
                its = tokens[first:last]
                start, end = its.starts[0], its.ends[-1]
                yield Sentence(text[start:end], start, end, its)


def _sentence_ends(block: str) -> list[int]:
    """Where the sentences of a block end; at a stop without its space too: "by 2030.The Leaders"."""
    punkt = _punkt()
    ends = [end for _, end in punkt.span_tokenize(block)]
    glued = [stop.end() for stop in _GLUED_STOP.finditer(block) if stop[1].lower() not in punkt.abbreviations]
    return sorted([*ends, *glued]) if glued else ends


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans in which sentences may run over line breaks, markers of list items left out."""
    front = FRONT_MATTER.match(text)
    position = start = front.end() if front else 0
    previous = ""
    for line in _LINE.findall(text, position):
        marker = _MARKER.match(line)
        stripped = line.strip()
        if start < position and (not stripped or marker or _ends_unit(previous, stripped)):
            yield from _bounded(text, start, position)
            start = position
        if marker and start == position:
            start += marker.end() if stripped else 0
        previous = stripped
        position += len(line)
    yield from _bounded(text, start, position)


def _ends_unit(line: str, following: str) -> bool:
    """Whether the line break between the two ends a unit rather than wraps a sentence."""
    if line.rstrip("”’」』）").endswith(_FULL_WIDTH_STOPS):
        return True
    if not line or not (following[0].isupper() or following[0].isdigit() or following[0] in '“"‘'):
        return False
    if line[-1] == ",":
        return following[0].isupper() and (len(line) > _WRAP_WIDTH or _PREAMBLE.match(following) is not None)
    if line[-1] in ";:" or _RUNS_ON.search(line):
        return line[-1] in ";:"
    return len(line) > _WRAP_WIDTH or (len(line) < _HEADING_WIDTH and not line.endswith(_SENTENCE_END))


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _BLOCK_LIMIT:
        space = text.rfind(" ", start + 1, start + _BLOCK_LIMIT)
        cut = space if space > 0 else start + _BLOCK_LIMIT
        yield start, cut
        start = cut
    if text[start:end].strip():
        yield start, end
