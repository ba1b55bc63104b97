"""Rows -> counts of stances by target, holder, issuer, document or time, with shares and how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import fmean

from stance.document import Stance
from stance.lexicon import Entry, load_lexicon
from stance.matching import keys_of, most_frequent
from stance.rows import Row
from stance.terminal import one_line

UNKNOWN = "unknown"  # what a row counts under whose document has no date or issuer
SHORT = ("id", "kind", "support", "condemn", "neutral", "net", "strength", "documents", "few")  # columns for reading
_TIMES = ("month", "year")
_NAMED = ("target", "holder", "issuer")  # facets whose keys may be ids
_Z = 1.959964  # of the normal distribution, for intervals of 95%


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each stance was taken in one group of rows.

    Attributes
    ----------
    facets
        What the rows of the group share: {"target": "Iran", "year": "2024"}.
    id, kind
        Those of the target, where rows are grouped by target.
    support, condemn, neutral
        How many judgements.
    strengths
        The strengths of the verdicts, 1..5, sorted.
    documents
        How many different documents.
    few
        Whether there are fewer judgements than the minimum support that was asked for.
    """

    facets: Mapping[str, str]
    id: str | None
    kind: str | None
    support: int
    condemn: int
    neutral: int
    strengths: tuple[int, ...]
    documents: int
    few: bool

    @property
    def total(self) -> int:
        """How many judgements."""
        return self.support + self.condemn + self.neutral

    @property
    def net(self) -> float:
        """The share of support less that of condemn, -1..1."""
        return (self.support - self.condemn) / self.total

    @property
    def strength(self) -> float | None:
        """The mean strength of the verdicts, 1..5; None where there is none."""
        return fmean(self.strengths) if self.strengths else None

    def share(self, stance: str) -> float:
        """The share of a stance, 0..1."""
        return self._count(stance) / self.total

    def interval(self, stance: str) -> tuple[float, float]:
        """The 95% Wilson interval of the share of a stance."""
        return wilson(self._count(stance), self.total)

    def as_row(self) -> dict[str, object]:
        """All of it as one flat row, the facets first."""
        shares: dict[str, object] = {}
        for stance in Stance:
            low, high = self.interval(stance)
            shares |= {f"{stance}_share": round(self.share(stance), 4)}
            shares |= {f"{stance}_low": round(low, 4), f"{stance}_high": round(high, 4)}
        strength = None if self.strength is None else round(self.strength, 3)
        counts = {"support": self.support, "condemn": self.condemn, "neutral": self.neutral}
        last = {"net": round(self.net, 3), "strength": strength, "documents": self.documents, "few": self.few}
        return {**self.facets, "id": self.id, "kind": self.kind, **counts, **last, **shares}

    def short_row(self) -> dict[str, object]:
        """The facets and the columns that people read first."""
        row = self.as_row()
        columns = [name for name in (*self.facets, *SHORT) if "target" in self.facets or name not in ("id", "kind")]
        return {name: row[name] for name in columns} | {"few": "few" if self.few else ""}

    def _count(self, stance: str) -> int:
        return {Stance.SUPPORT: self.support, Stance.CONDEMN: self.condemn, Stance.NEUTRAL: self.neutral}[
            Stance(stance)
        ]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Tallies by two facets; `tallies[i][j]` is that of `rows[i]` and `columns[j]`, None where nothing was said."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    tallies: tuple[tuple[Tally | None, ...], ...]


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95% interval of a share by Wilson's score (Wilson 1927), which stays within 0..1 however few there are.

    >>> [round(bound, 3) for bound in wilson(9, 10)]
    [0.596, 0.982]
    """
    if not total:
        return 0.0, 1.0
    share = count / total
    middle = share + _Z**2 / (2 * total)
    half = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    scale = 1 + _Z**2 / total
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def aggregate(rows: Iterable[Row], by: Sequence[str] | str = "target", *, min_support: int = 1) -> list[Tally]:
    """Count stances, the groups with most verdicts first, those of one group in the order of time.

    Parameters
    ----------
    rows
        Those of any number of documents, from `rows_of`.
    by
        One or several of "target", "holder", "issuer", "document", "month", "year". Mentions of a target under
        several names are one group. A document of several issuers counts for each of them.
    min_support
        Groups with fewer judgements than this are marked as `few`.

    Raises
    ------
    ValueError
        Where a facet has another name, or is named twice.

    Examples
    --------
    >>> from stance.analysis import analyze
    >>> from stance.rows import rows_of
    >>> tallies = aggregate(rows_of("a.txt", analyze("We condemn Iran. We condemn Tehran. We thank Oman.")))
    >>> [(tally.facets["target"], tally.support, tally.condemn) for tally in tallies]
    [('Iran', 0, 2), ('Oman', 1, 0)]
    """
    facets = checked_facets(by)
    rows = list(rows)
    if rows and not isinstance(rows[0], Row):
        raise TypeError(f"rows must be Row, got {type(rows[0]).__name__}; give `rows_of(name, analysis)`")
    targets = keys_of(rows) if "target" in facets else [""] * len(rows)
    parts = [
        [[target] for target in targets] if facet == "target" else [_KEYS[facet](row) for row in rows]
        for facet in facets
    ]
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row, *its in zip(rows, *parts, strict=True):
        for key in product(*its):
            groups.setdefault(key, []).append(row)
    # each row counts once for the wording, so that a group has the same name whatever it is counted beside
    labels = [
        _labels(facet, [(part, row) for row, its in zip(rows, side, strict=True) for part in its])
        for facet, side in zip(facets, parts, strict=True)
    ]
    made = {
        key: _tally(facets, [labels[place][part] for place, part in enumerate(key)], group, min_support)
        for key, group in groups.items()
    }
    return _ordered(facets, made)


def make_matrix(rows: Iterable[Row], by: tuple[str, str] = ("holder", "target"), *, most: int = 20) -> Matrix:
    """The tallies by two facets, of the `most` values of each that bear most verdicts."""
    rows = list(rows)
    named = [[tally.facets[facet] for tally in aggregate(rows, facet)] for facet in by]
    sides = [[name for name in names if name != UNKNOWN][:most] for names in named]
    if set(by) & set(_TIMES):
        sides = [sorted(side) if facet in _TIMES else side for facet, side in zip(by, sides, strict=True)]
    found = {(tally.facets[by[0]], tally.facets[by[1]]): tally for tally in aggregate(rows, by)}
    return Matrix(tuple(sides[0]), tuple(sides[1]), tuple(tuple(found.get((a, b)) for b in sides[1]) for a in sides[0]))


def checked_facets(by: Sequence[str] | str) -> tuple[str, ...]:
    """The facets, if there are such.

    Raises
    ------
    ValueError
        Where one has another name, or is named twice.
    """
    facets = (by,) if isinstance(by, str) else tuple(by)
    if not facets or len(set(facets)) < len(facets) or not set(facets) <= set(FACETS):
        raise ValueError(f"by must name different ones of {', '.join(FACETS)}, got {by!r}; fix the names")
    return facets


def _holder(row: Row) -> str:
    return f"id {row.holder_id}" if row.holder_id else one_line(row.holder).casefold()


_KEYS: dict[str, Callable[[Row], Sequence[str]]] = {
    "holder": lambda row: [_holder(row)],
    "issuer": lambda row: row.issuers.split("; ") if row.issuers else [UNKNOWN],
    "document": lambda row: [row.file],
    "month": lambda row: [row.date[:7] if row.date else UNKNOWN],
    "year": lambda row: [row.date[:4] if row.date else UNKNOWN],
}
FACETS = ("target", *_KEYS)


def _labels(facet: str, keyed: Iterable[tuple[str, Row]]) -> dict[str, str]:
    """How each key is written: the names that the tables give to an id or several, else its most frequent wording.

    Where several would be written alike, those with an id have it behind: "Council", "Council (euco)".
    """
    actors = load_lexicon().actors if facet in _NAMED else {}
    wordings: dict[str, Counter[str]] = {}
    for key, row in keyed:
        counter = wordings.get(key) or wordings.setdefault(key, Counter())
        counter[row.target if facet == "target" else row.holder if facet == "holder" else key] += 1
    labels = {key: _names(key, actors) or _wording(wordings[key]) for key in wordings}
    often = Counter(labels.values())
    return {
        key: f"{label} ({key.removeprefix('id ')})" if often[label] > 1 and key.startswith("id ") else label
        for key, label in labels.items()
    }


def _names(key: str, actors: Mapping[str, Entry]) -> str:
    """The names of the one or several ids ("PER+TCD") that a key holds; "" where one is unknown."""
    entries = [actors.get(identity) for identity in key.removeprefix("id ").split("+")]
    names = [entry.name for entry in entries if entry]
    return ", ".join(names) if len(names) == len(entries) else ""


def _wording(wordings: Counter[str]) -> str:
    """The most frequent wording, those that differ in white space counted together."""
    merged: Counter[str] = Counter()
    for wording, count in wordings.items():
        merged[one_line(wording)] += count
    return most_frequent(merged)


def _tally(facets: Sequence[str], labels: Sequence[str], rows: Sequence[Row], min_support: int) -> Tally:
    count = Counter(row.stance for row in rows)
    of_target = "target" in facets
    return Tally(
        dict(zip(facets, labels, strict=True)),
        next((row.id for row in rows if row.id), None) if of_target else None,
        most_frequent(Counter(row.kind for row in rows)) if of_target else None,
        count[Stance.SUPPORT],
        count[Stance.CONDEMN],
        count[Stance.NEUTRAL],
        tuple(sorted(row.strength for row in rows if row.stance != Stance.NEUTRAL)),
        len({row.file for row in rows}),
        len(rows) < min_support,
    )


def _ordered(facets: Sequence[str], tallies: Mapping[tuple[str, ...], Tally]) -> list[Tally]:
    """The groups that share all but the time together, those with most verdicts first."""
    timeless = [place for place, facet in enumerate(facets) if facet not in _TIMES]
    verdicts: Counter[tuple[str, ...]] = Counter()
    mentions: Counter[tuple[str, ...]] = Counter()
    wholes = {key: tuple(key[place] for place in timeless) for key in tallies}
    for key, tally in tallies.items():
        verdicts[wholes[key]] += tally.support + tally.condemn
        mentions[wholes[key]] += tally.neutral
    order = sorted(tallies, key=lambda key: (-verdicts[wholes[key]], -mentions[wholes[key]], wholes[key], key))
    return [tallies[key] for key in order]
