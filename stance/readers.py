"""Labelled files as their tools write them -> raw records: what was marked and how, not yet checked or mapped.

Each reader knows the shape of one export and nothing else; labels, offsets and repairs are the business of `mending`.
A reader yields the line at which a record begins, with the record or with what is wrong with its shape.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stance.inputs import csv_rows

HOLDER = "holder"  # the label of a span, and of a relation, that says whose view it is
_SHOWN = 60  # characters of a broken row that a message shows
_POLARITIES = {2: "condemn", 4: "neutral", 6: "support"}  # of NewsMTSC
_NAMES = ("id", "statement", "family")


class RawTarget(NamedTuple):
    """One marked span as a tool gives it.

    `labels` are its labels and choices; `text` its words where the tool keeps them; `occurrence` tells which of equal
    words is meant where there are no offsets; `holder` is the span of whose view it is; `kind` stands where the format
    has a place of its own for it; `optional` marks what annotators differed on.
    """

    labels: tuple[Any, ...]
    start: Any = None
    end: Any = None
    text: Any = None
    occurrence: Any = None
    holder: tuple[Any, Any] | None = None
    kind: str = ""
    optional: bool = False


class RawRecord(NamedTuple):
    """One text with what was marked in it; `note` says what of it was passed over, and "" for a name means none."""

    text: str
    targets: tuple[RawTarget, ...]
    id: str = ""
    statement: str = ""
    family: str = ""
    note: str = ""
    weight: Any = 1.0


class Skipped(NamedTuple):
    """A row that holds no finished labels, and why."""

    reason: str


Rows = Iterator[tuple[int, RawRecord | Skipped | ValueError]]


def read_json_lines(text: str) -> Rows:
    """Our own JSON lines: `text`, `targets`, and if wanted `id`, `statement`, `family`."""
    return _each_line(text, _own_record)


def read_doccano(text: str) -> Rows:
    """The JSONL export of doccano: `label` holds [start, end, label] lists, or `entities` and `relations`."""
    return _each_line(text, _doccano_record)


def read_prodigy(text: str) -> Rows:
    """What `prodigy db-out` writes: `spans`, `answer` and, from rel.manual, `relations`."""
    return _each_line(text, _prodigy_record)


def read_newsmtsc(text: str) -> Rows:
    """The JSONL of NewsMTSC: `sentence_normalized`, and `targets` with a polarity of 2, 4 or 6."""
    return _each_line(text, _newsmtsc_record)


def read_label_studio(text: str) -> Rows:
    """The JSON or JSON-MIN export of Label Studio: one array of tasks, or a task a line."""
    if text.lstrip()[:1] != "[":
        return _each_line(text, _label_studio_record)
    return _each_element(text, _label_studio_record)


def read_table(delimiter: str) -> Callable[[str], Rows]:
    """CSV or TSV with one target a row: columns text, stance, and start and end or else target (and occurrence)."""

    def read(text: str) -> Rows:
        header, table = csv_rows(text, delimiter, str.lower)
        required = {"text", "stance"} if "target" in header else {"text", "start", "end", "stance"}
        if required - set(header):
            missing = ", ".join(sorted(required - set(header)))
            yield (
                1,
                ValueError(
                    f"header must name text, start, end and stance, got {', '.join(header) or 'nothing'}; "
                    f"add {missing}, or target in the place of start and end"
                ),
            )
            return
        groups: dict[tuple[str, ...], list[tuple[int, dict[Any, Any]]]] = {}
        for number, row in table:
            if isinstance(row, ValueError):
                yield number, row
            elif None in row:
                yield (
                    number,
                    ValueError(f"row must have {len(header)} cells, got {len(header) + len(row[None])}; quote it"),
                )
            else:
                groups.setdefault((row["text"] or "", *_names(row)), []).append((number, row))
        for (words, *names), rows in groups.items():
            targets = (_target_of_row(row, row.get("target")) for _, row in rows if _is_labelled(row))
            yield rows[0][0], RawRecord(words, tuple(targets), *names)

    return read


def read_brat(text: str, annotations: str) -> Rows:
    """A brat document: the text, one sentence a line, and the lines of its `.ann` file."""
    spans: dict[str, RawTarget] = {}
    found: list[tuple[str, str]] = []
    lines: dict[str, int] = {}  # of the .ann file, on which a span stands
    problems: list[tuple[int, ValueError]] = []
    for number, line in enumerate(annotations.split("\n"), 1):
        try:
            _read_annotation(line.rstrip("\r"), spans, found)
        except ValueError as error:
            problems.append((number, ValueError(f"in the .ann file: {error}")))
        lines.setdefault(line.partition("\t")[0], number)
    yield from problems
    left = deque(sorted(zip(_with_holders(spans, found), spans, strict=True), key=lambda each: each[0].start))
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        end = start + len(line)
        inside: list[RawTarget] = []
        while left and start <= left[0][0].start < end and line.strip():
            inside.append(_moved(left.popleft()[0], start))
        while left and left[0][0].start <= end:
            yield _misplaced(*left.popleft(), lines, text)
        if line.strip():
            yield number, RawRecord(line.rstrip("\r"), tuple(inside))
        start = end + 1
    yield from (_misplaced(target, key, lines, text) for target, key in left)


def _misplaced(target: RawTarget, key: str, lines: Mapping[str, int], text: str) -> tuple[int, ValueError]:
    return lines[key], ValueError(
        f"in the .ann file: target must begin inside a line of the text of {len(text)} characters, "
        f"got {target.start}; fix {key}"
    )


def _each_line(text: str, make: Callable[[Any], RawRecord | Skipped]) -> Rows:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _made(lambda row: make(json.loads(row)), line)


def _each_element(text: str, make: Callable[[Any], RawRecord | Skipped]) -> Rows:
    """The elements of a JSON array, each with the line on which it begins."""
    decoder, position = json.JSONDecoder(), text.index("[") + 1
    number, counted = text.count("\n", 0, position) + 1, position
    while True:
        found = re.compile(r"[\s,]*").match(text, position)
        position = found.end() if found else position
        number, counted = number + text.count("\n", counted, position), position
        if text[position : position + 1] in ("]", ""):
            if position >= len(text):
                yield number, ValueError("file must be a whole JSON array, got its end before ']'; export it again")
            return
        try:
            element, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = "a deeply nested value" if isinstance(error, RecursionError) else str(error)
            yield number, ValueError(f"file must be a whole JSON array, got {reason}; export it again")
            return
        yield number, _made(make, element)


def _made(make: Callable[[Any], RawRecord | Skipped], row: Any) -> RawRecord | Skipped | ValueError:
    try:
        return make(row)
    except json.JSONDecodeError as error:
        return ValueError(f"a record must be JSON, got {error}; fix the row or export it again")
    except RecursionError:
        return ValueError("a record must be a plain JSON object, got a deeply nested one; fix the row")
    except ValueError as error:
        return error


def _own_record(row: Any) -> RawRecord:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get("targets"), list):
        raise ValueError(
            f"a record must be an object with 'text' and 'targets', got {_short(row)}; see docs/labelling.md"
        )
    targets = []
    for target in row["targets"]:
        if not isinstance(target, dict):
            raise ValueError(f"a target must be an object, got {_short(target)}; give start, end and stance")
        targets.append(_target_of_row(target, target.get("text"))._replace(optional=bool(target.get("optional"))))
    return RawRecord(row["text"], tuple(targets), *_names(row), weight=row.get("weight", 1.0))


def _is_labelled(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) for name in ("start", "end", "target", "stance"))


def _target_of_row(row: Mapping[str, Any], words: Any) -> RawTarget:
    """A target of our own JSON lines or table."""
    holder = row.get("holder")
    span = (holder.get("start"), holder.get("end")) if isinstance(holder, dict) else None
    if row.get("holder_start"):
        span = (row["holder_start"], row.get("holder_end"))
    start, end = (None if row.get(name) == "" else row.get(name) for name in ("start", "end"))
    kind = str(row.get("kind") or "")
    return RawTarget((row.get("stance"),), start, end, words, row.get("occurrence") or None, span, kind)


def _doccano_record(row: Any) -> RawRecord | Skipped:
    marked = row.get("entities", row.get("label", row.get("labels"))) if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(marked, list):
        raise ValueError(
            f"a doccano row must be an object with 'text' and 'label' or 'entities', got {_short(row)}; "
            "export it as JSONL from a sequence labelling project"
        )
    kinds = row["kinds"] if isinstance(row.get("kinds"), dict) else {}
    spans: dict[str, RawTarget] = {}
    for number, item in enumerate(marked):
        if isinstance(item, dict):
            key, cells = str(item.get("id", number)), [item.get(n) for n in ("start_offset", "end_offset", "label")]
        else:
            key, cells = str(number), item
        if not isinstance(cells, list) or len(cells) != 3:
            raise ValueError(f"a doccano label must be [start, end, label], got {_short(item)}; export it again")
        kind = kinds.get(f"{cells[0]}-{cells[1]}", "") if not _is_holder(cells[2]) else ""
        spans[key] = RawTarget((cells[2],), cells[0], cells[1], kind=str(kind))
    found = [
        (str(r.get("from_id")), str(r.get("to_id")))
        for r in _objects(row.get("relations"))
        if _is_holder(r.get("type"))
    ]
    return RawRecord(row["text"], _with_holders(spans, found), *_names(row))


def _prodigy_record(row: Any) -> RawRecord | Skipped:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError(
            f"a Prodigy row must be an object with 'text' and 'spans', got {_short(row)}; export it with db-out"
        )
    if row.get("answer", "accept") != "accept":
        return Skipped(f"answer is {row['answer']!r}")
    spans = {
        _key(item): RawTarget(
            (item.get("label"),), item.get("start"), item.get("end"), item.get("text"), kind=str(item.get("kind") or "")
        )
        for item in _objects(row.get("spans"))
    }
    found = [
        (_key(r.get("head_span")), _key(r.get("child_span")))
        for r in _objects(row.get("relations"))
        if _is_holder(r.get("label"))
    ]
    meta = row["meta"] if isinstance(row.get("meta"), dict) else {}
    return RawRecord(row["text"], _with_holders(spans, found), *_names({**row, **meta}))


def _newsmtsc_record(row: Any) -> RawRecord:
    if not isinstance(row, dict) or not isinstance(row.get("sentence_normalized"), str):
        raise ValueError(
            f"a NewsMTSC row must be an object with 'sentence_normalized' and 'targets', got {_short(row)}; "
            "take the JSONL files of the data set"
        )
    targets = tuple(
        RawTarget(
            (_polarity(item.get("polarity", 0)),),
            item.get("from"),
            item.get("to"),
            item.get("mention"),
            holder=_pair(item.get("holder")),
            kind=str(item.get("kind") or ""),
        )
        for item in _objects(row.get("targets"))
    )
    name = str(row.get("primary_gid", ""))
    article = "_".join(
        name.split("_")[:3]
    )  # "allsides_1002_402_12_Clinton_229_246": source, story, article, sentence ...
    return RawRecord(
        row["sentence_normalized"], targets, name, str(row.get("statement", article)), str(row.get("family", ""))
    )


def _polarity(told: Any) -> Any:
    return told if isinstance(told, list | dict) else _POLARITIES.get(told, told)


def _label_studio_record(task: Any) -> RawRecord | Skipped:
    if not isinstance(task, dict):
        raise ValueError(f"a Label Studio task must be an object, got {_short(task)}; export it as JSON or JSON-MIN")
    data = task["data"] if isinstance(task.get("data"), dict) else task
    text, note = _text_of_task(data), ""
    if "data" not in task:  # JSON-MIN: the regions stand beside the text, under the name of the control
        lists = [v for v in task.values() if isinstance(v, list) and v and all(isinstance(i, dict) for i in v)]
        results = [{"value": item, "id": str(n), "type": "labels"} for n, item in enumerate(lists[0] if lists else [])]
    else:
        given = [a for a in _objects(task.get("annotations", task.get("completions"))) if not a.get("was_cancelled")]
        if not given:
            return Skipped("task has no finished annotation")
        given.sort(key=lambda a: not a.get("ground_truth"))
        results = _objects(given[0].get("result"))
        if len(given) > 1:
            taken = "the ground truth" if given[0].get("ground_truth") else "the first"
            note = f"task has {len(given)} annotations, took {taken}"
    return RawRecord(text, _regions(results), *_names({"id": task.get("id", ""), **data}), note=note)


def _text_of_task(data: Mapping[str, Any]) -> str:
    texts = [value for name, value in data.items() if isinstance(value, str) and name not in _NAMES]
    if isinstance(data.get("text"), str):
        return str(data["text"])
    if len(texts) != 1:
        raise ValueError(f"a Label Studio task must hold one text, got {_short(dict(data))}; name its field 'text'")
    return texts[0]


def _regions(results: Sequence[dict[str, Any]]) -> tuple[RawTarget, ...]:
    """The regions of an annotation; what a region is given by several controls (labels, choices) counts together."""
    spans: dict[str, RawTarget] = {}
    found = []
    for number, item in enumerate(results):
        value: dict[str, Any] = item["value"] if isinstance(item.get("value"), dict) else {}
        if item.get("type") == "relation":
            if any(map(_is_holder, item.get("labels") or [HOLDER])):
                found.append((str(item.get("from_id")), str(item.get("to_id"))))
            continue
        labels = next(
            (v for k, v in value.items() if k in ("labels", "hypertextlabels", "choices") and isinstance(v, list)), []
        )
        offsets = value["globalOffsets"] if isinstance(value.get("globalOffsets"), dict) else value
        key = str(item.get("id", number))
        known = spans.get(key, RawTarget((), offsets.get("start"), offsets.get("end"), value.get("text")))
        spans[key] = known._replace(labels=(*known.labels, *labels))
    return _with_holders({key: span for key, span in spans.items() if span.start is not None}, found)


def _with_holders(spans: Mapping[str, RawTarget], found: Sequence[tuple[str, str]]) -> tuple[RawTarget, ...]:
    """The spans with their holders; a relation may run either way, its holder is the span that is labelled so."""
    holders: dict[str, tuple[Any, Any]] = {}
    for pair in found:
        a, b = sorted(pair, key=lambda key: not (key in spans and any(map(_is_holder, spans[key].labels))))
        if a in spans and b in spans:
            holders[b] = (spans[a].start, spans[a].end)
    return tuple(span._replace(holder=holders.get(key, span.holder)) for key, span in spans.items())


def _read_annotation(line: str, spans: dict[str, RawTarget], found: list[tuple[str, str]]) -> None:
    key, _, rest = line.partition("\t")
    if key[:1] == "T":
        match = re.fullmatch(r"(\S+) (\d+) (?:\d+;\d+ )*(\d+)(?:\t(.*))?", rest)
        if match is None:
            raise ValueError(f"a span must be 'T1<tab>label start end<tab>text', got {line[:_SHOWN]!r}; fix the line")
        label, start, end, words = match.groups()
        broken = ";" in rest.split("\t")[0]  # of several pieces, the whole is taken
        spans[key] = RawTarget((label,), int(start), int(end), None if broken else words)
    elif key[:1] == "R" and _is_holder(rest.split(" ")[0]):
        arguments = [part.partition(":")[2] for part in rest.split()[1:3]]
        if len(arguments) != 2:
            raise ValueError(f"a relation must name two spans, got {line[:_SHOWN]!r}; fix the line")
        found.append((arguments[0], arguments[1]))
    elif key[:1] in ("A", "M"):
        parts = rest.split()
        if len(parts) > 1 and parts[1] in spans:
            spans[parts[1]] = spans[parts[1]]._replace(labels=(*spans[parts[1]].labels, parts[-1]))


def _moved(target: RawTarget, offset: int) -> RawTarget:
    holder = target.holder
    span = None if holder is None else (holder[0] - offset, holder[1] - offset)
    return target._replace(start=target.start - offset, end=target.end - offset, holder=span)


def _key(span: Any) -> str:
    return (
        "{start}-{end} {label}".format_map(span)
        if isinstance(span, dict) and {"start", "end", "label"} <= set(span)
        else ""
    )


def _pair(value: Any) -> tuple[Any, Any] | None:
    return (value[0], value[1]) if isinstance(value, list) and len(value) == 2 else None


def _names(row: Mapping[str, Any]) -> tuple[str, str, str]:
    name, statement, family = (str(row[n]) if row.get(n) not in (None, "") else "" for n in _NAMES)
    return name, statement, family


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_holder(label: Any) -> bool:
    return str(label).casefold() == HOLDER


def _short(value: Any) -> str:
    return repr(str(value)[:_SHOWN])


READERS: dict[str, Callable[[str], Rows]] = {
    "jsonl": read_json_lines,
    "csv": read_table(","),
    "tsv": read_table("\t"),
    "label-studio": read_label_studio,
    "doccano": read_doccano,
    "prodigy": read_prodigy,
    "newsmtsc": read_newsmtsc,
}
FORMATS = ("marked", "brat", *READERS)
ENDINGS = (".txt", ".jsonl", ".json", ".csv", ".tsv")
# What tells the sorts of JSON lines apart: the first that the first row has.
_TOKENS = {
    "sentence_normalized": "newsmtsc",
    "targets": "jsonl",
    "annotations": "label-studio",
    "completions": "label-studio",
    "spans": "prodigy",
    "answer": "prodigy",
    "entities": "doccano",
    "label": "doccano",
    "labels": "doccano",
}


def guess_format(ending: str, text: str, has_annotations: bool, place: str) -> str:
    """The format of a labelled file by its ending, by whether an `.ann` stands beside it, and by its first row.

    Raises
    ------
    ValueError
        Where the ending is no sign of labels.
    """
    ending = ending.lower()
    if ending not in ENDINGS:
        raise ValueError(
            f"{place}: ending must be one of {', '.join(ENDINGS)}, got {ending!r}; rename or convert the file"
        )
    if ending == ".txt":
        return "brat" if has_annotations else "marked"
    if ending in (".csv", ".tsv"):
        return ending[1:]
    if text.lstrip()[:1] == "[" and ending == ".json":
        return "label-studio"
    try:
        row = json.loads(next((line for line in text.split("\n") if line.strip()), ""))
    except (ValueError, RecursionError):
        row = None
    names = row if isinstance(row, dict) else ()
    return next((format for sign, format in _TOKENS.items() if sign in names), "jsonl")
