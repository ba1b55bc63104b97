"""What you know of documents, in a CSV file: `file,date,issuers,title`.

file,date,issuers,title
communique.txt,2023-05-20,g7,Leaders' Communiqué
lima.txt,2031-05-04,PER; Chad,
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from stance.inputs import csv_rows, read_utf8

COLUMNS = ("file", "date", "issuers", "title")


class Given(NamedTuple):
    """What is given of a document; None where the text itself is to tell. `stance.analyze` takes these by name."""

    title: str | None = None
    date: datetime.date | None = None
    issuers: tuple[str, ...] | None = None

    def or_else(self, other: Given) -> Given:
        """The same, with what another gives where this gives nothing."""
        return other._replace(**{name: own for name, own in self._asdict().items() if own is not None})


NOTHING = Given()


class Manifest:
    """What is given of each of several files, which are named as they stand beside the manifest."""

    def __init__(self, rows: Mapping[Path, Given]) -> None:
        self._rows = dict(rows)

    def of(self, file: str | Path) -> Given:
        """What is given of a file, or nothing."""
        return self._rows.get(_whole(file), NOTHING)

    def unmatched(self, files: Iterable[str | Path]) -> list[Path]:
        """The files it names that are none of these."""
        return sorted(self._rows.keys() - {_whole(file) for file in files})

    def __len__(self) -> int:
        """How many files are named."""
        return len(self._rows)


def read_manifest(path: str | Path) -> Manifest:
    """The facts of a folder of documents from a CSV file with the column `file` and any of `date`, `issuers`, `title`.

    An empty cell leaves the matter to the text. Issuers are ids or names, parted by semicolons, or by commas where all
    of them are known; a date is ISO 8601.

    Raises
    ------
    ValueError
        Naming every row that names no file or one twice, or whose date is none.
    OSError
        Where the file cannot be read.
    """
    columns, table = csv_rows(read_utf8(path, "manifest"))
    unknown = [column for column in columns if column not in COLUMNS]
    if "file" not in columns or unknown:
        raise ValueError(
            f"{path}:1: header must have 'file' and may have 'date', 'issuers', 'title', "
            f"got {','.join(columns)!r}; rename the columns"
        )
    rows, problems = [], []
    for number, row in table:
        if isinstance(row, ValueError):
            problems.append(f"{path}:{number}: {row}")
        else:
            rows.append((number, {name: (cell or "").strip() for name, cell in row.items() if name}))
    problems += _problems(path, rows)
    if problems:
        raise ValueError("\n".join(problems))
    return Manifest({_located(path, row["file"]): given_of(row) for _, row in rows})


def _problems(path: str | Path, rows: Sequence[tuple[int, dict[str, str]]]) -> Iterator[str]:
    seen: dict[Path, int] = {}
    for number, row in rows:
        if not row["file"]:
            yield f"{path}:{number}: file must be named, got ''; fill the cell in or drop the row"
            continue
        file = _located(path, row["file"])
        if file in seen:
            yield f"{path}:{number}: file must be named once, got {row['file']!r} as in row {seen[file]}; drop one"
        seen.setdefault(file, number)
        try:
            given_of(row)
        except ValueError as error:
            yield f"{path}:{number}: {error}"


def _whole(file: str | Path) -> Path:
    """The path of a file from the root, links followed as far as they lead."""
    return Path(os.path.realpath(file))


def _located(path: str | Path, file: str) -> Path:
    return _whole(Path(path).parent / file)


def given_of(row: Mapping[str, str]) -> Given:
    """What a row with any of the columns `date`, `issuers`, `title` gives.

    Raises
    ------
    ValueError
        Where its date is none.
    """
    issuers = tuple(filter(None, (issuer.strip() for issuer in row.get("issuers", "").split(";"))))
    day = row.get("date")
    try:
        date = datetime.date.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError(f"date must be written YYYY-MM-DD, got {day!r}; mend the row") from None
    return Given(row.get("title") or None, date, issuers or None)
