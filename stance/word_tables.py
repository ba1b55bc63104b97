"""The tables of actors, issues, predicates and reversers as files: their columns, and what their cells may hold."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from stance.document import Stance
from stance.inputs import read_utf8

TABLES = {
    "actors": ("id", "class", "names", "demonyms", "capital", "avoid", "example"),
    "issues": ("id", "tone", "names", "example"),
    "predicates": ("phrase", "pos", "stance", "strength", "attach", "example"),
    "reversers": ("phrase", "pos", "ungoverned", "attach", "example"),
}
ACTOR_CLASSES = frozenset((
    "state", "territory", "region", "organisation", "alliance", "armed-group", "treaty", "initiative", "body",
    "people",
))  # fmt: skip
TONES = frozenset(("good", "harm", "plain"))
PARTS_OF_SPEECH = frozenset(("verb", "noun", "adjective", "adverb", "preposition"))
ATTACHMENTS = frozenset((
    "direct", "of", "about", "over", "at", "to", "for", "on", "upon", "with", "against", "in", "into", "from",
    "by", "that", "inf", "subject", "regarding", "concerning", "towards", "toward", "as", "between", "among",
    "behind", "under", "through", "within",
))  # fmt: skip
_ALLOWED: dict[str, frozenset[str]] = {
    "class": ACTOR_CLASSES,
    "tone": TONES,
    "pos": PARTS_OF_SPEECH,
    "strength": frozenset("12345"),
    "stance": frozenset((*Stance, "-")),
    "ungoverned": frozenset(Stance),
}
SPELT = ("names", "demonyms", "capital")  # columns of the tables of names that hold spellings

Tables = tuple[tuple[str, str], ...]  # names of files of tables and what stands in them


class Held(NamedTuple):
    """A table in memory, which is read as a file of the package is."""

    name: str
    content: str

    def read_text(self, encoding: str = "utf-8") -> str:  # noqa: ARG002
        """What stands in it."""
        return self.content

    def __str__(self) -> str:
        """The name, as messages give it."""
        return self.name


def read_tables(folder: str | Path) -> Tables:
    """The tables of a folder, unread: the names and contents of those of its files that the lexicon knows.

    Raises
    ------
    ValueError
        Where there is none, or one is not UTF-8.
    """
    found = []
    for path in (path for table in TABLES for path in files_of(Path(folder), table)):
        found.append((path.name, read_utf8(path, "tables")))
    if not found:
        names = ", ".join(f"{table}.tsv" for table in TABLES)
        raise ValueError(f"{folder}: must hold one of {names}, got none; see stance/data")
    return tuple(found)


def read_table(path: Traversable | Held, table: str) -> list[dict[str, str]]:
    """The rows of one table.

    Raises
    ------
    ValueError
        Naming every row that has the wrong number of cells, an empty first cell or a value out of its set.
    """
    columns = TABLES[table]
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or tuple(lines[0].split("\t")) != columns:
        raise ValueError(
            f"{path}:1: header must be {' '.join(columns)!r}, got {(lines or [''])[0]!r}; see the tables in stance/data"
        )
    rows, problems = [], []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        row = dict(zip(columns, cells, strict=False))
        problem = f"must have {len(columns)} cells, got {len(cells)!r}" if len(cells) != len(columns) else _problem(row)
        if problem:
            problems.append(f"{path}:{number}: {problem}; mend the row")
        rows.append(row)
    if problems:
        raise ValueError("\n".join(problems))
    return rows


def _problem(row: dict[str, str]) -> str | None:
    for column, values in _ALLOWED.items():
        if row.get(column, "") not in values and column in row:
            return f"{column} must be one of {sorted(values)}, got {row[column]!r}"
    unknown = set(filter(None, row.get("attach", "").split("|"))) - ATTACHMENTS
    if unknown:
        return f"attach must be among {sorted(ATTACHMENTS)}, got {sorted(unknown)}"
    if not all(row[c].strip() for c in row if c in ("id", "phrase", "example")):
        return "id, phrase and example must not be empty, got ''"
    if "names" in row and not any(row.get(column, "").strip(" |") for column in SPELT):
        return f"{', '.join(c for c in SPELT if c in row)} must hold a spelling, got none"
    return None


def files_of(folder: Traversable, table: str) -> list[Traversable]:
    """`actors.tsv` and its siblings, such as `actors-organisations.tsv`, in the order of their names."""
    return sorted((p for p in folder.iterdir() if is_table_of(p.name, table)), key=lambda p: p.name)


def is_table_of(name: str, table: str) -> bool:
    """Whether a file of that name holds rows of the table."""
    return name.startswith(table) and name.endswith(".tsv")


def cells_of(path: Traversable) -> list[list[str]]:
    """The rows of a table without its header."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
