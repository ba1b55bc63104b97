"""Several analyses in order -> who used a phrase first, and how the stance on each target went from text to text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from stance.cues import stem
from stance.document import Analysis, Sentence, Stance, Tokens
from stance.lexicon import folded
from stance.matching import keys_of, most_frequent
from stance.rows import Row, named, rows_of
from stance.segmentation import tokenize

MIXED = "mixed"  # the stance of a text that both supports and condemns a target
_MIXED_FROM = 1 / 3  # share of the verdicts from which the rarer one counts


@dataclass(frozen=True, slots=True)
class Use:
    """One document and its use of a phrase.

    `count` says how often it stands there, `sentence` and the half-open `start:end` where it stands first; they are
    None where it does not. `first` marks the earliest document that has it. `stance` is that on the smallest target
    that holds the phrase or lies within it, or None.
    """

    document: str
    date: date | None
    count: int
    first: bool
    stance: str | None
    start: int | None
    end: int | None
    sentence: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """What one document says of a target: the stance that prevails, the greatest strength, and the strongest passage.

    `stance` is "mixed" where both verdicts make at least a third of them.
    """

    stance: str
    strength: int
    support: int
    condemn: int
    neutral: int
    passage: Row


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A target through several documents; a point is None where one does not name it, or not surely."""

    target: str
    id: str | None
    documents: tuple[str, ...]
    dates: tuple[date | None, ...]
    points: tuple[Point | None, ...]

    @property
    def judged(self) -> bool:
        """Whether any document takes a side."""
        return any(point is not None and point.stance != Stance.NEUTRAL for point in self.points)

    @property
    def turns(self) -> int:
        """How often the stance is another than in the document before; appearing and vanishing count."""
        told = [point.stance if point else None for point in self.points]
        return sum(one != other for one, other in pairwise(told))

    @property
    def rise(self) -> int:
        """The strength where it is last named less that where it is first, below zero for condemnation."""
        told = [_signed(point) for point in self.points if point]
        return told[-1] - told[0]


def trace(phrase: str, analyses: Mapping[str, Analysis] | Iterable[Analysis], *, exact: bool = False) -> list[Use]:
    """The use of a phrase in each document, in the order of their dates; undated ones keep their order and come last.

    Parameters
    ----------
    phrase
        Some words; case, line breaks and the form of quotation marks do not matter.
    analyses
        The documents by name; without names these are their titles.
    exact
        Whether the words must have the same endings: else "takes note of" finds "taking note of" too.

    Raises
    ------
    ValueError
        Where the phrase holds no word.

    Examples
    --------
    >>> from stance.analysis import analyze
    >>> texts = {"b": analyze("A just peace.", date="2023-05-01"), "a": analyze("We met.", date="2022-05-01")}
    >>> [(use.document, use.count, use.first) for use in trace("just peace", texts)]
    [('a', 0, False), ('b', 1, True)]
    """
    wanted = _forms(tokenize(phrase), exact)
    if not any(map(str.isalnum, "".join(wanted))):
        raise ValueError(f"phrase must hold a word, got {phrase!r}; give the words to look for")
    uses: list[Use] = []
    for name, analysis in in_order(named(analyses)).items():
        spans = [span for s in analysis.document.sentences for span in _spans(wanted, s, exact)]
        uses.append(_use(name, analysis, spans, first=bool(spans) and not any(use.count for use in uses)))
    return uses


def trajectories(
    analyses: Mapping[str, Analysis] | Iterable[Analysis], *, min_confidence: float = 0.8
) -> list[Trajectory]:
    """How each target fares from document to document, in the order of their dates.

    Those that change most come first, those that are merely mentioned last.

    Parameters
    ----------
    analyses
        The documents by name; without names these are their titles.
    min_confidence
        The probability, 0..1, that a stance must have to count.
    """
    ordered = in_order(named(analyses))
    rows = [row for name, analysis in ordered.items() for row in rows_of(name, analysis)]
    groups: dict[str, list[Row]] = {}
    for key, row in zip(keys_of(rows), rows, strict=True):
        if row.confidence >= min_confidence:
            groups.setdefault(key, []).append(row)
    found = [_trajectory(group, ordered) for group in groups.values()]
    return sorted(found, key=lambda t: (not t.judged, -t.turns, -abs(t.rise), t.target))


def in_order(analyses: Mapping[str, Analysis]) -> dict[str, Analysis]:
    """The analyses by date, those without one last; those of one day stay as they are."""
    latest = date.max
    return dict(sorted(analyses.items(), key=lambda item: item[1].facts.date or latest))


def _forms(tokens: Tokens, exact: bool) -> list[str]:
    keys = list(map(folded, tokens.words))
    return keys if exact else [stem(key) for key in keys]


def _spans(wanted: Sequence[str], sentence: Sentence, exact: bool) -> list[tuple[int, int]]:
    """Where a sentence holds the phrase, as characters of the text."""
    forms, size = _forms(sentence.tokens, exact), len(wanted)
    starts = [n for n in range(len(forms) - size + 1) if forms[n : n + size] == wanted]
    return [sentence.tokens.span(n, n + size) for n in starts]


def _use(name: str, analysis: Analysis, spans: Sequence[tuple[int, int]], first: bool) -> Use:
    if not spans:
        return Use(name, analysis.facts.date, 0, False, None, None, None, None)
    start, end = spans[0]
    sentence = next(s.text for s in analysis.document.sentences if s.start <= start < s.end)
    return Use(name, analysis.facts.date, len(spans), first, _stance_at(analysis, start, end), start, end, sentence)


def _stance_at(analysis: Analysis, start: int, end: int) -> str | None:
    """The stance on the smallest target that holds a span, else on the largest one within it."""
    around = [j for j in analysis if j.target.start <= start and end <= j.target.end]
    within = [j for j in analysis if start <= j.target.start and j.target.end <= end]
    if around:
        return str(min(around, key=lambda j: j.target.end - j.target.start).stance)
    return str(max(within, key=lambda j: j.target.end - j.target.start).stance) if within else None


def _trajectory(rows: Sequence[Row], analyses: Mapping[str, Analysis]) -> Trajectory:
    by_document: dict[str, list[Row]] = {}
    for row in rows:
        by_document.setdefault(row.file, []).append(row)
    points = tuple(_point(by_document[name]) if name in by_document else None for name in analyses)
    dates = tuple(analysis.facts.date for analysis in analyses.values())
    id = next((row.id for row in rows if row.id), None)
    wordings = Counter(" ".join(row.target.split()) for row in rows)
    return Trajectory(most_frequent(wordings), id, tuple(analyses), dates, points)


def _point(rows: Sequence[Row]) -> Point:
    count = Counter(row.stance for row in rows)
    support, condemn = count[Stance.SUPPORT], count[Stance.CONDEMN]
    stance = _prevailing(support, condemn)
    passage = max(rows, key=lambda row: (row.stance in (stance, MIXED), row.strength, row.confidence, -row.start))
    return Point(stance, passage.strength, support, condemn, count[Stance.NEUTRAL], passage)


def _signed(point: Point) -> int:
    return {str(Stance.SUPPORT): point.strength, str(Stance.CONDEMN): -point.strength}.get(point.stance, 0)


def _prevailing(support: int, condemn: int) -> str:
    """The stance of a text by its verdicts on a target."""
    if not support and not condemn:
        return str(Stance.NEUTRAL)
    if min(support, condemn) >= _MIXED_FROM * (support + condemn):
        return MIXED
    return str(Stance.SUPPORT if support > condemn else Stance.CONDEMN)
