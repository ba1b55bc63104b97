"""Raw records -> records: labels mapped to stances, offsets checked or mended, each mend told."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from stance.document import Stance, TargetKind
from stance.readers import HOLDER, RawRecord, RawTarget, Skipped
from stance.records import LabelledTarget, Record, checked_targets

LEFT_OUT = "-"  # what a label is mapped to that marks no target


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


def mended(
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
        start, end, note = (_exact_span if exact else _mended_span)(row.text, raw)
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


def _mended_span(text: str, raw: RawTarget) -> tuple[int, int, str]:
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


def checked_labels(labels: Mapping[str, str]) -> dict[str, str]:
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
