"""The command `stance`: each subcommand calls one step of the road and prints what comes out."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import stance
from stance.aggregation import SHORT, aggregate
from stance.arguments import make_parser
from stance.console import (
    EXPECTED,
    analyze_texts,
    choose_model,
    choose_paint,
    complain,
    format_lines,
    name_texts,
    reason_of,
    write,
)
from stance.document import Stance
from stance.documents import read_text
from stance.explanation import explanation
from stance.rows import READABLE, WRITERS, Row, Selection, format_for, rows_of
from stance.series_commands import SERIES_COMMANDS
from stance.table import format_table
from stance.table_commands import TABLE_COMMANDS
from stance.terminal import Paint, escape, one_line, paint_for

_NO_PAGES = (".csv", ".docx", ".json", ".jsonl", ".md", ".parquet", ".pdf", ".tsv", ".txt", ".xlsx")
_BROKEN_OFF = 130  # what shells expect of a command that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    The exit status is 0 when all is done, 1 when something could not be read or written, 2 for wrong usage (by
    SystemExit, as argparse does) and 130 when Ctrl-C or a closed pipe broke it off.
    """
    _use_utf8()
    try:
        try:
            options = make_parser(stance.__version__).parse_args(arguments)
            return _COMMANDS[options.command](options)
        finally:
            sys.stdout.flush()
    except (KeyboardInterrupt, BrokenPipeError):
        _discard_output()
        return _BROKEN_OFF
    except EXPECTED as error:
        complain(reason_of(error))
    except Exception as error:  # nobody can use a traceback of ours
        complain(f"internal error: {type(error).__name__}: {error}; report it with the text that brought it about")
    return 1


def _score(options: argparse.Namespace) -> int:
    selection, failures = _selection(options), list[str]()
    names = name_texts(options, failures)
    kept = (
        (name, [row for row in rows_of(name, analysis) if selection.keeps(row)])
        for name, analysis in analyze_texts(names, options, failures)
    )
    write(_score_lines(kept, options, len(names) > 1 or bool(options.text_column)), options.output)
    return 1 if failures else 0


def _report(options: argparse.Namespace) -> int:
    failures: list[str] = []
    names, ending = name_texts(options, failures), Path(options.output).suffix.lower()
    if ending in _NO_PAGES:
        options.parser.error(f"-o {options.output}: output must end in .html, got {ending!r}; give another name")
    analysed = dict(analyze_texts(names, options, failures))
    if analysed:
        write([stance.to_html(analysed, title=options.title)], options.output)
    return 1 if failures else 0


def _explain(options: argparse.Namespace) -> int:
    write(explanation(read_text(options.path), choose_model(options), paint_for(sys.stdout)))
    return 0


def _tokenize(options: argparse.Namespace) -> int:
    document = stance.segment(read_text(options.path))
    print("unit", "start", "end", "text", sep="\t")
    for sentence in document.sentences:
        print("sentence", sentence.start, sentence.end, _in_one_cell(sentence.text), sep="\t")
        for token in sentence.tokens:
            print("token", token.start, token.end, _in_one_cell(token.text), sep="\t")
    return 0


def _about_labels(options: argparse.Namespace) -> int:
    """The subcommands about labels and models, whose imports take seconds that scoring does not have to wait."""
    from stance.label_commands import COMMANDS

    return COMMANDS[options.command](options)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "score": _score,
    "report": _report,
    "explain": _explain,
    "tokenize": _tokenize,
    **SERIES_COMMANDS,
    **TABLE_COMMANDS,
    **dict.fromkeys(
        ("convert", "check", "describe", "suggest", "agree", "train", "adapt", "evaluate", "model"), _about_labels
    ),
}


def _selection(options: argparse.Namespace) -> Selection:
    left_out = {Stance.NEUTRAL} if options.no_neutral else set()
    stances = [str(s) for s in Stance if s not in left_out and (not options.stance or s in options.stance)]
    if not stances:
        options.parser.error("--stance: must name a verdict beside --no-neutral, got neutral alone; drop one")
    return Selection(tuple(stances), tuple(options.target or ()), options.min_confidence)


def _score_lines(files: Iterable[tuple[str, list[Row]]], options: argparse.Namespace, several: bool) -> Iterator[str]:
    chosen = options.format or format_for(options.output)
    paint = choose_paint(options)
    if options.summary:
        summary = [tally.short_row() for tally in aggregate(row for _, rows in files for row in rows)]
        return format_lines(summary, ("target", *SHORT), chosen, paint)
    if chosen == "table":
        return _tables(files, paint, several)
    columns = READABLE if chosen == "markdown" else Row._fields
    return WRITERS[chosen]((row._asdict() for _, rows in files for row in rows), columns)


def _tables(files: Iterable[tuple[str, list[Row]]], paint: Paint, several: bool) -> Iterator[str]:
    for number, (name, rows) in enumerate(files):
        if number:
            yield ""
        if several:
            yield paint(one_line(name), "heading")
        yield from format_table(rows, paint)


def _in_one_cell(text: str) -> str:
    r"""The text without tabs and line breaks, for which \t, \n and \r stand as in JSON."""
    for character, written in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(character, written)
    return escape(text)


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale says; what even UTF-8 cannot say is escaped, and a closed stream swallows all."""
    sys.stdout, sys.stderr = (stream or io.StringIO() for stream in (sys.stdout, sys.stderr))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _discard_output() -> None:
    """Send what is still buffered nowhere, or Python would complain of the closed pipe on its way out."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # a stream that is no file, as under pytest
        return
