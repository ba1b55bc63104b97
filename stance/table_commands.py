"""The subcommands for tables of data: table, actors."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from stance.console import (
    analyze_texts,
    choose_paint,
    complain,
    format_lines,
    name_texts,
    write,
)
from stance.frame import BINARY, require, write_frame
from stance.registry import Actor, list_actors, search_actors
from stance.rows import WRITERS, Row, format_for, rows_of
from stance.terminal import head


def _table(options: argparse.Namespace) -> int:
    failures: list[str] = []
    ending = Path(options.output or "").suffix.lower()
    if ending in BINARY:
        require("pandas", BINARY[ending])  # before an hour of work, not after it
    elif options.output and ending not in _ENDINGS:
        options.parser.error(f"-o {options.output}: output must end in {', '.join(_ENDINGS)}; give another name")
    rows = _rows(options, failures)
    if ending in BINARY:
        write_frame(list(rows), options.output)
    else:
        chosen = format_for(options.output) if options.output else "csv"
        write(WRITERS[chosen]((row._asdict() for row in rows), Row._fields), options.output)
    return 1 if failures else 0


def _rows(options: argparse.Namespace, failures: list[str]) -> Iterator[Row]:
    names = name_texts(options, failures)
    for name, analysis in analyze_texts(names, options, failures):
        yield from rows_of(name, analysis)


def _actors(options: argparse.Namespace) -> int:
    words = " ".join(options.words)
    found = [actor for actor in list_actors(options.lexicon) if not options.kind or actor.kind == options.kind]
    found = search_actors(found, words) if words else found
    if not found:
        complain(f"actors: no actor goes by {words!r}; add it to a table of yours and name its folder with --lexicon")
        return 1
    if options.format == "table":
        found = [actor._replace(names=head(actor.names, _WIDTH), people=head(actor.people, _WIDTH)) for actor in found]
    rows = [actor._asdict() for actor in found]
    write(format_lines(rows, Actor._fields, options.format, choose_paint(options)), options.output)
    return 0


_WIDTH = 40  # columns of a terminal for all names of an actor
_ENDINGS = (".csv", ".jsonl", ".json", ".md", *BINARY)
TABLE_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"table": _table, "actors": _actors}
