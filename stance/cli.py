"""The command `stance`: each subcommand calls one step of the road and prints what comes out."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import stance
from stance.arguments import make_parser
from stance.document import Analysis, Stance
from stance.documents import find_files, read_text, write_lines
from stance.evaluation import rule_scores
from stance.explanation import explanation
from stance.model import Model, load, shipped_model
from stance.records import Record, load_records, read_records
from stance.rows import READABLE, WRITERS, Row, Selection, SummaryRow, describe, format_for, rows_of, summarise
from stance.table import aligned, format_table
from stance.terminal import CLEARED_LINE, Paint, escape, one_line, paint_for, progress_bar

_BROKEN_OFF = 130  # what shells expect of a command that Ctrl-C ended
_MANY_FILES = 5  # up to here nobody waits long enough to want a progress bar
_EXPECTED = (OSError, ValueError, MemoryError, RecursionError, ImportError)  # of a file or machine, not of ours
_WIDTH_OF_NAMES = 26


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
    except _EXPECTED as error:
        _complain(_reason(error))
    except Exception as error:  # nobody can use a traceback of ours
        _complain(f"internal error: {type(error).__name__}: {error}; report it with the text that brought it about")
    return 1


def _score(options: argparse.Namespace) -> int:
    selection, model, failures = _selection(options), _model(options), list[str]()
    names = _names(options, failures)
    kept = (
        (name, [row for row in rows_of(name, analysis) if selection.keeps(row)])
        for name, analysis in _analysed(names, model, failures)
    )
    _write(_score_lines(kept, options, len(names) > 1), options.output)
    return 1 if failures else 0


def _report(options: argparse.Namespace) -> int:
    failures: list[str] = []
    analysed = dict(_analysed(_names(options, failures), _model(options), failures))
    if analysed:
        page = stance.to_html(analysed.values(), names=list(analysed), title=options.title)
        write_lines([page], options.output)
    return 1 if failures else 0


def _explain(options: argparse.Namespace) -> int:
    _write(explanation(read_text(options.path), _model(options), paint_for(sys.stdout)))
    return 0


def _tokenize(options: argparse.Namespace) -> int:
    document = stance.segment(read_text(options.path))
    print("unit", "start", "end", "text", sep="\t")
    for sentence in document.sentences:
        print("sentence", sentence.start, sentence.end, _in_one_cell(sentence.text), sep="\t")
        for token in sentence.tokens:
            print("token", token.start, token.end, _in_one_cell(token.text), sep="\t")
    return 0


def _train(options: argparse.Namespace) -> int:
    if Path(options.output).is_file():
        options.parser.error(f"-o {options.output}: model must be a folder, got a file; give another name")
    records = [*(load_records() if options.shipped else []), *_records(options.paths)]
    print(f"training on {len(records):,} sentences", file=sys.stderr)
    model = stance.train(records)
    stance.save(model, options.output)
    _print_figures(model.card)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    records, model = _records(options.paths), _model(options)
    _print_figures(asdict(stance.evaluate(model, records)))
    if options.rules:
        rows = [asdict(score) | {"precision": score.precision} for score in rule_scores(model, records)]
        print()
        _write(aligned(rows, paint_for(sys.stdout)))
    return 0


def _describe(options: argparse.Namespace) -> int:
    rows = [row._asdict() for row in describe(_records(options.paths))]
    _write(_lines(rows, list(rows[0]), options.format, paint_for(sys.stdout)))
    return 0


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "score": _score,
    "report": _report,
    "explain": _explain,
    "tokenize": _tokenize,
    "train": _train,
    "evaluate": _evaluate,
    "describe": _describe,
}


def _selection(options: argparse.Namespace) -> Selection:
    left_out = {Stance.NEUTRAL} if options.no_neutral else set()
    stances = [str(s) for s in Stance if s not in left_out and (not options.stance or s in options.stance)]
    if not stances:
        options.parser.error("--stance: must name a verdict beside --no-neutral, got neutral alone; drop one")
    return Selection(tuple(stances), tuple(options.target or ()), options.min_confidence)


def _model(options: argparse.Namespace) -> Model:
    return load(options.model) if options.model else shipped_model()


def _records(paths: Iterable[str]) -> list[Record]:
    return [record for path in paths for record in read_records(path)]


def _found(paths: Iterable[str], failures: list[str]) -> Iterator[str]:
    for path in paths:
        try:
            yield from find_files(path)
        except _EXPECTED as error:
            failures.append(path)
            _complain(_reason(error))


def _names(options: argparse.Namespace, failures: list[str]) -> list[str]:
    """The files that the paths stand for; the output must be none of them."""
    names = list(_found(options.paths, failures))
    if options.output and Path(options.output).resolve() in {Path(name).resolve() for name in names}:
        options.parser.error(f"-o {options.output}: output must not be one of the texts; give another name")
    return names


def _analysed(names: Sequence[str], model: Model, failures: list[str]) -> Iterator[tuple[str, Analysis]]:
    """Each file with its analysis; one that cannot be read is reported, added to `failures` and passed over."""
    for number, name in enumerate(names):
        _show_progress(number, names)
        try:
            analysis: Analysis | None = stance.analyze(read_text(name), model=model)
            reason = ""
        except _EXPECTED as error:
            analysis, reason = None, _reason(error)
        _hide_progress(names)
        if analysis is None:
            failures.append(name)
            _complain(reason if name in reason else f"{name}: {reason}")
        else:
            yield name, analysis


def _score_lines(files: Iterable[tuple[str, list[Row]]], options: argparse.Namespace, several: bool) -> Iterator[str]:
    chosen = options.format or format_for(options.output)
    paint = Paint(False) if options.output else paint_for(sys.stdout)
    if options.summary:
        summary = summarise(row for _, rows in files for row in rows)
        return _lines([row._asdict() for row in summary], SummaryRow._fields, chosen, paint)
    if chosen == "table":
        return _tables(files, paint, several)
    columns = READABLE if chosen == "markdown" else Row._fields
    return WRITERS[chosen]((row._asdict() for _, rows in files for row in rows), columns)


def _lines(rows: Sequence[Mapping[str, object]], columns: Sequence[str], chosen: str, paint: Paint) -> Iterator[str]:
    return aligned(rows, paint) if chosen == "table" else WRITERS[chosen](rows, columns)


def _tables(files: Iterable[tuple[str, list[Row]]], paint: Paint, several: bool) -> Iterator[str]:
    for number, (name, rows) in enumerate(files):
        if number:
            yield ""
        if several:
            yield paint(one_line(name), "heading")
        yield from format_table(rows, paint)


def _write(lines: Iterable[str], output: str | None = None) -> None:
    if output:
        write_lines(lines, output)
        return
    for line in lines:
        print(line)


def _in_one_cell(text: str) -> str:
    r"""The text without tabs and line breaks, for which \t, \n and \r stand as in JSON."""
    for character, written in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        text = text.replace(character, written)
    return escape(text)


def _print_figures(figures: Mapping[str, object]) -> None:
    for name, value in figures.items():
        for part, figure in value.items() if isinstance(value, Mapping) else [("", value)]:
            print(f"{name} {part}".replace("_", " ").strip().ljust(_WIDTH_OF_NAMES), _figure(figure))


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _show_progress(done: int, names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(progress_bar(done, len(names), names[done]), end="", file=sys.stderr, flush=True)


def _hide_progress(names: Sequence[str]) -> None:
    if len(names) > _MANY_FILES and sys.stderr.isatty():
        print(CLEARED_LINE, end="", file=sys.stderr, flush=True)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'output'}: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def _complain(reason: str) -> None:
    for line in reason.splitlines():
        print(f"stance: {one_line(line)}", file=sys.stderr)


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
