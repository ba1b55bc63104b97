"""The subcommands that set several texts side by side: aggregate, compare, trace, ladder, plot."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from stance import plot
from stance.aggregation import SHORT, aggregate, checked_facets, make_matrix
from stance.comparison import Change, ChangeKind, compare
from stance.console import (
    analyze_texts,
    choose_paint,
    complain,
    format_lines,
    name_texts,
    write,
)
from stance.document import Analysis
from stance.inputs import is_table
from stance.ladders import Footing, climb, read_ladder
from stance.rows import Row, Selection, format_for, rows_of
from stance.stored_rows import read_rows
from stance.table import excerpt
from stance.terminal import Paint, head, one_line, width_of_terminal
from stance.tracing import Trajectory, Use, trace, trajectories

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_READOUTS = {
    ChangeKind.REVERSED: "contradiction",
    ChangeKind.HARDENED: "stronger in second",
    ChangeKind.SOFTENED: "weaker in second",
    ChangeKind.NEW: "only in second",
    ChangeKind.DROPPED: "only in first",
}


def _aggregate(options: argparse.Namespace) -> int:
    facets, chosen = _facets(options.by), _format(options)
    rows, failures = _rows(options)
    tallies = aggregate(rows, facets, min_support=options.min_support)[: options.most]
    short = chosen in ("table", "markdown")
    lines = [tally.short_row() if short else tally.as_row() for tally in tallies]
    columns = list(lines[0]) if lines else [*facets, *SHORT]
    write(format_lines(lines, columns, chosen, choose_paint(options)), options.output)
    return 1 if failures else 0


def _facets(by: str) -> tuple[str, ...]:
    return checked_facets([facet.strip() for facet in by.split(",")])


def _compare(options: argparse.Namespace) -> int:
    chosen = _format(options)
    analyses, failures = _analyses(options)
    if len(analyses) < 2:
        complain(f"compare: must have two texts to compare, got {len(analyses)}; name more files")
        return 1
    if len(analyses) == 2:
        _compare_two(analyses, options, chosen)
    else:
        _compare_many(analyses, options, chosen)
    return 1 if failures else 0


def _compare_two(analyses: Mapping[str, Analysis], options: argparse.Namespace, chosen: str) -> None:
    (first, one), (second, other) = analyses.items()
    found = compare(one, other, names=(first, second), min_confidence=options.min_confidence)
    wanted = Selection(targets=tuple(options.target or ()))
    kept = [change for change in found if any(wanted.keeps(row) for row in change.passages)][: options.most]
    if chosen == "table":
        write(_change_lines(kept, (first, second), options.readouts, choose_paint(options)), options.output)
        return
    rows = [_change_row(change, options.readouts) for change in kept]
    write(format_lines(rows, _CHANGE_COLUMNS, chosen, choose_paint(options)), options.output)


def _compare_many(analyses: Mapping[str, Analysis], options: argparse.Namespace, chosen: str) -> None:
    wanted = Selection(targets=tuple(options.target or ()))
    found = trajectories(analyses, min_confidence=options.min_confidence)
    kept = [path for path in found if any(point and wanted.keeps(point.passage) for point in path.points)]
    columns = _headings(kept[0]) if kept else ["target", "id"]
    rows = [dict(zip(columns, _cells(path), strict=True)) for path in kept[: options.most]]
    write(format_lines(rows, columns, chosen, choose_paint(options)), options.output)


def _trace(options: argparse.Namespace) -> int:
    chosen = _format(options)
    analyses, failures = _analyses(options)
    uses = trace(options.phrase, analyses, exact=options.exact)
    rows = [_use_row(use, short=chosen == "table") for use in uses]
    write(format_lines(rows, list(_USE_COLUMNS), chosen, choose_paint(options)), options.output)
    return 1 if failures else 0


def _ladder(options: argparse.Namespace) -> int:
    ladder, chosen = read_ladder(options.ladder), _format(options)
    rows, failures = _rows(options)
    lines = [_footing_row(footing, short=chosen == "table") for footing in climb(ladder, rows)]
    write(format_lines(lines, list(_FOOTING_COLUMNS), chosen, choose_paint(options)), options.output)
    return 1 if failures else 0


def _plot(options: argparse.Namespace) -> int:
    if not options.output:
        options.parser.error("-o: must name the file to draw to, got none; give one that ends in .png, .pdf or .svg")
    if options.figure == "slopes":
        failures = _plot_slopes(options)
    else:
        facets = _facets(options.by or _FACETS[options.figure])
        if options.figure == "matrix" and len(facets) != 2:
            options.parser.error(f"--by: must name two facets for a matrix, got {options.by!r}; give issuer,target")
        rows, failures = _rows(options)
        _save(_FIGURES[options.figure](rows, facets, options), options.output)
    return 1 if failures else 0


def _plot_slopes(options: argparse.Namespace) -> list[str]:
    if any(map(is_table, options.paths)):
        raise ValueError(f"slopes: must have two texts, got a table in {', '.join(options.paths)}; name two texts")
    analyses, failures = _analyses(options)
    if len(analyses) != 2:
        raise ValueError(f"slopes: must have two texts, got {len(analyses)}; name two files")
    (first, one), (second, other) = analyses.items()
    changes = compare(one, other, names=(first, second), min_confidence=options.min_confidence)
    names = (Path(first).stem, Path(second).stem)
    _save(plot.draw_slopes(changes, names=names, title=options.title, most=options.most), options.output)
    return failures


def _save(ax: Axes, output: str) -> None:
    try:
        plot.save(ax, output)
    finally:
        plot.close(ax)


def _draw_matrix(rows: Sequence[Row], facets: Sequence[str], options: argparse.Namespace) -> Axes:
    first, second = facets
    return plot.draw_matrix(make_matrix(rows, (first, second), most=options.most), title=options.title)


def _draw_timeline(rows: Sequence[Row], facets: Sequence[str], options: argparse.Namespace) -> Axes:
    title = options.title or ", ".join(options.target or ["all targets"])
    return plot.draw_timeline(aggregate(rows, facets), title=title)


def _draw_bars(rows: Sequence[Row], facets: Sequence[str], options: argparse.Namespace) -> Axes:
    return plot.draw_bars(aggregate(rows, facets), title=options.title, most=options.most)


_FACETS = {"matrix": "issuer,target", "timeline": "year", "bars": "target"}  # unless others are named
_FIGURES: dict[str, Callable[[Sequence[Row], Sequence[str], argparse.Namespace], Axes]] = {
    "matrix": _draw_matrix,
    "timeline": _draw_timeline,
    "bars": _draw_bars,
}
SERIES_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "aggregate": _aggregate,
    "compare": _compare,
    "trace": _trace,
    "ladder": _ladder,
    "plot": _plot,
}
_CHANGE_COLUMNS = (
    "change", "target", "id", "stance_before", "strength_before", "evidence_before", "quote_before",
    "stance_after", "strength_after", "evidence_after", "quote_after",
)  # fmt: skip
_USE_COLUMNS = ("document", "date", "count", "first", "stance", "sentence")
_FOOTING_COLUMNS = ("document", "date", "target", "step", "rung", "words", "sentence")


def _analyses(options: argparse.Namespace) -> tuple[dict[str, Analysis], list[str]]:
    failures: list[str] = []
    return dict(analyze_texts(name_texts(options, failures), options, failures)), failures


def _rows(options: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """The wanted rows of all tables and texts; the analyses of texts are let go one by one."""
    failures: list[str] = []
    wanted = Selection(targets=tuple(options.target or ()), min_confidence=options.min_confidence)
    names = name_texts(options, failures)
    tables = [] if options.text_column else [name for name in names if is_table(name)]
    stored = (row for name in tables for row in read_rows(name))
    texts = names if options.text_column else [name for name in names if not is_table(name)]
    analysed = analyze_texts(texts, options, failures, alone=not tables) if texts or not tables else ()
    made = (row for name, analysis in analysed for row in rows_of(name, analysis))
    return [row for row in chain(stored, made) if wanted.keeps(row)], failures


def _format(options: argparse.Namespace) -> str:
    """The format to write; asked before texts are analysed, since an ending may stand for none."""
    return str(options.format or format_for(options.output))


def _change_lines(changes: Sequence[Change], names: Sequence[str], readouts: bool, paint: Paint) -> Iterator[str]:
    """Each change in a heading of its own, and under it the passage of each text."""
    width = width_of_terminal() - 4
    for letter, name in zip("AB", names, strict=True):
        yield f"{letter}: {one_line(name)}"
    if not changes:
        yield "no changes"
    for change in changes:
        yield ""
        name = f" ({change.id})" if change.id else ""
        yield paint(f"{_kind(change, readouts)}: {one_line(change.target)}{name}", "heading")
        for letter, row in (("A", change.before), ("B", change.after)):
            if row:
                yield f"  {letter} {row.stance} {row.strength}"
                yield f"    {excerpt(row, width, paint)}"


def _kind(change: Change, readouts: bool) -> str:
    return _READOUTS.get(change.kind, str(change.kind)) if readouts else str(change.kind)


def _change_row(change: Change, readouts: bool) -> dict[str, object]:
    made: dict[str, object] = {"change": _kind(change, readouts), "target": change.target, "id": change.id}
    for side, row in (("before", change.before), ("after", change.after)):
        made |= {
            f"stance_{side}": row.stance if row else None,
            f"strength_{side}": row.strength if row else None,
            f"evidence_{side}": row.evidence if row else None,
            f"quote_{side}": row.sentence if row else None,
        }
    return made


def _headings(path: Trajectory) -> list[str]:
    """The columns of trajectories; a document goes by its date, its name or its path, the first that no other has."""
    stems = [Path(name).stem for name in path.documents]
    headings = ["target", "id"]
    for name, stem, day in zip(path.documents, stems, path.dates, strict=True):
        heading = str(day) if day and path.dates.count(day) == 1 else stem if stems.count(stem) == 1 else name
        headings.append(f"{heading} (text)" if heading in headings else heading)
    return headings


def _cells(path: Trajectory) -> list[str | None]:
    """The target, and the stance and strength on it in each document."""
    return [path.target, path.id, *(f"{point.stance} {point.strength}" if point else "-" for point in path.points)]


def _use_row(use: Use, short: bool) -> dict[str, object]:
    cells = (use.document, use.date, use.count, "first" if use.first else "", use.stance, _shown(use.sentence, short))
    row: dict[str, object] = dict(zip(_USE_COLUMNS, cells, strict=True))
    return row | {"date": str(use.date) if use.date else None, "document": _document(use.document, short)}


def _footing_row(footing: Footing, short: bool) -> dict[str, object]:
    row, rung = footing.passage, footing.rung
    cells = (_document(row.file, short), row.date, row.target, rung.step, rung.phrase, footing.words)
    return dict(zip(_FOOTING_COLUMNS, (*cells, _shown(row.sentence, short)), strict=True))


def _document(name: str, short: bool) -> str:
    return head(Path(name).name, 40) if short else name


def _shown(sentence: str | None, short: bool) -> str | None:
    return head(one_line(sentence), 70) if sentence and short else sentence
