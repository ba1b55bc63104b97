"""Tables with a text in each row, as CSV or JSON lines -> the texts, and what the rows say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from stance.inputs import table_lines
from stance.manifest import NOTHING, Given, given_of

_NAMES = ("id", "name", "file")  # columns that may name a text
_FACTS = ("date", "issuers", "title")


class Entry(NamedTuple):
    """A text, the name it goes by, and what is given of it."""

    name: str
    text: str
    given: Given = NOTHING


class Unread(NamedTuple):
    """What stands in the place of a text that could not be read."""

    name: str
    error: Exception


def read_corpus(path: str | Path, column: str, taken: Set[str] = frozenset()) -> Iterator[Entry | Unread]:
    """The texts in a column of a table, in order; in the place of a row that holds none stands what is wrong with it.

    A text goes by what its row has in the column `id`, `name` or `file`, and by the line of the table where that is
    empty, `taken` or was there before. The columns `date` (ISO 8601), `issuers` (parted by semicolons) and `title` are
    those of a manifest.

    Raises
    ------
    OSError
        Where the table cannot be read.
    ValueError
        Where it is not UTF-8, or a CSV file has no such column.
    """
    header, lines = table_lines(path, "table")
    if header is not None and column not in header:
        got = ", ".join(header)[:80] or "nothing"
        raise ValueError(f"{path}:1: header must have the column {column!r}, got {got}; name one of these")
    seen = set(taken)
    for line, cells in lines:
        try:
            entry = _entry(cells, column)
        except ValueError as error:
            yield Unread(f"{path}:{line}", ValueError(f"{path}:{line}: {error}"))
            continue
        name = entry.name if entry.name and entry.name not in seen else f"{path}:{line}"
        seen.add(name)
        yield entry._replace(name=name)


def _entry(cells: object, column: str) -> Entry:
    if isinstance(cells, ValueError):
        raise cells
    if not isinstance(cells, Mapping):
        raise ValueError(f"row must have columns, got {str(cells)[:80]!r}; mend it")
    if None in cells:
        raise ValueError(f"row must have {len(cells) - 1} cells, got {len(cells) - 1 + len(cells[None])}; quote it")
    text = cells.get(column)
    if not isinstance(text, str):
        got = f"{text!r:.40}" if column in cells else f"only {', '.join(map(str, cells))[:80] or 'an empty row'}"
        raise ValueError(f"{column} must be a text, got {got}; mend the row")
    told = {name: _cell(name, cells.get(name)) for name in (*_NAMES, *_FACTS)}
    return Entry(next((told[name] for name in _NAMES if told[name]), ""), text, given_of(told))


def _cell(name: str, value: object) -> str:
    """What a cell says, in one line; several issuers may stand in a list."""
    if name == "issuers" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = ";".join(value)
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"{name} must be a text, got {str(value)[:40]!r}; mend the row")
    written = "" if value is None else str(value)
    return " ".join("".join(each if each.isprintable() else " " for each in written).split())
