"""Labelled records: one sentence with its targets and stances, checked, and read from every format of `readers`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Any

from stance import readers
from stance.document import Stance, TargetKind
from stance.inputs import read_utf8
from stance.readers import HOLDER, RawRecord, RawTarget, Skipped
from stance.register import importance

SIGNS = {"+": Stance.SUPPORT, "-": Stance.CONDEMN, "=": Stance.NEUTRAL}
LEFT_OUT = "-"  # what a label is mapped to that marks no target
_SIGN_OF = {stance: sign for sign, stance in SIGNS.items()}
_MOST_PROBLEMS = 50
WEIGHT_LINE = "# weight: "  # in marked text, before the sentences that count so much
_TIMES = " x importance"  # behind a weight: each of them times how much it reads like a real statement


@dataclass(frozen=True, slots=True, order=True)
class LabelledTarget:
    """A span of the record's text, half-open in characters, and its stance.

    `kind` is "" and `holder`, the span of whose view it is, None where the data is silent.
    """

    start: int
    end: int
    stance: Stance
    kind: str = ""
    holder: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled sentence.

    `statement` groups the sentences of one document, `family` the documents of one voice. `optional` are targets on
    which annotators differed: nothing is learned from them, and finding them is neither right nor wrong. `weight` is
    what it counts in training beside one of weight 1.
    """

    id: str
    text: str
    targets: tuple[LabelledTarget, ...]
    statement: str = ""
    family: str = ""
    optional: tuple[LabelledTarget, ...] = ()
    weight: float = 1.0

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
            escaped = character == "\\" and following in ("[", "]", "\\", "#")
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
    line = "".join(pieces)
    return f"\\{line}" if line.startswith("#") else line  # which would make it a remark


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
    path = Path(path)
    made = Labelled()
    if not path.is_dir():
        return _read_file(path, format, _checked_labels(labels or {}))
    endings = ", ".join(readers.ENDINGS)
    for file in sorted(p for p in path.iterdir() if p.suffix.lower() in readers.ENDINGS):
        if file.name.upper() != "README.TXT":
            made.add(_read_file(file, format, _checked_labels(labels or {})))
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
            record, notes = _record(row, f"{path.stem}:{line}", path.stem, name, labels)
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


def checked_weight(value: Any) -> float:
    """A weight as a positive number.

    Raises
    ------
    ValueError
        Where it is something else.
    """
    try:
        weight = float(value)
    except (TypeError, ValueError, OverflowError):
        weight = 0.0
    if isinstance(value, bool) or not 0 < weight < math.inf:
        raise ValueError(f"weight must be a positive number, got {value!r}; leave out what should not count")
    return weight


def _record(
    row: Record | RawRecord | Skipped | ValueError, name: str, family: str, format: str, labels: Mapping[str, str]
) -> tuple[Record | None, list[str]]:
    """The record of a row, and notes on what was mended in it."""
    if isinstance(row, ValueError):
        raise row
    if isinstance(row, Record):
        return (_mapped(row, labels) if labels else row), []
    if isinstance(row, Skipped):
        return None, [f"left out, {row.reason}"]
    notes = [row.note] if row.note else []
    exact = format == "jsonl"  # written by programs: a wrong offset there is no slip of the mouse
    targets: dict[LabelledTarget, None] = {}
    optional: list[LabelledTarget] = []
    for raw in row.targets:
        start, end, note = (_exact_span if exact else mended_span)(row.text, raw)
        stance, kind = _meaning(raw.labels, labels)
        if stance is None:
            continue
        target = LabelledTarget(start, end, stance, raw.kind or kind, _holder(row.text, raw.holder))
        if raw.optional:
            optional.append(target)
            continue
        again = not exact and target in targets
        notes += [note] if note else []
        notes += [f"target {row.text[start:end]!r} was marked twice alike, kept one"] if again else []
        if exact and target in targets:
            checked_targets(row.text, [target, target])
        targets[target] = None
    made = checked_targets(row.text, targets)
    statement = row.statement or (family if format == "brat" else row.id or name)
    differed = checked_targets(row.text, optional)
    weight = checked_weight(row.weight)
    return Record(row.id or name, row.text, made, statement, row.family or family, differed, weight), notes


def _mapped(record: Record, labels: Mapping[str, str]) -> Record:
    """A record of marked text with other stances for its own, or without the targets of some."""
    meant = ((target, _meaning((str(target.stance),), labels)[0]) for target in record.targets)
    return replace(record, targets=tuple(replace(target, stance=stance) for target, stance in meant if stance))


def _exact_span(text: str, raw: RawTarget) -> tuple[int, int, str]:
    start, end = _whole_number(raw.start, "start"), _whole_number(raw.end, "end")
    if raw.text is not None and raw.text != text[start:end]:
        raise ValueError(
            f"target text must equal text[{start}:{end}] {text[start:end]!r}, got {raw.text!r}; fix start and end"
        )
    return start, end, ""


