"""Labelled records: one sentence with its targets and stances, read from marked text, JSON lines or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from stance.document import Stance

SIGNS = {"+": Stance.SUPPORT, "-": Stance.CONDEMN, "=": Stance.NEUTRAL}
_SIGN_OF = {stance: sign for sign, stance in SIGNS.items()}
_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True, order=True)
class LabelledTarget:
    """A span of the record's text, half-open in characters, and its stance; `kind` is "" where the data is silent."""

    start: int
    end: int
    stance: Stance
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled sentence. `statement` groups the sentences of one document; `family` the documents of one voice."""

    id: str
    text: str
    targets: tuple[LabelledTarget, ...]
    statement: str = ""
    family: str = ""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The spans of the targets, in order."""
        return [(target.start, target.end) for target in self.targets]


def parse_marked(line: str) -> tuple[str, tuple[LabelledTarget, ...]]:
    r"""The plain text and the targets of a marked sentence; a real bracket is written `\\[` or `\\]`.

    >>> text, targets = parse_marked("We condemn [-[-Iran]'s attack].")
    >>> text, [text[t.start : t.end] for t in targets]
    ("We condemn Iran's attack.", ["Iran's attack", 'Iran'])

    Raises
    ------
    ValueError
        Where the brackets do not balance, a sign is missing, or a target is empty, padded or marked twice.
    """
    pieces: list[str] = []
    opened: list[tuple[int, Stance]] = []
    targets: list[LabelledTarget] = []
    length, i = 0, 0
    while i < len(line):
        character, following = line[i], line[i + 1 : i + 2]
        if character == "[":
            if following not in SIGNS or not following:
                raise ValueError(
                    f"column {i + 1}: '[' must be followed by one of + - =, got {following!r}; "
                    "write \\[ for a real bracket"
                )
            opened.append((length, SIGNS[following]))
            i += 2
        elif character == "]":
            if not opened:
                raise ValueError(
                    f"column {i + 1}: ']' must close a target, got none open; write \\] for a real bracket"
                )
            start, stance = opened.pop()
            targets.append(LabelledTarget(start, length, stance))
            i += 1
        else:
            escaped = character == "\\" and following in ("[", "]", "\\") and following != ""
            pieces.append(following if escaped else character)
            length += 1
            i += 1 + escaped
    if opened:
        raise ValueError(f"column {len(line) + 1}: every '[' must be closed, got {len(opened)} open; add ']'")
    text = "".join(pieces)
    return text, checked_targets(text, targets)


def format_marked(text: str, targets: Iterable[LabelledTarget]) -> str:
    """The marked sentence of a text and its targets: the inverse of `parse_marked`.

    >>> format_marked("We back AUKUS.", [LabelledTarget(8, 13, Stance.SUPPORT)])
    'We back [+AUKUS].'

    Raises
    ------
    ValueError
        Where two targets cross, which brackets cannot show.
    """
    ordered = sorted(targets, key=lambda t: (t.start, -t.end))
    opened: list[LabelledTarget] = []
    for target in ordered:
        while opened and opened[-1].end <= target.start:
            opened.pop()
        if opened and target.end > opened[-1].end:
            raise ValueError(f"targets must not cross, got {text[opened[-1].start : target.end]!r}; use JSON lines")
        opened.append(target)
    marks: dict[int, str] = {}
    for target in sorted(ordered, key=lambda t: t.end - t.start):
        marks[target.start] = f"[{_SIGN_OF[target.stance]}" + marks.get(target.start, "")
    closings = {end: "]" * sum(t.end == end for t in ordered) for end in {t.end for t in ordered}}
    # an opening bracket stands behind the closing ones of the same place: "[-sanctions][+ ...]"
    pieces = []
    for i, character in enumerate((*text, "")):
        pieces.append(closings.get(i, "") + marks.get(i, ""))
        pieces.append(f"\\{character}" if character and character in "[]\\" else character)
    return "".join(pieces)


def checked_targets(text: str, targets: Iterable[LabelledTarget]) -> tuple[LabelledTarget, ...]:
    """The targets in order, the longer first where two begin together.

    Raises
    ------
    ValueError
        Where a span lies outside the text, is empty, begins or ends with white space, or stands twice.
    """
    ordered = sorted(targets, key=lambda t: (t.start, -t.end))
    for i, target in enumerate(ordered):
        span = (target.start, target.end)
        if not 0 <= target.start < target.end <= len(text):
            raise ValueError(
                f"target must lie inside the text of {len(text)} characters, got {span}; fix start and end"
            )
        words = text[target.start : target.end]
        if words != words.strip():
            raise ValueError(f"target must not begin or end with white space, got {words!r}; fix start and end")
        if i and span == (ordered[i - 1].start, ordered[i - 1].end):
            raise ValueError(f"target must be marked once, got {words!r} twice; keep one")
    return tuple(ordered)


