"""How sure a score is: bootstrap intervals and paired tests over sentences or statements (Efron and Tibshirani 1993).

A score is a function of counts that add up over the units drawn: `counts` has the shape (units, kinds of counts), and a
statistic maps sums of its rows, shape (..., kinds), to figures, shape (...).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from stance.hashing import Floats, Integers

ROUNDS = 1000
_AT_ONCE = 2_000_000  # draws held in memory at a time
Statistic = Callable[[Integers], Floats]


class Interval(NamedTuple):
    """The middle 95 of 100 bootstrap values of a score."""

    low: float
    high: float


class Difference(NamedTuple):
    """How much a second score exceeds a first one on the same units, its interval, and a two-sided p-value."""

    value: float
    low: float
    high: float
    p: float


def interval(counts: Integers, statistic: Statistic, *, rounds: int = ROUNDS, seed: int = 0) -> Interval:
    """The 95% interval of a score when the units are drawn anew with replacement.

    >>> interval(np.array([[1, 1], [1, 1]]), lambda sums: sums[..., 0] / sums[..., 1])
    Interval(low=1.0, high=1.0)
    """
    return _middle(statistic(_resampled(_ordered(counts), rounds, seed)))


def paired_difference(
    first: Integers, second: Integers, statistic: Statistic, *, rounds: int = ROUNDS, seed: int = 0
) -> Difference:
    """The difference of two scores on the same units, drawn together.

    The p-value is twice the share of draws in which the difference vanishes or turns (Koehn 2004), at least 1 in
    `rounds`.

    Raises
    ------
    ValueError
        Where the two have different units.
    """
    if first.shape != second.shape:
        raise ValueError(
            f"counts must be of the same units, got {first.shape} and {second.shape}; score the same records"
        )
    kinds = first.shape[1]
    both = _resampled(_ordered(np.hstack([first, second])), rounds, seed)
    drawn = statistic(both[:, kinds:]) - statistic(both[:, :kinds])
    turned = min(float((drawn <= 0).mean()), float((drawn >= 0).mean()))
    value = float(statistic(second.sum(axis=0)) - statistic(first.sum(axis=0)))
    return Difference(value, *_middle(drawn), min(1.0, max(2 * turned, 1 / rounds)))


def _middle(drawn: Floats) -> Interval:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(float(low), float(high))


def _ordered(counts: Integers) -> Integers:
    """The units in an order of their own, so that the order in which records are given changes nothing."""
    return np.asarray(counts[np.lexsort(counts.T)])


def _resampled(counts: Integers, rounds: int, seed: int) -> Integers:
    """Sums of the counts over units drawn with replacement, shape (rounds, kinds)."""
    units = len(counts)
    generator = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(units, 1))
    shares = np.full(units, 1 / max(units, 1))
    sums = [
        generator.multinomial(units, shares, size=min(step, rounds - done)) @ counts for done in range(0, rounds, step)
    ]
    return np.concatenate(sums)


def class_f1(counts: Integers) -> Floats:
    """The F1 of each stance on given targets, shape (..., 3), from counts that begin with a confusion matrix."""
    cells = counts[..., :9].reshape(*counts.shape[:-1], 3, 3)
    right = np.diagonal(cells, axis1=-2, axis2=-1)
    return share_of(2 * right, cells.sum(axis=-1) + cells.sum(axis=-2))


def macro_f1(counts: Integers) -> Floats:
    """The mean of that over the stances, shape (...)."""
    return np.asarray(class_f1(counts).mean(axis=-1))


def share_of(part: Integers, whole: Integers) -> Floats:
    """Part by whole, and 0 where there is no whole."""
    return np.asarray(part / np.maximum(whole, 1))
