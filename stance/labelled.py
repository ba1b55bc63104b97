"""Labelled files and folders -> records, with notes on what was mended and problems by file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from stance import readers
from stance.inputs import read_utf8
from stance.mending import checked_labels, checked_weight, mended
from stance.readers import RawRecord, Skipped
from stance.records import Record, parse_marked
from stance.register import importance

WEIGHT_LINE = "# weight: "  # in marked text, before the sentences that count so much
_TIMES = " x importance"  # behind a weight: each of them times how much it reads like a real statement
_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Labelled:
    """What reading a labelled file gave: its records, what was mended or passed over, and what is wrong.

    `places` says for each record where it begins, as `file:line`; `notes` and `problems` begin with the same.
    """

    records: list[Record] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Labelled) -> None:
        """Append what another reading gave."""
        for name in ("records", "places", "notes", "problems"):
            getattr(self, name).extend(getattr(other, name))


def read_records(
    path: str | Path, *, format: str | None = None, labels: Mapping[str, str] | None = None
) -> list[Record]:
    """The labelled records of a file, or of every labelled file of a folder.

    Parameters
    ----------
    path
        `.txt` holds marked sentences, one a line, under headings `## statement-id: title`, or is the text of a brat
        document with its `.ann` beside it; `.csv` and `.tsv` one target a row; `.jsonl` our own JSON lines or those of
        doccano, Prodigy or NewsMTSC; `.json` an export of Label Studio. Formats are told apart by what they hold.
    format
        One of `readers.FORMATS`, where the file itself does not say.
    labels
        The stance (or kind, "holder", or "-" for none) of each label that has another name: {"positive": "support"}.

    Raises
    ------
    ValueError
        Naming every bad row at once, as `file:line: what must hold, got ..., way out`.
    OSError
        Where a file cannot be read.
    """
    labelled = read_labelled(path, format=format, labels=labels)
    if labelled.problems:
        more = len(labelled.problems) - _MOST_PROBLEMS
        tail = [f"{path}: and {more} more"] if more > 0 else []
        raise ValueError("\n".join(labelled.problems[:_MOST_PROBLEMS] + tail))
    return labelled.records


def read_labelled(path: str | Path, *, format: str | None = None, labels: Mapping[str, str] | None = None) -> Labelled:
    """The same with notes on what was mended, and with bad rows told rather than raised."""
    path, meanings = Path(path), checked_labels(labels or {})
    made = Labelled()
    if not path.is_dir():
        return _read_file(path, format, meanings)
    endings = ", ".join(readers.ENDINGS)
    for file in sorted(p for p in path.iterdir() if p.suffix.lower() in readers.ENDINGS):
        if file.name.upper() != "README.TXT":
            made.add(_read_file(file, format, meanings))
    if not made.records and not made.problems and not made.notes:
        raise ValueError(f"{path}: folder must hold labelled {endings} files, got none; see datasets/README.md")
    return made


def load_records() -> list[Record]:
    """The labelled sentences that ship with the package (`datasets/` of the repository)."""
    packaged = resources.files("stance").joinpath("datasets")
    folder = packaged if packaged.is_dir() else resources.files("stance").joinpath("../datasets")
    with resources.as_file(folder) as path:
        return read_records(path)


def _read_file(path: Path, format: str | None, labels: Mapping[str, str]) -> Labelled:
    made = Labelled()
    if format is None and path.suffix.lower() == ".ann":
        path = path.with_suffix(".txt")
    text = read_utf8(path, "labelled files")
    beside = path.with_suffix(".ann")
    name = format or readers.guess_format(path.suffix, text, beside.exists(), str(path))
    if name == "marked":
        rows: Iterator[tuple[int, Record | RawRecord | Skipped | ValueError]] = _marked_lines(text, path.stem)
    elif name == "brat":
        rows = iter(readers.read_brat(text, read_utf8(beside, "labelled files")))
    elif name in readers.READERS:
        rows = readers.READERS[name](text)
    else:
        raise ValueError(f"format must be one of {', '.join(readers.FORMATS)}, got {name!r}; see docs/labelling.md")
    for line, row in rows:
        place = f"{path}:{line}"
        try:
            record, notes = mended(row, f"{path.stem}:{line}", path.stem, name, labels)
        except ValueError as error:
            made.problems.append(f"{place}: {error}")
            continue
        made.notes.extend(f"{place}: {note}" for note in notes)
        if record is not None:
            made.records.append(record)
            made.places.append(place)
    return made


def _marked_lines(text: str, family: str) -> Iterator[tuple[int, Record | RawRecord | Skipped | ValueError]]:
    statement, weight, timed = "", 1.0, False
    for number, line in enumerate(text.split("\n"), 1):
        line, name = line.strip(), f"{family}:{number}"
        try:
            if line.startswith("## "):
                statement = re.split(r":(?:\s|$)", line[3:].strip())[0]
            elif line.startswith(WEIGHT_LINE):
                timed = line.endswith(_TIMES)
                weight = checked_weight(line.removeprefix(WEIGHT_LINE).removesuffix(_TIMES).strip())
            elif line and not line.startswith("#"):
                text, targets = parse_marked(line)
                its = weight * importance(text) if timed else weight
                yield number, Record(name, text, targets, statement or name, family, weight=its)
        except ValueError as error:
            yield number, error
