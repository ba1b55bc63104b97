"""Rows -> the tables that people read in a terminal, with excerpts that show what carries each stance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from stance.rows import STANCES_AS_READ, Row
from stance.terminal import Paint, columns_of, head, one_line, pad, tail, width_of_terminal

_GAP = "  "
_DEEPEST = 3  # levels of nesting that are shown by indenting
_CONTEXT = 8  # columns of an excerpt that are left for other words than evidence and target
_HEADING = ("stance", "target", "kind/id", "conf.", "holder", "in the sentence")
_WIDE = 100  # columns of a terminal that has room for the holder


def format_table(rows: Sequence[Row], paint: Paint) -> Iterator[str]:
    """The table of one file for people: its heading, a line for each row with an excerpt, and the counts.

    Targets inside others are indented. In the excerpt the target stands in brackets and the evidence between stars, or
    both in colour. The holder is told where it is not the same in all rows and the terminal has room for it.
    """
    if not rows:
        yield "no targets"
        return
    targets = [_GAP * depth + one_line(row.target) for row, depth in zip(rows, _depths(rows), strict=True)]
    names = [one_line(row.id or row.kind) for row in rows]
    holders = [one_line(row.holder_id or row.holder) for row in rows]
    told = len(set(holders)) > 1 and width_of_terminal() >= _WIDE
    columns = [column for column in _HEADING if told or column != "holder"]
    widths = _widths(columns, {"target": targets, "kind/id": names, "holder": holders})
    yield paint(_GAP.join(pad(column, widths[column]) for column in columns).rstrip(), "heading")
    for row, target, name, holder in zip(rows, targets, names, holders, strict=True):
        cells = {
            "stance": paint(pad(row.stance, widths["stance"]), row.stance),
            "target": pad(target, widths["target"]),
            "kind/id": pad(name, widths["kind/id"]),
            "conf.": f"{row.confidence:>4.0%} ",
            "holder": pad(holder, widths.get("holder", 0)),
            "in the sentence": excerpt(row, widths["in the sentence"], paint),
        }
        yield _GAP.join(cells[column] for column in columns)
    yield paint(_counts(rows), "heading")


def excerpt(row: Row, width: int, paint: Paint) -> str:
    """The sentence of a row in at most `width` columns: its evidence, its target, and as much around them as fits."""
    before, evidence, between, target, after = (one_line(part) for part in _parts(row))
    room = width - paint.width_of_marks("target") - (paint.width_of_marks("evidence") if evidence else 0)
    target = head(target, max(room // 2, room - columns_of(evidence) - _CONTEXT))
    evidence = head(evidence, room - columns_of(target) - 1)
    room -= columns_of(evidence) + columns_of(target)
    if columns_of(between) > room:
        between = " " + tail(between, room - 1)
    room -= columns_of(between)
    after = head(after, max(room // 2, room - columns_of(before)))
    before = tail(before, room - columns_of(after))
    return f"{before}{paint(evidence, 'evidence')}{between}{paint(target, 'target', row.stance)}{after}"


def aligned(rows: Sequence[Mapping[str, object]], paint: Paint) -> Iterator[str]:
    """Rows in columns under a heading; numbers stand to the right, and the first text column takes what is left."""
    names = list(rows[0]) if rows else []
    cells = {name: [_cell(row[name]) for row in rows] for name in names}
    widths = {name: max(columns_of(cell) for cell in [name, *cells[name]]) for name in names}
    if names:
        spare = width_of_terminal() - sum(widths.values()) - len(_GAP) * (len(names) - 1)
        widths[names[0]] = max(widths[names[0]] + min(spare, 0), 16)
        yield paint(_GAP.join(_padded(n, widths[n], _is_number(rows[0][n])) for n in names).rstrip(), "heading")
    for number, row in enumerate(rows):
        yield _GAP.join(_padded(cells[n][number], widths[n], _is_number(row[n])) for n in names).rstrip()


def _depths(rows: Sequence[Row]) -> Iterator[int]:
    """How many rows before it hold each row's target."""
    opened: list[Row] = []
    for row in rows:
        opened = [outer for outer in opened if row.end <= outer.end]
        yield min(len(opened), _DEEPEST)
        opened.append(row)


def _widths(columns: Sequence[str], cells: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The width of each column, which together fill the terminal."""
    total = width_of_terminal()
    widest = {column: max(map(columns_of, [column, *cells[column]])) for column in cells if column in columns}
    widths = {"stance": len("condemn"), "conf.": len("conf."), "kind/id": min(widest["kind/id"], total // 7)}
    if "holder" in columns:
        widths["holder"] = min(widest["holder"], total // 8)
    rest = total - sum(widths.values()) - len(_GAP) * (len(columns) - 1)
    widths["target"] = min(widest["target"], rest * 2 // 5)
    return widths | {"in the sentence": rest - widths["target"]}


def _counts(rows: Sequence[Row]) -> str:
    count = Counter(row.stance for row in rows)
    stances = ", ".join(f"{count[stance]} {stance}" for stance in STANCES_AS_READ)
    return f"{len(rows)} {'target' if len(rows) == 1 else 'targets'}: {stances}"


def _parts(row: Row) -> tuple[str, str, str, str, str]:
    """The sentence cut into what stands before the evidence, the evidence, between, the target, and behind it."""
    first, last = row.start - row.sentence_start, row.end - row.sentence_start
    sentence = row.sentence
    found = list(re.finditer(rf"(?<!\w){re.escape(row.evidence)}(?!\w)", sentence[:first])) if row.evidence else []
    start, end = found[-1].span() if found else (first, first)
    return sentence[:start], sentence[start:end], sentence[end:first], sentence[first:last], sentence[last:]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "" if value is None else one_line(str(value))


def _padded(text: str, width: int, right: bool) -> str:
    return " " * (width - columns_of(text)) + text if right else pad(text, width)
