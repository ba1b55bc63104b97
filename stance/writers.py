"""Records -> the files of labelling tools: what `readers` reads, and what each tool takes in.

Where labels are only proposed (`predicted`), each tool gets them in the way that it shows as a proposal.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from stance.document import Stance
from stance.labelled import WEIGHT_LINE
from stance.readers import HOLDER
from stance.records import Record, format_marked

COLUMNS = (
    *("id", "statement", "family", "text", "start", "end", "target", "stance", "kind"),
    *("holder_start", "holder_end"),
)
_POLARITIES = {Stance.CONDEMN: 2.0, Stance.NEUTRAL: 4.0, Stance.SUPPORT: 6.0}
# What a format has no place for, and a converted file therefore loses.
_LOST = {
    "jsonl": (),
    "marked": ("ids", "statements", "families", "kinds", "holders", "optional targets"),
    "brat": ("ids", "families", "optional targets", "weights"),
}

Writer = Callable[[Sequence[Record], bool], Iterator[str]]


def losses(records: Sequence[Record], format: str) -> list[str]:
    """What of the records the format has no place for: ids, for example, or holders.

    An id that is only a file and a line counts for nothing.
    """
    targets = [target for record in records for target in record.targets]
    held = {
        "ids": any(not re.fullmatch(r".*:\d+", record.id) for record in records),
        "statements": any(record.statement != _heading(record.statement) for record in records),
        "families": any(record.family for record in records),
        "kinds": any(target.kind for target in targets),
        "holders": any(target.holder for target in targets),
        "optional targets": any(record.optional for record in records),
        "weights": any(record.weight != 1.0 for record in records),
    }
    return [name for name in _LOST.get(format, ("optional targets", "weights")) if held[name]]


def write_marked(records: Sequence[Record], _predicted: bool = False) -> Iterator[str]:
    """Marked sentences, each statement under its heading.

    Raises
    ------
    ValueError
        Where a text has several lines or white space at its ends, or its targets cross, which the notation cannot show.
    """
    before, weight = None, 1.0
    for record in records:
        if record.text != record.text.strip() or "\n" in record.text or not record.text:
            raise ValueError(
                f"record {record.id}: text must stand on one line without white space around it, "
                f"got {record.text[:60]!r}; convert to jsonl"
            )
        if record.statement != before:
            yield f"## {_heading(record.statement)}"
        before = record.statement
        if record.weight != weight:
            weight = record.weight
            yield f"{WEIGHT_LINE}{weight!r}"
        try:
            yield format_marked(record.text, record.targets)
        except ValueError as error:
            raise ValueError(f"record {record.id}: {error}") from None


def write_json_lines(records: Sequence[Record], _predicted: bool = False) -> Iterator[str]:
    """Our own JSON lines, which hold all that a record does."""
    for record in records:
        targets = []
        for target in (*record.targets, *record.optional):
            row: dict[str, Any] = _span(record.text, target.start, target.end) | {"stance": str(target.stance)}
            row |= {"kind": target.kind} if target.kind else {}
            row |= {"holder": _span(record.text, *target.holder)} if target.holder else {}
            row |= {"optional": True} if target in record.optional else {}
            targets.append(row)
        weight = {"weight": record.weight} if record.weight != 1.0 else {}
        yield _json(_names(record) | weight | {"text": record.text, "targets": targets})


def write_table(delimiter: str) -> Writer:
    """CSV or TSV with one target a row; a record without targets has one row without a span."""

    def write(records: Sequence[Record], _predicted: bool = False) -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="", quoting=csv.QUOTE_ALL)
        for cells in [COLUMNS, *(row for record in records for row in _cells(record))]:
            writer.writerow(cells)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return write


def write_label_studio(records: Sequence[Record], predicted: bool = False) -> Iterator[str]:
    """The JSON of Label Studio tasks for a `<Labels name="label" toName="text">` with a text and relations."""
    for number, record in enumerate(records):
        result = _results(record)
        done: dict[str, Any] = {"predictions": [{"model_version": "stance", "result": result}]}
        if not predicted:
            done = {"annotations": [{"result": result, "was_cancelled": False, "ground_truth": False}]}
        yield ("," if number else "[") + _json({"data": _names(record) | {"text": record.text}} | done)
    yield "]" if records else "[]"


def write_doccano(records: Sequence[Record], _predicted: bool = False) -> Iterator[str]:
    """The JSONL of doccano; with holders that of its relation projects."""
    for record in records:
        row: dict[str, Any] = _names(record) | {"text": record.text}
        if any(target.holder for target in record.targets):
            spans = _with_holder_spans(record)
            entities = [{"id": n, "label": s[2], "start_offset": s[0], "end_offset": s[1]} for n, s in enumerate(spans)]
            row |= {
                "entities": entities,
                "relations": [
                    {"id": n, "from_id": a, "to_id": b, "type": HOLDER}
                    for n, (a, b) in enumerate(_links(record, spans))
                ],
            }
        else:
            row["label"] = [[target.start, target.end, str(target.stance)] for target in record.targets]
        kinds = {f"{target.start}-{target.end}": target.kind for target in record.targets if target.kind}
        yield _json(row | ({"kinds": kinds} if kinds else {}))


def write_prodigy(records: Sequence[Record], predicted: bool = False) -> Iterator[str]:
    """The JSONL of Prodigy's span and relation recipes."""
    for record in records:
        marked = _with_holder_spans(record)
        kinds = {(target.start, target.end): target.kind for target in record.targets}
        spans = [
            {"start": start, "end": end, "label": label, "text": record.text[start:end]}
            | ({"kind": kinds[start, end]} if label != HOLDER and kinds[start, end] else {})
            for start, end, label in marked
        ]
        row: dict[str, Any] = {"text": record.text, "spans": spans, "meta": _names(record)}
        ends = [{"start": start, "end": end, "label": label} for start, end, label in marked]
        relations = [{"head_span": ends[a], "child_span": ends[b], "label": HOLDER} for a, b in _links(record, marked)]
        yield _json(row | ({"relations": relations} if relations else {}) | ({} if predicted else {"answer": "accept"}))