def mended_span(text: str, raw: RawTarget) -> tuple[int, int, str]:
    """The span that a tool means, and a note if it is not the one that it gives.

    White space at the edges is left off. Where the words of the span are known and do not stand at its offsets, the
    nearest place where they stand is taken, unless another is less than twice as far.

    Raises
    ------
    ValueError
        Where the words stand nowhere, or it is not clear which place is meant.
    """
    words = raw.text.strip() if isinstance(raw.text, str) else ""
    if raw.start is None and raw.end is None and words:
        return (*_occurrence(text, words, raw.occurrence), "")
    start, end = _whole_number(raw.start, "start"), _whole_number(raw.end, "end")
    inside = 0 <= start < end <= len(text)
    given = text[start:end] if inside else ""
    trimmed = start + len(given) - len(given.lstrip()), end - len(given) + len(given.rstrip())
    if given.strip() and (not words or given.split() == words.split()):
        note = f"white space around {given.strip()!r} left off" if trimmed != (start, end) else ""
        return (*trimmed, note)
    if not words:
        return start, end, ""  # for `checked_targets` to refuse
    places = sorted(_places(text, words), key=lambda place: abs(place[0] - start))
    far = [abs(place[0] - start) for place in places]
    if not places or (len(places) > 1 and far[1] < 2 * far[0]):
        raise ValueError(
            f"target {words!r} must stand at {start}:{end}, got {text[max(start, 0) : max(end, 0)]!r} and the words in "
            f"{len(places)} other places{' about as near' if places else ''}; fix start and end"
        )
    return (
        *places[0],
        f"target {words!r} moved from {start}:{end} to {places[0][0]}:{places[0][1]}, where its words stand",
    )


def _occurrence(text: str, words: str, occurrence: Any) -> tuple[int, int]:
    places = _places(text, words)
    number = None if occurrence is None else _whole_number(occurrence, "occurrence")
    if not places or (number is None and len(places) > 1) or (number is not None and not 1 <= number <= len(places)):
        asked = "once" if number is None else f"at least {max(number, 1)} times"
        raise ValueError(
            f"target {words!r} must stand in the text {asked}, got {len(places)}; give start and end, or its occurrence"
        )
    return places[(number or 1) - 1]


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand, whatever the white space between them, and not within a longer word."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    edges = (r"(?<!\w)" if words[0].isalnum() else "", r"(?!\w)" if words[-1].isalnum() else "")
    return [match.span() for match in re.finditer(f"{edges[0]}{pattern}{edges[1]}", text)]


def _holder(text: str, span: tuple[Any, Any] | None) -> tuple[int, int] | None:
    if span is None:
        return None
    start, end = _whole_number(span[0], "start of the holder"), _whole_number(span[1], "end of the holder")
    words = text[start:end] if 0 <= start < end <= len(text) else ""
    if not words.strip():
        raise ValueError(
            f"holder must lie inside the text of {len(text)} characters, got {(start, end)}; fix its offsets"
        )
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def _meaning(given: tuple[Any, ...], labels: Mapping[str, str]) -> tuple[Stance | None, str]:
    """The stance and the kind that the labels of a span mean; no stance for holders and what is left out."""
    stances: dict[Stance, None] = {}
    kind, other = "", False
    for label in given or (None,):
        meant = (
            labels.get(str(label).casefold(), str(label).casefold()) if isinstance(label, str | int | float) else label
        )
        if meant in list(Stance):
            stances[Stance(meant)] = None
        elif meant in list(TargetKind):
            kind = str(meant)
        elif meant in (HOLDER, LEFT_OUT):
            other = True
        else:
            raise ValueError(
                f"stance must be one of {', '.join(Stance)}, got {label!r}; {_way_out(str(label).strip())}"
            )
    if len(stances) > 1:
        raise ValueError(f"a target must have one stance, got {' and '.join(sorted(stances))}; keep one")
    if not stances and not other:
        raise ValueError(f"stance must be one of {', '.join(Stance)}, got only the kind {kind!r}; label its stance too")
    return next(iter(stances), None), kind


def _way_out(label: str) -> str:
    """What to do about a label that is no stance."""
    if not label:
        return "fill it in, or delete the row"
    near = get_close_matches(label.lower(), list(map(str, Stance)), 1)
    if near:
        return f"write {near[0]!r} if that is meant"
    return f"rename the label, or map it with `--map {label}=STANCE` (`={LEFT_OUT}` leaves it out)"


def _checked_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The mapping with labels in lower case."""
    meanings = [*Stance, *TargetKind, HOLDER, LEFT_OUT]
    for label, meaning in labels.items():
        if meaning not in meanings:
            raise ValueError(f"labels: {label!r} must mean one of {', '.join(meanings)}, got {meaning!r}; correct it")
    return {str(label).casefold(): meaning for label, meaning in labels.items()}


def _whole_number(value: Any, name: str) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value[:12])
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number of characters, got {value!r}; fix the row")
    return value
