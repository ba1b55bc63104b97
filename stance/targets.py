"""Readings -> targets: a learned finder of spans.

Two linear models say where a target may start and end; a third says which pairs of start and end are one. All sentences
of a batch go through each model in one NumPy operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stance.cues import Reading
from stance.document import Target, TargetKind
from stance.lexicon import Entry
from stance.span_features import (
    Floats,
    Integers,
    Pairs,
    TokenTable,
    candidate_pairs,
    probability,
    token_features,
    token_table,
)

_UNLIKELY = 0.04  # pairs below this probability are forgotten
_MOST_PAIRS = 400  # of a sentence that are weighed against each other; bounds memory, real sentences stay below
_ALIKE = 0.5  # intersection / union in characters from which two spans count as the same target
_LIKELIER = 0.3  # how much a pair's own probability counts where several of one target are about equal
_GENERIC = frozenset(("relation", "body", "document"))  # senses of a noun that only says what sort of thing is named
_NOT_NAMING = frozenset(("name", "leader", "people", "state", "territory", "region"))  # "Russian alliance" is not RUS


class FinderWeights(NamedTuple):
    """The learned part: one weight a bucket for starts, ends and pairs, the intercept last; and the thresholds.

    `starts`, `ends` and `pairs` have the shape (BUCKETS + 1,); `thresholds` holds the lowest probability of a start,
    of an end and of a target.
    """

    starts: Floats
    ends: Floats
    pairs: Floats
    thresholds: Floats


class Span(NamedTuple):
    """A target within its sentence: the tokens `first:last`, with the probability that it is one."""

    first: int
    last: int
    probability: float


def scores(features: Integers, weights: Floats) -> Floats:
    """The logits of rows of features under one model."""
    return np.asarray(weights[:-1][features].sum(axis=1) + weights[-1])


def find(readings: Sequence[Reading], weights: FinderWeights) -> list[list[Span]]:
    """The targets of each sentence, ordered by start, the longer first; they nest but never cross."""
    if not readings:
        return []
    table = token_table(readings)
    features = token_features(table)
    starts, ends = scores(features, weights.starts), scores(features, weights.ends)
    pairs = candidate_pairs(table, readings, starts, ends, weights.thresholds)
    return decode(
        table, readings, pairs, probability(scores(pairs.features, weights.pairs)), float(weights.thresholds[2])
    )


def decode(
    table: TokenTable, readings: Sequence[Reading], pairs: Pairs, chance: Floats, threshold: float
) -> list[list[Span]]:
    """The targets of each sentence, given the probability of each pair.

    The edges of a target are often in doubt, so that its probability is spread over several pairs of nearly the same
    words. A pair counts as much as all pairs together that overlap it by half (intersection / union): the expected
    number of true targets that it would find. The best pair is taken, what it explains is taken off the others, and
    so on down to the threshold.
    """
    kept = np.flatnonzero(chance >= _UNLIKELY)
    sentence = np.searchsorted(table.offsets, pairs.starts[kept], side="right") - 1
    bounds = np.searchsorted(sentence, np.arange(len(readings) + 1))
    found = []
    for number, reading in enumerate(readings):
        own = kept[bounds[number] : bounds[number + 1]]
        own = own[np.argsort(-chance[own], kind="stable")[:_MOST_PAIRS]]
        first, last = pairs.starts[own] - table.offsets[number], pairs.ends[own] - table.offsets[number]
        chosen = _choose(reading, first, last, chance[own], threshold) if len(own) else []
        spans = [Span(int(first[k]), int(last[k]) + 1, worth) for k, worth in chosen]
        found.append(sorted(spans, key=lambda s: (s.first, -s.last)))
    return found


def _choose(
    reading: Reading, first: Integers, last: Integers, chance: Floats, threshold: float
) -> list[tuple[int, float]]:
    tokens = reading.tokens
    starts = np.array([tokens[i].start for i in first.tolist()])[:, None]
    ends = np.array([tokens[i].end for i in last.tolist()])[:, None]
    shared = np.minimum(ends, ends.T) - np.maximum(starts, starts.T)
    alike = shared >= _ALIKE * (np.maximum(ends, ends.T) - np.minimum(starts, starts.T))
    crossing = (shared > 0) & ((starts < starts.T) == (ends < ends.T)) & (starts != starts.T) & (ends != ends.T)
    weights = alike.astype(np.float64)
    bonus = _LIKELIER * chance
    left = chance.copy()
    free = np.ones(len(chance), dtype=bool)
    chosen: list[tuple[int, float]] = []
    while True:
        mass = weights @ left
        worth = np.where(free, np.minimum(mass, 1.0) + bonus, -1.0)
        k = int(worth.argmax())
        if worth[k] < 0 or mass[k] < threshold:
            return chosen
        chosen.append((k, float(min(mass[k], 1.0))))
        left[alike[k]] *= max(0.0, 1.0 - 1.0 / max(mass[k], 1e-9))
        free &= ~crossing[k]
        free[k] = False


def match_spans(labelled: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of a labelled and a found span that overlap by half, one to one, the best first."""
    overlaps = sorted(
        ((_overlap(a, b), i, j) for i, a in enumerate(labelled) for j, b in enumerate(found)), reverse=True
    )
    left, right, pairs = set(range(len(labelled))), set(range(len(found))), []
    for share, i, j in overlaps:
        if share >= _ALIKE and i in left and j in right:
            left.discard(i)
            right.discard(j)
            pairs.append((i, j))
    return pairs


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> float:
    return max(0, min(a[1], b[1]) - max(a[0], b[0])) / (max(a[1], b[1]) - min(a[0], b[0]))


def make_target(reading: Reading, first: int, last: int, text: str, offset: int = 0) -> Target:
    """The target at the tokens `first:last`; `text` is the text that the tokens' offsets, less `offset`, index."""
    entry = reading.name_spans.get((first, last)) or _named_by(reading, first, last)
    start, end = reading.tokens[first].start - offset, reading.tokens[last - 1].end - offset
    if entry is None:
        return Target(start, end, text[start:end], TargetKind.OBJECT)
    identity = None if entry.group in ("name", "leader") or entry.id == "resolution" else entry.id
    kind = TargetKind.ISSUE if entry.table == "issues" else TargetKind.ACTOR
    return Target(start, end, text[start:end], kind, identity)


def _named_by(reading: Reading, first: int, last: int) -> Entry | None:
    """The name that a phrase is about: "AUKUS alliance", "the trilateral security partnership (AUKUS)"."""
    for name in reading.names:
        if (
            name.entry.table != "actors"
            or name.entry.group in _NOT_NAMING
            or not first <= name.first < name.last <= last
        ):
            continue
        bracketed = (
            name.last == last - 1
            and reading.keys[name.first - 1 : name.first] == ["("]
            and reading.keys[last - 1] == ")"
        )
        if bracketed or (name.first == first and name.last == last - 1 and reading.senses[last - 1] in _GENERIC):
            return name.entry
    return None
