"""Records of several sentences -> records of one sentence each, as the model learns them."""

from __future__ import annotations

from dataclasses import replace

from stance.records import LabelledTarget, Record
from stance.segmentation import segment


def split(record: Record) -> tuple[list[Record], list[str]]:
    """The sentences of a record as records, and notes on targets that do not lie within one of them.

    All keep the statement; where there are several, their ids are numbered. A holder in another sentence is left off.
    """
    sentences = segment(record.text).sentences
    if len(sentences) < 2:
        return [record], []
    made, placed = [], set[LabelledTarget]()
    for number, sentence in enumerate(sentences, 1):
        within = [t for t in record.targets if sentence.start <= t.start and t.end <= sentence.end]
        optional = [t for t in record.optional if sentence.start <= t.start and t.end <= sentence.end]
        placed.update(within)
        made.append(
            replace(
                record,
                id=f"{record.id}.{number}",
                text=sentence.text,
                targets=tuple(_moved(target, sentence.start, sentence.end) for target in within),
                optional=tuple(_moved(target, sentence.start, sentence.end) for target in optional),
            )
        )
    lost = [record.text[t.start : t.end] for t in record.targets if t not in placed]
    return made, [f"record {record.id}: target {words!r} runs over two sentences, left out" for words in lost]


def _moved(target: LabelledTarget, start: int, end: int) -> LabelledTarget:
    holder = target.holder
    kept = None if holder is None or holder[0] < start or holder[1] > end else (holder[0] - start, holder[1] - start)
    return replace(target, start=target.start - start, end=target.end - start, holder=kept)
