"""What all subcommands share: the texts that are named, their analyses, what is printed, and what is complained of."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from pathlib import Path

import stance
from stance.corpus import Entry, Unread, read_corpus
from stance.document import Analysis
from stance.documents import STANDARD_INPUT, find_files, read_text, write_lines
from stance.inputs import is_table
from stance.lexicon import Lexicon
from stance.manifest import Manifest, read_manifest
from stance.model import Model, load
from stance.rows import WRITERS
from stance.table import aligned
from stance.terminal import CLEARED_LINE, Paint, one_line, paint_for, progress_bar

# wrong with a file or a machine, or an extra that is not installed, rather than with us
EXPECTED = (OSError, ValueError, MemoryError, RecursionError, ImportError)
_MANY_FILES = 5  # up to here nobody waits long enough to want a progress bar
_MOST_NAMED = 3  # files of a folder that are passed over
_FEW_WORDS = 15  # that no language can be told by
_LEAST_ENGLISH = 0.33  # share of function words; real statements have 0.40 to 0.58, French 0, German 0.27
_NO_MANIFEST = Manifest({})
_DATED_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?!\d)")


def name_texts(options: argparse.Namespace, failures: list[str]) -> list[str]:
    """The files that the paths stand for; the output must be none of them."""
    found: dict[str, str] = {}  # each once, though it may be named beside its folder
    for name in _found(options, failures):
        found.setdefault(os.path.abspath(name), name)
    names = list(found.values())
    if options.output and os.path.realpath(options.output) in map(os.path.realpath, names):
        options.parser.error(f"-o {options.output}: output must not be one of the texts; give another name")
    return names


def analyze_texts(
    names: Sequence[str], options: argparse.Namespace, failures: list[str], *, alone: bool = True
) -> Iterator[tuple[str, Analysis]]:
    """Each text with its analysis; one that cannot be read is reported, added to `failures` and passed over.

    What a manifest gives of a file goes before what its text shows. `alone` tells that nothing else goes into the
    output, which then stays as it is where no text could be read.
    """
    model = choose_model(options)
    manifest = _NO_MANIFEST
    if options.manifest:
        manifest = read_manifest(options.manifest)
        for file in manifest.unmatched(names):
            complain(f"note: {options.manifest}: {file} is none of the texts; name it as it stands beside the manifest")
    taken, read = set(names), False
    for number, name in enumerate(names):
        _show_progress(number, names)
        for entry in entries(name, options.text_column, taken, manifest):
            outcome = _outcome(entry, model)
            _hide_progress(names)
            if isinstance(outcome, Exception):
                failures.append(entry.name)
                reason = reason_of(outcome)
                complain(reason if entry.name in reason else f"{entry.name}: {reason}")
                continue
            if _is_foreign(outcome, model.lexicon):
                complain(f"note: {entry.name}: text does not read like English; what is found in it means nothing")
            taken.add(entry.name)
            read = True
            yield entry.name, outcome
    if alone:
        check_any_read(read, options, failures)


def check_any_read(read: bool, options: argparse.Namespace, failures: Sequence[str]) -> None:
    """Raise a ValueError where no text could be read, or an output of before would give way to an empty one."""
    if options.output and failures and not read:
        raise ValueError(f"-o {options.output}: nothing is written, since no text could be read; name one that can be")


def _outcome(entry: Entry | Unread, model: Model) -> Analysis | Exception:
    if isinstance(entry, Unread):
        return entry.error
    try:
        return _dated(entry.name, stance.analyze(entry.text, model=model, **entry.given._asdict()))
    except EXPECTED as error:
        return error


def entries(
    name: str, column: str | None, taken: Set[str], manifest: Manifest = _NO_MANIFEST
) -> Iterator[Entry | Unread]:
    """The text of a file, or those in a column of a table; what cannot be read stands in its place with the reason.

    No text of a table goes by a name that is `taken`.
    """
    try:
        if column and name == STANDARD_INPUT:
            raise ValueError(f"{name}: table must be a file, got standard input; save it as .csv, .tsv or .jsonl")
        given = manifest.of(name)
        if not is_table(name):
            yield Entry(name, read_text(name), given)
        elif column:
            for entry in read_corpus(name, column, taken):
                yield entry if isinstance(entry, Unread) else entry._replace(given=entry.given.or_else(given))
        else:
            raise ValueError(f"{name}: file must be a text, got a table; name the column of its texts: --text-column")
    except EXPECTED as error:
        yield Unread(name, error)


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


def _found(options: argparse.Namespace, failures: list[str]) -> Iterator[str]:
    known = {os.path.realpath(file) for file in (options.output, getattr(options, "manifest", None)) if file}
    for path in options.paths:
        passed_over: list[str] = []
        try:
            yield from find_files(path, passed_over)
        except EXPECTED as error:
            failures.append(path)
            complain(reason_of(error))
            continue
        others = [name for name in passed_over if os.path.realpath(Path(path, name)) not in known]
        if others:
            more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
            complain(f"note: {path}: no texts by their endings, passed over: {', '.join(others[:_MOST_NAMED])}{more}")


def _dated(name: str, analysis: Analysis) -> Analysis:
    """The analysis with the date that begins the name of its file, where its text shows none."""
    match = _DATED_NAME.match(Path(name).name)
    if match is None or analysis.facts.date is not None:
        return analysis
    try:
        return replace(analysis, facts=replace(analysis.facts, date=date.fromisoformat(match[1])))
    except ValueError:  # such as 2024-99-99
        return analysis


def _is_foreign(analysis: Analysis, lexicon: Lexicon) -> bool:
    """Whether too few small words are of the closed classes of English, which every English text is full of."""
    tokens = [token.text for sentence in analysis.document.sentences for token in sentence.tokens]
    words = [word for word in tokens if word.isalpha() and word.islower()]  # a list of names is no other language
    known = sum(word in lexicon.function_words for word in words)
    return len(set(words)) >= _FEW_WORDS and known < _LEAST_ENGLISH * len(words)


def _show_progress(done: int, names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(progress_bar(done, len(names), names[done]), end="", file=sys.stderr, flush=True)


def _hide_progress(names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(CLEARED_LINE, end="", file=sys.stderr, flush=True)
