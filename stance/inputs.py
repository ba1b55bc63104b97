"""Files that users write by hand: their text, or a plain word on what is wrong with their bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from importlib.resources.abc import Traversable
from itertools import zip_longest
from pathlib import Path
from threading import Lock
from typing import Any

TABLES = (".csv", ".tsv", ".jsonl")
_LONGEST_CELL = 50_000_000  # characters; the csv module takes 131,072, which the longest communiqués exceed
_LIMIT = Lock()  # there is one for the whole process


def read_utf8(path: str | Path | Traversable, what: str) -> str:
    """The text of a file as it stands, a byte-order mark left out; `what` names it where it is no UTF-8.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Where it is not UTF-8.
    """
    data = (Path(path) if isinstance(path, str) else path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        got = f"byte {data[error.start]:#x} at {error.start}"
        raise ValueError(f"{path}: {what} must be UTF-8, got {got}; save as UTF-8") from None


def delimiter_of(text: str, delimiter: str = ",") -> str:
    """What parts the cells of a table: semicolons where its first line has them alone, as in many languages."""
    first = text.partition("\n")[0]
    return ";" if delimiter not in first and ";" in first else delimiter


def csv_rows(
    text: str, delimiter: str = ",", spelt: Callable[[str], str] = str
) -> tuple[list[str], Iterator[tuple[int, dict[Any, Any] | ValueError]]]:
    """The header of a CSV table, its names `spelt` one way, and its rows as (line on which it begins, cells by name).

    Cells beyond the header stand under None, and None for those that a row lacks. In the place of a row that is no CSV
    stands what is wrong with it; behind a quotation mark that is never closed there are no more.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, delimiter), strict=True)
    try:
        header = [spelt(name.strip()) for name in _next(reader) or []]
    except csv.Error as error:
        return [], iter([(1, ValueError(_broken(error)))])
    return header, _rows(reader, header)


def _rows(reader: Any, header: Sequence[str]) -> Iterator[tuple[int, dict[Any, Any] | ValueError]]:
    while True:
        begin = reader.line_num + 1
        try:
            cells = _next(reader)
        except csv.Error as error:
            yield begin, ValueError(_broken(error))
            continue
        if cells is None:
            return
        if cells:
            row: dict[Any, Any] = dict(zip_longest(header, cells[: len(header)]))
            yield begin, row | ({None: cells[len(header) :]} if len(cells) > len(header) else {})


def _next(reader: Any) -> list[str] | None:
    """The next row, however long its cells are; None behind the last."""
    with _LIMIT:
        usual = csv.field_size_limit(_LONGEST_CELL)
        try:
            row: list[str] | None = next(reader, None)
        finally:
            csv.field_size_limit(usual)
    return row


def _broken(error: csv.Error) -> str:
    return f"row must be CSV, got {error}; look for a quotation mark that is not closed, or stands alone in a cell"


def is_table(path: str | Path) -> bool:
    """Whether a file is a table, by its ending.

    >>> is_table("stances.CSV"), is_table("statement.txt")
    (True, False)
    """
    return Path(path).suffix.lower() in TABLES


def table_lines(path: str | Path, what: str) -> tuple[list[str] | None, Iterator[tuple[int, Any]]]:
    """The header of a CSV file, None for JSON lines, and the rows of either as (line, cells by column).

    They are told apart by the ending; in a `.tsv` file tabs part the cells. In the place of a row that cannot be read
    stands a ValueError; a line of JSON may hold something else than cells.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Where it is not UTF-8.
    """
    text, ending = read_utf8(path, what), Path(path).suffix.lower()
    return (None, _json_lines(text)) if ending == ".jsonl" else csv_rows(text, "\t" if ending == ".tsv" else ",")


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, ValueError(f"row must be JSON, got {line[:40]!r}; mend it")
