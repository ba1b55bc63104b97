"""Labelled files -> what is doubtful in them: duplicates, contradictions, leakage, lopsided labels, odd spans.

What is wrong outright is found when a file is read (`records.read_labelled`); here are the warnings.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stance.document import STANCES
from stance.labelled import Labelled
from stance.records import Record
from stance.segmentation import tokenize

_LONGEST = 120  # words; one sentence in a thousand of real statements is longer
_RARE = 0.05  # share of a stance below which there is little to learn
_ALIKE = 0.6  # share of word triples in common from which two sentences are nearly the same
_FEWEST_TRIPLES = 4  # shorter sentences are alike by chance
_PRONOUNS = frozenset(("we", "us", "you", "he", "him", "she", "her", "it", "they", "them"))
_ARTICLES = ("the ", "a ", "an ")  # "The Hague" has one in its name
_MOST_COMMON = 200  # sentences that a triple may stand in and still tell something


class Placed(NamedTuple):
    """A record with the place where it stands, as `file:line`, and its file."""

    place: str
    file: str
    record: Record


def placed(labelled: Labelled) -> list[Placed]:
    """The records of a reading with their places."""
    return [
        Placed(place, place.rpartition(":")[0], record)
        for place, record in zip(labelled.places, labelled.records, strict=True)
    ]


def warnings(records: Sequence[Placed], *, apart: bool = False) -> Iterator[str]:
    """All that is doubtful, as `place: what; way out`; with `apart` what two files share is told as leakage."""
    yield from _repeated(records)
    yield from _same_ids(records)
    if apart:
        yield from leakage(records)
    for each in records:
        yield from _odd_spans(each)
        yield from _too_long(each)
    yield from _lopsided(records)


def leakage(records: Sequence[Placed]) -> Iterator[str]:
    """Sentences and statements that stand in two files: a score on one after training on the other is too good."""
    statements: dict[str, Placed] = {}
    for each in records:
        known = statements.setdefault(each.record.statement, each)
        if known.file != each.file and each.record.statement != each.record.id:
            yield (
                f"{each.place}: statement {each.record.statement!r} stands in {known.file} too; "
                "keep the sentences of a statement in one file"
            )
            statements[each.record.statement] = each
    nearest: dict[int, int] = {}
    for first, second in near_pairs([each.record.text for each in records]):
        same = _words(records[first].record.text) == _words(records[second].record.text)
        if records[first].file != records[second].file and (same or second not in nearest):
            nearest[second] = first
    for second, first in nearest.items():
        yield (
            f"{records[second].place}: sentence is nearly that of {records[first].place}, in another file; "
            "remove one, or a score on one file after training on the other is too good"
        )


def near_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of texts that are the same or nearly so: three fifths of their word triples are shared (Jaccard)."""
    words = [_words(text) for text in texts]
    triples = [set(zip(w, w[1:], w[2:], strict=False)) for w in words]
    having: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, its in enumerate(triples):
        for triple in its:
            having[triple].append(number)
    exact: dict[tuple[str, ...], int] = {}
    pairs = set()
    for number, its_words in enumerate(words):
        first = exact.setdefault(tuple(its_words), number)
        if first != number and its_words:
            pairs.add((first, number))
    for number, its in enumerate(triples):
        if len(its) < _FEWEST_TRIPLES:
            continue
        shared = Counter(other for t in its if len(having[t]) <= _MOST_COMMON for other in having[t] if other < number)
        pairs |= {
            (other, number)
            for other, count in shared.items()
            if count >= _ALIKE * (len(its) + len(triples[other]) - count)
        }
    return sorted(pairs)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _repeated(records: Sequence[Placed]) -> Iterator[str]:
    """Sentences that stand twice, with the same labels or with others."""
    known: dict[str, Placed] = {}
    for each in records:
        first = known.setdefault(" ".join(_words(each.record.text)), each)
        if first is each or not _words(each.record.text):
            continue
        contradictions = _contradictions(first.record, each.record)
        if contradictions:
            yield f"{each.place}: labels contradict those of {first.place}: {'; '.join(contradictions)}; settle them"
        else:
            yield f"{each.place}: sentence is that of {first.place} again; remove one"


def _contradictions(first: Record, second: Record) -> list[str]:
    stances = {first.text[t.start : t.end]: t.stance for t in first.targets}
    return [
        f"{words!r} is {stances[words]} there, {target.stance} here"
        for target in second.targets
        if (words := second.text[target.start : target.end]) in stances and stances[words] is not target.stance
    ]


def _same_ids(records: Sequence[Placed]) -> Iterator[str]:
    known: dict[str, Placed] = {}
    for each in records:
        first = known.setdefault(each.record.id, each)
        if first is not each and first.record.text != each.record.text:
            yield f"{each.place}: id {each.record.id!r} is that of another sentence at {first.place}; give it its own"


def _odd_spans(each: Placed) -> Iterator[str]:
    record = each.record
    for target in record.targets:
        before, after = record.text[: target.start][-1:], record.text[target.end :][:1]
        words = record.text[target.start : target.end]
        if (before.isalnum() and words[0].isalnum()) or (after.isalnum() and words[-1].isalnum()):
            yield f"{each.place}: target {words!r} begins or ends within a word; check its offsets"
        if words.lower() in _PRONOUNS and words != "US":
            yield f"{each.place}: target {words!r} is a pronoun, which is never found in a text; leave it out"
        elif words.startswith(_ARTICLES):
            yield f"{each.place}: target {words!r} begins with an article, which is left outside when one is found"


def _too_long(each: Placed) -> Iterator[str]:
    size = len(tokenize(each.record.text))
    if size > _LONGEST:
        yield f"{each.place}: sentence has {size} words; if it is several, `stance convert --split` cuts it"


def _lopsided(records: Sequence[Placed]) -> Iterator[str]:
    counts = Counter(target.stance for each in records for target in each.record.targets)
    total, file = counts.total(), ", ".join(dict.fromkeys(each.file for each in records))
    for stance in STANCES:
        if total and counts[stance] < _RARE * total:
            yield f"{file}: only {counts[stance]} of {total} targets are {stance}; label more, or it is learned badly"
    if total and len({each.record.statement for each in records}) == len(records) > 1:
        yield f"{file}: every sentence is a statement of its own; name the statements, or cross-validation is too kind"
