"""Several analyses -> what a report sets side by side: a matrix, a timeline, what changed from text to text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stance.aggregation import UNKNOWN, Matrix, Tally, make_matrix
from stance.comparison import Change, compare
from stance.document import Analysis
from stance.markup import Span, marked_up
from stance.rows import Row
from stance.terminal import head, one_line
from stance.tracing import Trajectory, in_order, trajectories

MOST_DOCUMENTS = 12  # columns that fit side by side; more are counted by issuer and not compared
_MOST_TARGETS = 20
_MOST_CHANGES = 40
_MOST_PATHS = 25
_NAME = 48  # characters of a column's heading
_CERTAIN = 0.8  # probability from which a stance is compared


class Cell(NamedTuple):
    """What was said of a target in one column: `level` is how one-sided it was, 0..4, the heights per cent."""

    stance: str
    level: int
    support: int
    condemn: int
    neutral: int
    up: int
    down: int


class GridRow(NamedTuple):
    """A target with its cells; `words` find it in the texts."""

    label: str
    words: str
    cells: Sequence[Cell | None]


class Grid(NamedTuple):
    """A table of targets by documents, issuers or time."""

    columns: Sequence[str]
    rows: Sequence[GridRow]


class Side(NamedTuple):
    """What one text says of a target that two texts treat differently; `quote` is safe HTML."""

    stance: str
    strength: int
    evidence: str
    quote: str


class Difference(NamedTuple):
    """A change from one text to the other."""

    kind: str
    target: str
    id: str
    sides: tuple[Side | None, Side | None]


class Path(NamedTuple):
    """A target with the stance and strength that each document takes on it."""

    label: str
    words: str
    points: Sequence[tuple[str, int] | None]


class Series(NamedTuple):
    """All of it; what there is nothing to show of is empty or None."""

    matrix: Grid | None
    timeline: Grid | None
    documents: Sequence[str]
    differences: Sequence[Difference]
    paths: Sequence[Path]


def make_series(analyses: Mapping[str, Analysis], rows: Sequence[Row]) -> Series:
    """What several texts, each under its name, say side by side; nothing for a single one."""
    if len(analyses) < 2:
        return Series(None, None, (), (), ())
    ordered = in_order(analyses)
    few = len(ordered) <= MOST_DOCUMENTS
    matrix = make_matrix(rows, ("target", "document" if few else "issuer"), most=_MOST_TARGETS)
    names = {name: _name(name, analysis) for name, analysis in ordered.items()}
    order = [name for name in ordered if name in matrix.columns] if few else list(matrix.columns)
    return Series(
        _grid(matrix, order, names),
        _timeline(rows),
        list(names.values()),
        _differences(ordered)[:_MOST_CHANGES] if len(ordered) == 2 else (),
        _paths(ordered)[:_MOST_PATHS] if 2 < len(ordered) <= MOST_DOCUMENTS else (),
    )


def _name(name: str, analysis: Analysis) -> str:
    facts = analysis.facts
    return head(one_line(f"{facts.date or ''} {facts.title or name}").strip(), _NAME)


def _timeline(rows: Sequence[Row]) -> Grid | None:
    """By year, or by month where all is of one year; None where all is of one month."""
    for facet, digits in (("year", 4), ("month", 7)):
        if len({row.date[:digits] for row in rows if row.date}) > 1:
            matrix = make_matrix(rows, ("target", facet), most=_MOST_TARGETS)
            return _grid(matrix, matrix.columns, {})
    return None


def _grid(matrix: Matrix, columns: Sequence[str], names: Mapping[str, str]) -> Grid | None:
    places = [matrix.columns.index(column) for column in columns if column != UNKNOWN]
    made = []
    for label, tallies in zip(matrix.rows, matrix.tallies, strict=True):
        id = next((tally.id for tally in tallies if tally), None)
        made.append(GridRow(label, id or label, [_cell(tallies[place]) for place in places]))
    shown = [names.get(column, column) for column in columns if column != UNKNOWN]
    return Grid(shown, made) if made and shown else None


def _cell(tally: Tally | None) -> Cell | None:
    if tally is None:
        return None
    stance = "support" if tally.net > 0 else "condemn" if tally.net < 0 else "mixed" if tally.support else "neutral"
    shares = (round(100 * tally.share(name)) for name in ("support", "condemn"))
    return Cell(stance, round(4 * abs(tally.net)), tally.support, tally.condemn, tally.neutral, *shares)


def _differences(analyses: Mapping[str, Analysis]) -> list[Difference]:
    (first, one), (second, other) = analyses.items()
    return [_difference(change) for change in compare(one, other, names=(first, second), min_confidence=_CERTAIN)]


def _difference(change: Change) -> Difference:
    sides = (_side(change.before), _side(change.after))
    return Difference(str(change.kind), one_line(change.target), change.id or "", sides)


def _side(row: Row | None) -> Side | None:
    if row is None:
        return None
    start, end = row.start - row.sentence_start, row.end - row.sentence_start
    quote = marked_up(row.sentence, [Span(start, end, f'<mark class="{row.stance} s{row.strength}">')])
    return Side(row.stance, row.strength, one_line(row.evidence), quote)


def _paths(analyses: Mapping[str, Analysis]) -> list[Path]:
    """The targets that at least two of the texts name, those whose stance turns most often first."""
    found = trajectories(analyses, min_confidence=_CERTAIN)
    return [_path(each) for each in found if sum(point is not None for point in each.points) > 1]


def _path(found: Trajectory) -> Path:
    points = [(point.stance, point.strength) if point else None for point in found.points]
    return Path(one_line(found.target), found.id or one_line(found.target), points)
