"""Files that users write by hand: their text, or a plain word on what is wrong with their bytes."""

from __future__ import annotations

import csv
from importlib.resources.abc import Traversable
from pathlib import Path


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