def read_records(path: str | Path) -> list[Record]:
    """The labelled records of a file, or of every labelled file of a folder.

    `.jsonl` holds JSON lines as `annotation` tools write them, `.csv` and `.tsv` one target a row (columns text,
    start, end, stance and, if wanted, id and statement), `.txt` marked sentences, one a line, under headings `##
    statement-id: title`.

    Raises
    ------
    ValueError
        Naming every bad row at once, as `file:line: what must hold, got ..., way out`.
    OSError
        Where a file cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in _READERS and p.name.upper() != "README.TXT")
        if not files:
            raise ValueError(
                f"{path}: folder must hold labelled {', '.join(_READERS)} files, got none; see datasets/README.md"
            )
        return [record for file in files for record in read_records(file)]
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"{path}: ending must be one of {', '.join(_READERS)}, got {path.suffix!r}; rename or convert the file"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path}: labelled files must be UTF-8, got byte {error.object[error.start]:#x} at {error.start}; "
            "save as UTF-8"
        ) from None
    records, problems = [], []
    for line, made in reader(text, path.stem):
        if isinstance(made, Record):
            records.append(made)
        else:
            problems.append(f"{path}:{line}: {made}")
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        raise ValueError("\n".join(problems[:_MOST_PROBLEMS] + ([f"{path}: and {more} more"] if more > 0 else [])))
    return records


def load_records() -> list[Record]:
    """The labelled sentences that ship with the package (`datasets/` of the repository)."""
    packaged = resources.files("stance").joinpath("datasets")
    folder = packaged if packaged.is_dir() else resources.files("stance").joinpath("../datasets")
    with resources.as_file(folder) as path:
        return read_records(path)


_Lines = Iterator[tuple[int, Record | ValueError]]


def _marked_lines(text: str, family: str) -> _Lines:
    statement = ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line.startswith("## "):
            statement = line[3:].split(":")[0].strip()
        elif line and not line.startswith("#"):
            try:
                yield (
                    number,
                    Record(f"{family}:{number}", *parse_marked(line), statement or f"{family}:{number}", family),
                )
            except ValueError as error:
                yield number, error


def _json_lines(text: str, family: str) -> _Lines:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _record_of_json(json.loads(line), f"{family}:{number}", family)
            except RecursionError:
                yield number, ValueError("a record must be a plain JSON object, got a deeply nested one; fix the row")
            except ValueError as error:
                yield number, error


def _record_of_json(row: Any, name: str, family: str) -> Record:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get("targets"), list):
        raise ValueError(
            f"a record must be an object with 'text' and 'targets', got {str(row)[:60]!r}; see docs/labelling.md"
        )
    targets = [
        _target_of_json(row["text"], target)
        for target in row["targets"]
        if not (isinstance(target, dict) and target.get("optional"))
    ]
    identity, family = str(row.get("id", name)), str(row.get("family", family))
    return Record(
        identity, row["text"], checked_targets(row["text"], targets), str(row.get("statement", identity)), family
    )


def _target_of_json(text: str, row: Any) -> LabelledTarget:
    if not isinstance(row, dict):
        raise ValueError(f"a target must be an object, got {str(row)[:60]!r}; give start, end and stance")
    start, end = (_whole_number(row.get(name), name) for name in ("start", "end"))
    if "text" in row and row["text"] != text[start:end]:
        raise ValueError(
            f"target text must equal text[{start}:{end}] {text[start:end]!r}, got {row['text']!r}; fix start and end"
        )
    return LabelledTarget(start, end, _stance(row.get("stance")), str(row.get("kind", "")))


def _whole_number(value: Any, name: str) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number of characters, got {value!r}; fix the row")
    return value


def _stance(value: Any) -> Stance:
    try:
        return Stance(value)
    except ValueError:
        raise ValueError(f"stance must be one of {', '.join(Stance)}, got {value!r}; rename the label") from None


def _table_rows(delimiter: str) -> Callable[[str, str], _Lines]:
    def read(text: str, family: str) -> _Lines:
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        missing = {"text", "start", "end", "stance"} - set(reader.fieldnames or ())
        if missing:
            yield (
                1,
                ValueError(
                    f"header must name text, start, end and stance, got {reader.fieldnames!r}; "
                    f"add {', '.join(sorted(missing))}"
                ),
            )
            return
        rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
        for row in reader:
            rows.setdefault(row["text"] or "", []).append((reader.line_num, row))
        for sentence, group in rows.items():
            number, first = group[0]
            try:
                targets = [
                    _target_of_json(sentence, {k: row[k] for k in ("start", "end", "stance")}) for number, row in group
                ]
                identity = first.get("id") or f"{family}:{number}"
                yield (
                    number,
                    Record(
                        identity,
                        sentence,
                        checked_targets(sentence, targets),
                        first.get("statement") or identity,
                        family,
                    ),
                )
            except ValueError as error:
                yield number, error

    return read


_READERS: dict[str, Callable[[str, str], _Lines]] = {
    ".txt": _marked_lines,
    ".jsonl": _json_lines,
    ".csv": _table_rows(","),
    ".tsv": _table_rows("\t"),
}
