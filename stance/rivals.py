"""Pairs of tokens and their rivals: how likely the pairs are that would be a target instead of, around or within each.

The first model of pairs sees each alone. Whether "cooperation on trade" is a target depends on how likely "cooperation
on trade and energy" is; the trees that come after it see both.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Floats, Integers
from stance.span_features import PAIR_FIELDS, Pairs, probability
from stance.token_table import TokenTable, counted

_MOST_MEETINGS = 1 << 20  # that are worked on at once; bounds memory
MOST_PAIRS = 400  # of a sentence that are weighed against each other; bounds memory, real sentences stay below

_KINDS = ("longer", "shorter", "same_end", "contains", "holds", "crosses")
_SUMS = ("around", "within", "across")  # of the probabilities of all rivals that lie so
_FIELDS = (  # of pairs, those whose values have an order
    "start_score", "end_score", "weakest_join", "join_before", "join_after", "length", "prepositions", "commas",
    "conjunctions", "subordinators", "participles", "possessors", "predicates", "cuts", "starts_inside", "ends_inside",
    "better_end", "better_start", "before_and", "behind_and", "words_behind_and", "words_before_and", "comma_before",
)  # fmt: skip
_FIELD_ROWS = np.array([PAIR_FIELDS.index(field) for field in _FIELDS])
RIVALS = (*_KINDS, *_SUMS)
COLUMNS = ("own", *RIVALS, *_FIELDS, "tokens_before", "tokens_behind")
_OF_RIVALS = slice(1, 1 + len(RIVALS))


class Meetings(NamedTuple):
    """The pairs of some sentences, and each meeting of two pairs of one sentence, each pair with itself too.

    `pairs` are numbers of pairs, those of one sentence together, the likeliest first. In the meetings `one` meets
    `other`, which are places in `pairs`; the meetings of each pair begin at `firsts`.
    """

    pairs: Integers
    one: Integers
    other: Integers
    firsts: Integers


def rival_values(table: TokenTable, pairs: Pairs, logits: Floats) -> NDArray[np.float32]:
    """What the trees see of each pair, shape (pairs, COLUMNS); `logits` are those of each pair alone."""
    chance = probability(logits)
    sentence = table.sentence[pairs.starts]
    values = np.zeros((len(COLUMNS), len(chance)), dtype=np.float32)
    for meetings in all_meetings(sentence, chance):
        own = meetings.pairs
        values[_OF_RIVALS, own] = _rivals(pairs.starts[own], pairs.ends[own], chance[own], meetings)
    values[0] = logits
    values[_OF_RIVALS.stop : -2] = pairs.values.take(_FIELD_ROWS, axis=0)
    values[-2] = pairs.starts - table.offsets[sentence]
    values[-1] = table.sentence_ends[sentence] - 1 - pairs.ends
    return np.ascontiguousarray(values.T)


def all_meetings(sentence: Integers, chance: Floats) -> Iterator[Meetings]:
    """The meetings of all pairs, given the sentence of each: so many sentences at once as memory allows."""
    likeliest = np.lexsort((-chance, sentence))
    counts = np.bincount(sentence)
    numbers = counts.nonzero()[0]
    begins = (counts.cumsum() - counts)[numbers]
    sizes = np.minimum(counts[numbers], MOST_PAIRS)
    part = (sizes**2).cumsum() // _MOST_MEETINGS
    cuts = ((part[1:] != part[:-1]).nonzero()[0] + 1).tolist()
    for first, last in pairwise((0, *cuts, len(numbers))):
        its = sizes[first:last]
        ends = its.cumsum()
        own = counted(its)
        pairs = likeliest[begins[first:last].repeat(its) + own]
        others = its.repeat(its)  # so many meetings has each pair
        one = np.arange(len(pairs)).repeat(others)
        yield Meetings(pairs, one, (ends - its).repeat(its).take(one) + counted(others), others.cumsum() - others)


def _rivals(starts: Integers, ends: Integers, chance: Floats, meetings: Meetings) -> Floats:
    """The probability of the best rival of each kind, and of all that lie so, shape (RIVALS, pairs)."""
    edges = np.array((starts, ends))
    own, its = edges.take(meetings.one, axis=1), edges.take(meetings.other, axis=1)
    (starts_before, ends_before), (starts_behind, ends_behind) = its < own, its > own
    same_start, same_end = ~(starts_before | starts_behind), ~(ends_before | ends_behind)
    crosses = (starts_before & ends_before & (its[1] >= own[0])) | (starts_behind & ends_behind & (its[0] <= own[1]))
    another = meetings.one != meetings.other
    lies = np.array(
        (
            same_start & ends_behind,
            same_start & ends_before,
            same_end & ~same_start,
            starts_before & ends_behind,
            starts_behind & ends_before,
            crosses,
            ~starts_behind & ~ends_before & another,
            ~starts_before & ~ends_behind & another,
            crosses,
        )
    )
    told = np.where(lies, chance.take(meetings.other), 0.0)
    best = np.maximum.reduceat(told[: len(_KINDS)], meetings.firsts, axis=1)
    return np.concatenate((best, np.add.reduceat(told[len(_KINDS) :], meetings.firsts, axis=1)))