def write_newsmtsc(records: Sequence[Record], _predicted: bool = False) -> Iterator[str]:
    """The JSONL of NewsMTSC."""
    for record in records:
        targets = [
            {
                "Input.gid": f"{record.id}_{target.start}_{target.end}",
                "from": target.start,
                "to": target.end,
                "mention": record.text[target.start : target.end],
                "polarity": _POLARITIES[target.stance],
            }
            | ({"kind": target.kind} if target.kind else {})
            | ({"holder": list(target.holder)} if target.holder else {})
            for target in record.targets
        ]
        names = {"statement": record.statement, "family": record.family}
        yield _json({"primary_gid": record.id, "sentence_normalized": record.text, "targets": targets} | names)


def write_brat(records: Iterable[Record]) -> dict[str, tuple[list[str], list[str]]]:
    """The lines of a `.txt` and of an `.ann` for each statement, by a name that a file may have.

    Raises
    ------
    ValueError
        Where a text has several lines or none, since a line is a sentence there.
    """
    files: dict[str, tuple[list[str], list[str]]] = {}
    lengths: dict[str, int] = {}
    marks: dict[str, Counter[str]] = {}  # how many spans, attributes and relations a file holds
    names: dict[str, str] = {}
    for record in records:
        if re.search(r"[\r\n]", record.text) or not record.text.strip():
            raise ValueError(
                f"record {record.id}: text must stand on one line, got {record.text[:60]!r}; convert to jsonl"
            )
        name = names.setdefault(record.statement, _free_name(record.statement, set(names.values())))
        text, annotations = files.setdefault(name, ([], []))
        _annotate(record, lengths.get(name, 0), annotations, marks.setdefault(name, Counter()))
        lengths[name] = lengths.get(name, 0) + len(record.text) + 1
        text.append(record.text)
    return files


