"""Readings -> targets: a learned finder of spans.

Three linear models say where a target may start, end and run on, a fourth which pairs of start and end may be one, and
boosted trees weigh those against their rivals. All sentences of a batch go through each model together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.forest import Forest
from stance.hashing import Codes, Floats, Weights
from stance.rivals import MOST_PAIRS, rival_values
from stance.span_features import Pairs, TokenScores, candidate_pairs, probability, token_features
from stance.token_table import TokenTable

UNLIKELY = 0.01  # pairs below this probability are forgotten
_WEAK = 0.02  # as are those below this one once all is known of them
_GRAINS = 32  # weights are rounded to so many parts of one
_HEAVIEST = 500 * _GRAINS  # far above any that is learned, and what 16 bits hold
_ROW = 4  # models of tokens whose weights lie side by side
_ALIKE = 0.5  # intersection / union in characters from which two spans count as the same target
_TAKEN = -1.0  # what a pair is worth that is chosen or crosses a chosen one
_LIKELIER = 0.7  # how much a pair's own probability counts where several of one target are about equal


class FinderWeights(NamedTuple):
    """The learned part: one weight a bucket for each linear model, the intercept last; the trees; and the thresholds.

    `tokens`, shape (BUCKETS + 1, 4), made by `in_rows`, has a column each for starts, ends and joins (gaps before a
    token that a target runs over); `pairs`, shape (BUCKETS + 1,), sees each pair by itself, `rivals` are the trees that
    see pairs beside their rivals; `thresholds` holds the lowest probability of a start, of an end and of a target.
    """

    tokens: NDArray[np.int16]
    pairs: Weights
    rivals: Forest
    thresholds: Floats


class Span(NamedTuple):
    """A target within its sentence: the tokens `first:last`, with the probability that it is one."""

    first: int
    last: int
    probability: float


def rounded(weights: Weights, grains: int = _GRAINS) -> Weights:
    """Weights as whole parts of one: half the bytes to store, and sums that come out the same in any order."""
    return np.round(weights * grains) / grains


def in_rows(models: Weights) -> NDArray[np.int16]:
    """The weights of models of tokens, shape (models, BUCKETS + 1), in grains: 8 bytes a bucket, read in one piece."""
    rows = np.zeros((models.shape[1], _ROW), dtype=np.int16)
    rows[:, : len(models)] = np.clip(models.T * _GRAINS, -_HEAVIEST, _HEAVIEST)
    return rows


def in_columns(rows: NDArray[np.int16]) -> Weights:
    """The weights of the three models of tokens, shape (3, BUCKETS + 1)."""
    return rows.T[: len(TokenScores._fields)] / np.float32(_GRAINS)


def scores(features: Codes, weights: Weights) -> Floats:
    """The logits of features, shape (templates, things)."""
    return np.asarray(weights.take(features).sum(axis=0) + weights[-1], dtype=np.float64)


def token_scores(features: Codes, rows: NDArray[np.int16]) -> TokenScores:
    """The logits of the features of tokens, shape (templates, tokens), under the three models of tokens."""
    taken = rows.view(np.int64)[:, 0].take(features).view(np.int16).reshape(*features.shape, _ROW)
    return TokenScores(*((taken.sum(axis=0, dtype=np.int32) + rows[-1]) / _GRAINS).T[: len(TokenScores._fields)])


def weighed(table: TokenTable, weights: FinderWeights) -> tuple[Pairs, Floats]:
    """The pairs that may be targets, and the logit of each beside its rivals."""
    tokens = token_scores(token_features(table), weights.tokens)
    pairs = candidate_pairs(table, tokens, weights.thresholds)
    alone = scores(pairs.features, weights.pairs)
    likely = probability(alone) >= UNLIKELY
    pairs, alone = pairs.take(likely), alone[likely]
    return pairs, weights.rivals.logits(rival_values(table, pairs, alone))


def decode(table: TokenTable, pairs: Pairs, chance: Floats, threshold: float) -> list[list[Span]]:
    """The targets of each sentence, given the probability of each pair.

    The edges of a target are often in doubt, so that its probability is spread over several pairs of nearly the same
    words. A pair counts as much as all pairs together that overlap it by half (intersection / union): the expected
    number of true targets that it would find. The best pair is taken, what it explains is taken off the others, and
    so on down to the threshold.
    """
    found: list[list[Span]] = [[] for _ in table.offsets]
    likely = chance >= _WEAK
    pairs, chance = pairs.take(likely), chance[likely]
    sentence = table.sentence[pairs.starts]
    order = np.lexsort((-chance, sentence))
    starts, ends, offsets = pairs.starts[order], pairs.ends[order], table.offsets[sentence[order]]
    chances = chance[order].tolist()
    tokens = list(zip((starts - offsets).tolist(), (ends - offsets + 1).tolist(), strict=True))
    places = list(zip(table.starts[starts].tolist(), table.ends[ends].tolist(), strict=True))
    begin = 0
    for its, size in zip(found, np.bincount(sentence, minlength=len(found)).tolist(), strict=True):
        own = slice(begin, begin + min(size, MOST_PAIRS))
        its += (Span(*tokens[begin + n], worth) for n, worth in _chosen(places[own], chances[own], threshold))
        its.sort(key=lambda span: (span.first, -span.last))
        begin += size
    return found


def _chosen(
    places: Sequence[tuple[int, int]], chances: Sequence[float], threshold: float
) -> Iterator[tuple[int, float]]:
    """The numbers and worths of the best spans of a sentence, given the places of all in the text, likeliest first."""
    alike, crossing = _overlaps(places)
    left = list(chances)
    masses = [sum([left[other] for other in its]) if len(its) > 1 else left[its[0]] for its in alike]
    bonus = [_LIKELIER * chance for chance in chances]
    worths = [(mass if mass < 1.0 else 1.0) + more for mass, more in zip(masses, bonus, strict=True)]
    while left:
        best = worths.index(max(worths))  # of those equally good the likeliest
        mass = masses[best]
        if mass < threshold or worths[best] == _TAKEN:
            return
        yield best, min(mass, 1.0)
        worths[best] = _TAKEN
        for other in crossing[best]:
            worths[other] = _TAKEN
        rest = max(0.0, 1.0 - 1.0 / max(mass, 1e-9))
        for other in alike[best]:
            left[other] *= rest
        for n in {n for other in alike[best] for n in alike[other] if worths[n] != _TAKEN}:
            masses[n] = mass = sum([left[other] for other in alike[n]])
            worths[n] = (mass if mass < 1.0 else 1.0) + bonus[n]


def _overlaps(places: Sequence[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    """For each of some spans those that it overlaps by half, itself among them, and those that it crosses."""
    alike: list[list[int]] = [[n] for n in range(len(places))]
    crossing: list[list[int]] = [[] for _ in places]
    for one, (start, end) in enumerate(places):
        for other, (first, last) in enumerate(places[:one]):
            if first < end and start < last:
                inner = (last if last < end else end) - (first if first > start else start)
                if inner >= _ALIKE * (end - start + last - first - inner):
                    alike[one].append(other)
                    alike[other].append(one)
                if (first < start and last < end) or (start < first and end < last):
                    crossing[one].append(other)
                    crossing[other].append(one)
    return alike, crossing


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
