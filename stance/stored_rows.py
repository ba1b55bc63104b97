"""Tables of judgements that `stance table` or `stance score` wrote as CSV or JSON lines -> the rows they hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stance.dating import parse_day
from stance.document import STANCES
from stance.inputs import table_lines
from stance.rows import Row

_NUMBERS: dict[str, type[int] | type[float]] = dict.fromkeys(
    ("sentence_number", "strength", "start", "end", "sentence_start"), int
) | dict.fromkeys(("confidence", "condemn", "neutral", "support"), float)
_NONE_WHERE_EMPTY = ("date", "id", "holder_id")
_MOST_PROBLEMS = 20


def read_rows(path: str | Path) -> list[Row]:
    """The rows of a table of judgements.

    Raises
    ------
    ValueError
        Naming every bad row, as `file:line: what must hold, got ..., way out`.
    OSError
        Where the file cannot be read.
    """
    rows: list[Row] = []
    problems: list[str] = []
    for line, cells in table_lines(path, "table")[1]:
        try:
            rows.append(_row(cells))
        except ValueError as error:
            problems.append(f"{path}:{line}: {error}")
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise ValueError("\n".join(problems[:_MOST_PROBLEMS] + ([f"{path}: and {more} more"] if more > 0 else [])))
    return rows


def _row(cells: Any) -> Row:
    if isinstance(cells, ValueError):
        raise cells
    missing = [name for name in Row._fields if not isinstance(cells, Mapping) or name not in cells]
    if missing:
        got = list(cells) if isinstance(cells, Mapping) else cells
        raise ValueError(
            f"row must have the columns of `stance table`, got {str(got)[:80]!r} without {', '.join(missing)[:80]}; "
            "write the table again, or name texts"
        )
    row = Row(**{name: _value(name, cells[name]) for name in Row._fields})
    if row.stance not in STANCES or not 0 <= row.confidence <= 1:
        raise ValueError(
            f"row must have a stance ({', '.join(STANCES)}) and a confidence in 0..1, "
            f"got {row.stance!r} and {row.confidence}; correct it"
        )
    if row.date:
        parse_day(row.date)
    return row


def _value(name: str, cell: Any) -> Any:
    if name in _NUMBERS:
        try:
            return _NUMBERS[name](cell)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} must be a number, got {str(cell)[:40]!r}; correct it") from None
    if name in _NONE_WHERE_EMPTY and not cell:
        return None
    return "" if cell is None else str(cell)