def _annotate(record: Record, offset: int, lines: list[str], marks: Counter[str]) -> None:
    marked = _with_holder_spans(record)
    first = marks["T"] + 1
    for number, (start, end, label) in enumerate(marked, first):
        lines.append(f"T{number}\t{label} {start + offset} {end + offset}\t{record.text[start:end]}")
    numbered = zip(range(first, first + len(record.targets)), record.targets, strict=True)
    kinds = [(number, target.kind) for number, target in numbered if target.kind]
    lines.extend(f"A{n}\tkind T{number} {kind}" for n, (number, kind) in enumerate(kinds, marks["A"] + 1))
    links = list(_links(record, marked))
    for number, (a, b) in enumerate(links, marks["R"] + 1):
        lines.append(f"R{number}\t{HOLDER} Arg1:T{first + a} Arg2:T{first + b}")
    marks.update(T=len(marked), A=len(kinds), R=len(links))


def _free_name(statement: str, taken: set[str]) -> str:
    plain = re.sub(r"[^\w.-]+", "-", statement).strip(".-")[:80] or "statement"
    return next(name for n in count(1) if (name := plain if n == 1 else f"{plain}-{n}") not in taken)


def _with_holder_spans(record: Record) -> list[tuple[int, int, str]]:
    """The targets with their stances, and behind them each span of a holder once."""
    holders = dict.fromkeys(target.holder for target in record.targets if target.holder)
    targets = [(target.start, target.end, str(target.stance)) for target in record.targets]
    return targets + [(*holder, HOLDER) for holder in holders]


def _links(record: Record, spans: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """Which target has which holder, as numbers of the spans."""
    places = {(start, end): n for n, (start, end, label) in enumerate(spans) if label == HOLDER}
    return [(n, places[target.holder]) for n, target in enumerate(record.targets) if target.holder]


def _results(record: Record) -> list[dict[str, Any]]:
    spans = _with_holder_spans(record)
    results: list[dict[str, Any]] = []
    common = {"from_name": "label", "to_name": "text", "type": "labels"}
    for number, (start, end, label) in enumerate(spans):
        value = {"start": start, "end": end, "text": record.text[start:end]}
        results.append({"id": f"t{number}", "value": value | {"labels": [label]}} | common)
        kind = record.targets[number].kind if number < len(record.targets) else ""
        if kind:
            choice = {"from_name": "kind", "to_name": "text", "type": "choices"}
            results.append({"id": f"t{number}", "value": value | {"choices": [kind]}} | choice)
    for a, b in _links(record, spans):
        results.append(
            {"type": "relation", "from_id": f"t{a}", "to_id": f"t{b}", "labels": [HOLDER], "direction": "right"}
        )
    return results


def _cells(record: Record) -> Iterator[tuple[object, ...]]:
    names = tuple(_names(record).values())
    if not record.targets:
        yield (*names, record.text, *[""] * (len(COLUMNS) - 4))
    for target in record.targets:
        words = record.text[target.start : target.end]
        span = (target.start, target.end, words, str(target.stance), target.kind)
        yield (*names, record.text, *span, *(target.holder or ("", "")))


def _names(record: Record) -> dict[str, str]:
    return {"id": record.id, "statement": record.statement, "family": record.family}


def _heading(statement: str) -> str:
    """The statement as a heading can hold it: up to its first colon with a space behind, on one line."""
    return " ".join(statement.split()).split(": ")[0]


def _span(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": start, "end": end, "text": text[start:end]}


def _json(row: Mapping[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", line)


WRITERS: dict[str, Writer] = {
    "marked": write_marked,
    "jsonl": write_json_lines,
    "csv": write_table(","),
    "tsv": write_table("\t"),
    "label-studio": write_label_studio,
    "doccano": write_doccano,
    "prodigy": write_prodigy,
    "newsmtsc": write_newsmtsc,
}
