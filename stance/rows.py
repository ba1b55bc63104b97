"""Analyses -> rows, and these as CSV, JSON lines, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from stance.document import Analysis, Stance
from stance.records import Record
from stance.terminal import escape, one_line, sign_for_sign

STANCES_AS_READ = (Stance.SUPPORT, Stance.CONDEMN, Stance.NEUTRAL)
_MARKDOWN = re.compile(r"([\\`*_<\[|])")
_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".json": "json", ".md": "markdown", ".txt": "table", "": "table"}


class Row(NamedTuple):
    """A judgement with its document and sentence; `condemn`, `neutral` and `support` are the probabilities, in 0..1.

    `date` is ISO 8601 or None, `issuers` are their ids, or names without one, joined by "; ".
    """

    file: str
    date: str | None
    issuers: str
    sentence_number: int
    stance: str
    confidence: float
    target: str
    kind: str
    id: str | None
    evidence: str
    holder: str
    holder_id: str | None
    strength: int
    condemn: float
    neutral: float
    support: float
    start: int
    end: int
    sentence_start: int
    sentence: str


READABLE = ("file", "stance", "target", "kind", "id", "confidence", "evidence", "sentence")  # for Markdown


class FamilyRow(NamedTuple):
    """The size of a family of labelled sentences and the share of each stance, in 0..1."""

    family: str
    statements: int
    sentences: int
    targets: int
    support: float
    condemn: float
    neutral: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are wanted: of any of `stances` and `targets` (of all if empty), from `min_confidence` on."""

    stances: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    min_confidence: float = 0.0

    def keeps(self, row: Row) -> bool:
        """Whether the row is wanted. A target is named by its id, or by words that it holds."""
        return (
            row.confidence >= self.min_confidence
            and (not self.stances or row.stance in self.stances)
            and (not self.targets or any(_names(target, row) for target in self.targets))
        )


def rows_of(file: str, analysis: Analysis) -> Iterator[Row]:
    """A row for each judgement of a file, in the order of the text."""
    _check(analysis)
    sentences = analysis.document.sentences
    starts = [sentence.start for sentence in sentences]
    date = analysis.facts.date.isoformat() if analysis.facts.date else None
    issuers = "; ".join(issuer.id or issuer.text for issuer in analysis.facts.issuers)
    for judgement in analysis.judgements:
        target, holder, chances = judgement.target, judgement.holder, judgement.probabilities
        number = max(bisect_right(starts, target.start), 1)
        sentence = sentences[number - 1]
        yield Row(
            file,
            date,
            issuers,
            number,
            str(judgement.stance),
            round(judgement.confidence, 4),
            target.text,
            str(target.kind),
            target.id,
            judgement.evidence,
            holder.text,
            holder.id,
            judgement.strength,
            round(chances["condemn"], 4),
            round(chances["neutral"], 4),
            round(chances["support"], 4),
            target.start,
            target.end,
            sentence.start,
            sentence.text,
        )


def named(analyses: Analysis | Mapping[str, Analysis] | Iterable[Analysis]) -> dict[str, Analysis]:
    """The analyses by name; where none are given these are their titles, numbered if that is not enough."""
    if isinstance(analyses, Mapping):
        for analysis in analyses.values():
            _check(analysis)
        return dict(analyses)
    listed = [analyses] if isinstance(analyses, Analysis) else list(analyses)
    for analysis in listed:
        _check(analysis)
    titles = [analysis.facts.title for analysis in listed]
    names: dict[str, Analysis] = {}
    for number, (title, analysis) in enumerate(zip(titles, listed, strict=True), 1):
        name = title if title and titles.count(title) == 1 else f"{title or 'text'} {number}"
        while name in names or (name != title and name in titles):
            name += "'"
        names[name] = analysis
    return names


def _check(analysis: object) -> None:
    if not isinstance(analysis, Analysis):
        raise TypeError(f"analysis must be an Analysis, got {type(analysis).__name__}; leave failures out")


def format_for(path: str | None) -> str:
    """The format that the ending of a file asks for: csv, jsonl, json, markdown; table for .txt and none.

    Raises
    ------
    ValueError
        Where it has another ending.

    Examples
    --------
    >>> format_for("scores.csv"), format_for(None)
    ('csv', 'table')
    """
    ending = Path(path).suffix.lower() if path else ""
    if ending not in _ENDINGS:
        raise ValueError(
            f"{path}: ending must be one of {', '.join(filter(None, _ENDINGS))}, got {ending!r}; name the file so, "
            "give --format, or write .xlsx and .parquet with `stance table`"
        )
    return _ENDINGS[ending]


def format_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Iterator[str]:
    """Lines of CSV with a heading; every text is quoted, so that none breaks its row.

    For what would steer a terminal stands one U+FFFD each, and offsets still fit.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="")
    for cells in _with_heading(rows, columns):
        writer.writerow(
            [sign_for_sign(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells]
        )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def format_jsonl(rows: Iterable[Mapping[str, object]], _columns: Sequence[str] = ()) -> Iterator[str]:
    """One JSON object a line."""
    # what json leaves as it is (C1 controls, lone surrogates) has the same escapes in JSON as in `escape`
    return (escape(json.dumps(row, ensure_ascii=False)) for row in rows)


def format_json(rows: Iterable[Mapping[str, object]], _columns: Sequence[str] = ()) -> Iterator[str]:
    """The lines of one JSON array."""
    opening = "["
    for line in format_jsonl(rows):
        yield opening + line
        opening = ","
    yield "]" if opening == "," else "[]"


def format_markdown(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Iterator[str]:
    """The lines of a Markdown table."""
    for number, cells in enumerate(_with_heading(rows, columns)):
        yield f"| {' | '.join(_markdown_cell(cell) for cell in cells)} |"
        if not number:
            yield "|---" * len(columns) + "|"


Writer = Callable[[Iterable[Mapping[str, object]], Sequence[str]], Iterator[str]]
WRITERS: dict[str, Writer] = {
    "csv": format_csv,
    "jsonl": format_jsonl,
    "json": format_json,
    "markdown": format_markdown,
}


def describe(records: Sequence[Record]) -> list[FamilyRow]:
    """The size and the stances of each family of labelled records, and of all together in the last row."""
    families: dict[str, list[Record]] = {}
    for record in records:
        families.setdefault(record.family, []).append(record)
    return [_described(name, group) for name, group in [*sorted(families.items()), ("all", list(records))]]


def _names(wanted: str, row: Row) -> bool:
    wanted = one_line(wanted).strip().casefold()
    # whole words, since "us" stands in "Russia"
    return wanted == (row.id or "").casefold() or bool(
        re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", one_line(row.target).casefold())
    )


def _with_heading(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Iterator[list[object]]:
    yield list(columns)
    for row in rows:
        yield [row[name] for name in columns]


def _markdown_cell(value: object) -> str:
    return "" if value is None else _MARKDOWN.sub(r"\\\1", one_line(str(value)))


def _described(family: str, records: Sequence[Record]) -> FamilyRow:
    stances = Counter(str(target.stance) for record in records for target in record.targets)
    total = stances.total()
    support, condemn, neutral = (round(stances[stance] / max(total, 1), 3) for stance in STANCES_AS_READ)
    statements = len({record.statement or record.id for record in records})
    return FamilyRow(family, statements, len(records), total, support, condemn, neutral)
