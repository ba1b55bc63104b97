"""Pairs of tokens and their rivals: how likely the pairs are that would be a target instead of, around or within each.

The first model of pairs sees each alone. Whether "cooperation on trade" is a target depends on how likely "cooperation
on trade and energy" is; the trees that come after it see both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Floats, Integers
from stance.span_features import Pairs, probability
from stance.token_table import TokenTable

_MOST_MEETINGS = 1 << 20  # that are worked on at once; bounds memory
_MOST_PAIRS = 400  # of a sentence that are weighed against each other; bounds memory, real sentences stay below

_KINDS = ("longer", "shorter", "same_end", "contains", "holds", "crosses")
_SUMS = ("around", "within", "across")  # of the probabilities of all rivals that lie so
_FIELDS = (  # of pairs, those whose values have an order
    "start_score", "end_score", "weakest_join", "join_before", "join_after", "length", "prepositions", "commas",
    "conjunctions", "subordinators", "participles", "possessors", "predicates", "cuts", "starts_inside", "ends_inside",
    "better_end", "better_start", "before_and", "behind_and", "words_behind_and", "words_before_and", "comma_before",
)  # fmt: skip
COLUMNS = ("own", *_KINDS, *_SUMS, *_FIELDS, "tokens_before", "tokens_behind")


class Meetings(NamedTuple):
    """The pairs of some sentences, and each meeting of two pairs of one sentence, each pair with itself too.

    `pairs` are numbers of pairs, those of one sentence together, the likeliest first; `sentence` is that of each. What
    else there is are places in `pairs`: the sentences begin at `begins`, in the meetings `one` meets `other`, and those
    of a pair begin at `firsts`.
    """

    pairs: Integers
    sentence: Integers
    begins: Integers
    one: Integers
    other: Integers
    firsts: Integers


def rival_values(table: TokenTable, pairs: Pairs, logits: Floats) -> NDArray[np.float32]:
    """What the trees see of each pair, shape (pairs, COLUMNS); `logits` are those of each pair alone."""
    chance = probability(logits)
    values = np.zeros((len(chance), len(COLUMNS)), dtype=np.float32)
    for meetings in all_meetings(table, pairs.starts, chance):
        own = meetings.pairs
        for name, best in _rivals(pairs.starts[own], pairs.ends[own], chance[own], meetings).items():
            values[own, COLUMNS.index(name)] = best
    sentence = table.sentence[pairs.starts]
    told = {name: pairs.fields[name] for name in _FIELDS} | {"own": logits}
    told["tokens_before"] = pairs.starts - np.array(table.offsets, dtype=np.int64)[sentence]
    told["tokens_behind"] = table.sentence_ends[sentence] - 1 - pairs.ends
    for name, column in told.items():
        values[:, COLUMNS.index(name)] = column
    return values


def all_meetings(table: TokenTable, starts: Integers, chance: Floats) -> Iterator[Meetings]:
    """The meetings of all pairs, so many sentences at once as memory allows; `starts` are those of the pairs."""
    sentence = table.sentence[starts]
    likeliest = np.lexsort((-chance, sentence))
    begins = np.searchsorted(sentence[likeliest], np.arange(len(table.offsets) + 1))
    sizes = np.minimum(np.diff(begins), _MOST_PAIRS)
    numbers = np.flatnonzero(sizes)
    part = np.cumsum(sizes[numbers] ** 2) // _MOST_MEETINGS
    for some in np.split(numbers, np.flatnonzero(np.diff(part)) + 1) if len(numbers) else ():
        its, ends = sizes[some], np.cumsum(sizes[some])
        pairs = likeliest[np.repeat(begins[some] - ends + its, its) + np.arange(ends[-1])]
        others = np.repeat(its, its)  # so many meetings has each pair
        firsts = np.cumsum(others) - others
        other = np.arange(others.sum()) - np.repeat(firsts - np.repeat(ends - its, its), others)
        yield Meetings(pairs, sentence[pairs], ends - its, np.repeat(np.arange(len(pairs)), others), other, firsts)


def _rivals(starts: Integers, ends: Integers, chance: Floats, meetings: Meetings) -> dict[str, Floats]:
    """The probability of the best rival of each kind, and of all that lie so; all arrays have the shape (pairs,)."""
    start, end, other_start, other_end = (edge[side] for side in meetings[3:5] for edge in (starts, ends))
    other = chance[meetings.other]
    earlier, later = other_start < start, other_start > start
    sooner, further = other_end < end, other_end > end
    same_start, same_end = ~(earlier | later), ~(sooner | further)
    crosses = (earlier & sooner & (other_end >= start)) | (later & further & (other_start <= end))
    kinds = (
        same_start & further,
        same_start & sooner,
        same_end & ~same_start,
        earlier & further,
        later & sooner,
        crosses,
    )
    another = meetings.one != meetings.other
    sums = (~later & ~sooner & another, ~earlier & ~further & another, crosses)
    best = (np.maximum.reduceat(np.where(kind, other, 0.0), meetings.firsts) for kind in kinds)
    total = (np.add.reduceat(np.where(kind, other, 0.0), meetings.firsts) for kind in sums)
    return dict(zip((*_KINDS, *_SUMS), (*best, *total), strict=True))
