"""Files that users write by hand: their text, or a plain word on what is wrong with their bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

_LONGEST_CELL = 50_000_000  # characters; the csv module takes 131,072, which the longest communiqués exceed


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


def unclosed(error: csv.Error) -> str:
    """What to say of a table that cannot be read on."""
    return f"table must be CSV, got {error}; look for a quotation mark that is not closed in the cells from here on"


def table_lines(path: str | Path, what: str) -> Iterator[tuple[int, Any]]:
    """The rows of a CSV file or of JSON lines, told apart by the ending, as (line, cells by column).

    What stands in the place of the cells where a row cannot be read is no mapping, but says what is wrong.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Where it is not UTF-8.
    """
    text = read_utf8(path, what)
    return _csv_lines(text) if Path(path).suffix.lower() == ".csv" else _json_lines(text)


def _csv_lines(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    usual = csv.field_size_limit(_LONGEST_CELL)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        yield reader.line_num, unclosed(error)
    finally:
        csv.field_size_limit(usual)


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, line[:40]
