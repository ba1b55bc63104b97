"""What all subcommands share: the texts that are named, their analyses, what is printed, and what is complained of."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import stance
from stance.document import Analysis
from stance.documents import find_files, read_text, write_lines
from stance.lexicon import Lexicon
from stance.manifest import Manifest, read_manifest
from stance.model import Model, load
from stance.rows import WRITERS
from stance.table import aligned
from stance.terminal import CLEARED_LINE, Paint, one_line, paint_for, progress_bar

# wrong with a file or a machine, or an extra that is not installed, rather than with us
EXPECTED = (OSError, ValueError, MemoryError, RecursionError, ImportError)
_MANY_FILES = 5  # up to here nobody waits long enough to want a progress bar
_DATED_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?!\d)")


def name_texts(options: argparse.Namespace, failures: list[str]) -> list[str]:
    """The files that the paths stand for; the output must be none of them."""
    found: dict[str, str] = {}  # each once, though it may be named beside its folder
    for name in _found(options.paths, failures):
        found.setdefault(os.path.abspath(name), name)
    names = list(found.values())
    if options.output and os.path.realpath(options.output) in map(os.path.realpath, names):
        options.parser.error(f"-o {options.output}: output must not be one of the texts; give another name")
    return names


def analyze_texts(
    names: Sequence[str], options: argparse.Namespace, failures: list[str]
) -> Iterator[tuple[str, Analysis]]:
    """Each file with its analysis; one that cannot be read is reported, added to `failures` and passed over.

    What a manifest gives of a file goes before what its text shows.
    """
    model = choose_model(options)
    manifest = Manifest({})
    if options.manifest:
        manifest = read_manifest(options.manifest)
        for file in manifest.unmatched(names):
            complain(f"note: {options.manifest}: {file} is none of the texts; name it as it stands beside the manifest")
    for number, name in enumerate(names):
        _show_progress(number, names)
        try:
            analysis: Analysis | None = _dated(
                name, stance.analyze(read_text(name), model=model, **manifest.of(name)._asdict())
            )
            reason = ""
        except EXPECTED as error:
            analysis, reason = None, reason_of(error)
        _hide_progress(names)
        if analysis is None:
            failures.append(name)
            complain(reason if name in reason else f"{name}: {reason}")
        else:
            yield name, analysis


def choose_model(options: argparse.Namespace, path: str | None = None) -> Model:
    """The model at `path`, or that is asked for, or the shipped one; it reads with the user's own tables, if any."""
    model = load(path or options.model)
    folder = getattr(options, "lexicon", None)
    return model.with_lexicon(Lexicon.read(folder)) if folder else model


def choose_paint(options: argparse.Namespace) -> Paint:
    """Colours for a terminal, none for a file."""
    return Paint(False) if options.output else paint_for(sys.stdout)


def format_lines(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], chosen: str, paint: Paint
) -> Iterator[str]:
    """Rows in the chosen format; the table of a terminal has all columns that the first row has."""
    return aligned(rows, paint) if chosen == "table" else WRITERS[chosen](rows, columns)


def write(lines: Iterable[str], output: str | None = None) -> None:
    """Print lines, or write them to a file."""
    if output:
        write_lines(lines, output)
        return
    for line in lines:
        print(line)


def complain(reason: str) -> None:
    """Say on standard error what is wrong."""
    for line in reason.splitlines():
        print(f"stance: {one_line(line)}", file=sys.stderr)


def reason_of(error: BaseException) -> str:
    """An error as a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'output'}: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def _found(paths: Iterable[str], failures: list[str]) -> Iterator[str]:
    for path in paths:
        try:
            yield from find_files(path)
        except EXPECTED as error:
            failures.append(path)
            complain(reason_of(error))


def _dated(name: str, analysis: Analysis) -> Analysis:
    """The analysis with the date that begins the name of its file, where its text shows none."""
    match = _DATED_NAME.match(Path(name).name)
    if match is None or analysis.facts.date is not None:
        return analysis
    try:
        return replace(analysis, facts=replace(analysis.facts, date=date.fromisoformat(match[1])))
    except ValueError:  # such as 2024-99-99
        return analysis


def _show_progress(done: int, names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(progress_bar(done, len(names), names[done]), end="", file=sys.stderr, flush=True)


def _hide_progress(names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(CLEARED_LINE, end="", file=sys.stderr, flush=True)
