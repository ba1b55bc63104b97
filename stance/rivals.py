"""Pairs of tokens and their rivals: how likely the pairs are that would be a target instead of, around or within each.

The first model of pairs sees each alone. Whether "cooperation on trade" is a target depends on how likely "cooperation
on trade and energy" is; the second model sees both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from stance.hashing import Codes, Floats, Integers, Templates
from stance.span_features import Pairs, probability
from stance.token_table import TokenTable

RIVAL_BUCKETS = 1 << 16
_MOST_MEETINGS = 1 << 20  # that are worked on at once; bounds memory
_MOST_PAIRS = 400  # of a sentence that are weighed against each other; bounds memory, real sentences stay below
_STEPS = np.array([0.03, 0.1, 0.25, 0.45, 0.65, 0.85])  # probabilities between which a rival is told apart

_TEMPLATES = Templates((
    "own longer", "own shorter", "own same_end", "own contains", "own holds", "own crosses",
    "own longer same_end crosses", "own longer shorter", "longer shorter own first_preposition", "longer head",
    "shorter head last_preposition", "crosses after_tag own", "longer after_tag own", "same_end before_tag own",
    "contains own exact", "own exact longer", "holds own length", "own head", "own after_tag before_tag",
    "longer right_of_and left_of_and own", "shorter left_of_and own", "crosses same_end longer shorter own",
), RIVAL_BUCKETS)  # fmt: skip


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


def rival_features(table: TokenTable, pairs: Pairs, logits: Floats) -> Codes:
    """The features of each pair beside its rivals, shape (templates, pairs); `logits` are those of each pair alone."""
    chance = probability(logits)
    rivals = {name: np.zeros(len(chance)) for name in ("longer", "shorter", "same_end", "contains", "holds", "crosses")}
    for meetings in all_meetings(table, pairs.starts, chance):
        own = meetings.pairs
        for name, best in _rivals(pairs.starts[own], pairs.ends[own], chance[own], meetings).items():
            rivals[name][own] = best
    fields = {name: np.digitize(best, _STEPS) for name, best in rivals.items()}
    fields["own"] = np.clip(np.round(logits * 1.5), -9, 9).astype(np.int64) + 20
    return _TEMPLATES.hash(
        fields | {name: pairs.fields[name] for name in _TEMPLATES.fields if name not in fields}, len(chance)
    )


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
    """The probability of the best rival of each kind; all arrays have the shape (pairs,)."""
    start, end, other_start, other_end = (edge[side] for side in meetings[3:5] for edge in (starts, ends))
    other = chance[meetings.other]
    earlier, later = other_start < start, other_start > start
    sooner, further = other_end < end, other_end > end
    same_start, same_end = ~(earlier | later), ~(sooner | further)
    kinds = {
        "longer": same_start & further,
        "shorter": same_start & sooner,
        "same_end": same_end & ~same_start,
        "contains": earlier & further,
        "holds": later & sooner,
        "crosses": (earlier & sooner & (other_end >= start)) | (later & further & (other_start <= end)),
    }
    return {name: np.maximum.reduceat(np.where(kind, other, 0.0), meetings.firsts) for name, kind in kinds.items()}
