"""Labelled records: one sentence with its targets and their stances, and the marked notation people write them in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stance.document import Stance

SIGNS = {"+": Stance.SUPPORT, "-": Stance.CONDEMN, "=": Stance.NEUTRAL}
_SIGN_OF = {stance: sign for sign, stance in SIGNS.items()}


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


def check_records(records: Iterable[object]) -> None:
    """Raise a TypeError where one of them is no `Record`."""
    for record in records:
        if not isinstance(record, Record):
            raise TypeError(f"record must be a Record, got {type(record).__name__}; read labels with load_records")


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
