"""Pairs of tokens and their rivals: how likely the pairs are that would be a target instead of, around or within each.

The first model of pairs sees each alone. Whether "cooperation on trade" is a target depends on how likely "cooperation
on trade and energy" is; the second model sees both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Codes, Floats, Integers, Templates
from stance.span_features import Pairs, probability
from stance.token_table import TokenTable

RIVAL_BUCKETS = 1 << 16
_LARGEST_GROUP = 1 << 20  # cells of the matrices that are worked on at once; bounds memory
_PADDING, _LEAST = 2, 4  # a group's sentences have at most so many times as many pairs as its first, and some
_MOST_PAIRS = 400  # of a sentence that are weighed against each other; bounds memory, real sentences stay below
_STEPS = np.array([0.03, 0.1, 0.25, 0.45, 0.65, 0.85])  # probabilities between which a rival is told apart

_TEMPLATES = Templates((
    "own longer", "own shorter", "own same_end", "own contains", "own holds", "own crosses",
    "own longer same_end crosses", "own longer shorter", "longer shorter own first_preposition", "longer head",
    "shorter head last_preposition", "crosses after_tag own", "longer after_tag own", "same_end before_tag own",
    "contains own exact", "own exact longer", "holds own length", "own head", "own after_tag before_tag",
    "longer right_of_and left_of_and own", "shorter left_of_and own", "crosses same_end longer shorter own",
), RIVAL_BUCKETS)  # fmt: skip


def rival_features(table: TokenTable, pairs: Pairs, logits: Floats) -> Codes:
    """The features of each pair beside its rivals, shape (templates, pairs); `logits` are those of each pair alone."""
    chance = probability(logits)
    rivals = {name: np.zeros(len(chance)) for name in ("longer", "shorter", "same_end", "contains", "holds", "crosses")}
    for _, own, filled in groups_of_pairs(table, pairs.starts, chance):
        found = _rivals(pairs.starts[own], pairs.ends[own], np.where(filled, chance[own], 0.0))
        for name, best in found.items():
            rivals[name][own[filled]] = best[filled]
    fields = {name: np.digitize(best, _STEPS) for name, best in rivals.items()}
    fields["own"] = np.clip(np.round(logits * 1.5), -9, 9).astype(np.int64) + 20
    return _TEMPLATES.hash(
        fields | {name: pairs.fields[name] for name in _TEMPLATES.fields if name not in fields}, len(chance)
    )


def groups_of_pairs(
    table: TokenTable, starts: Integers, chance: Floats
) -> Iterator[tuple[Integers, Integers, NDArray[np.bool_]]]:
    """Sentences with about as many pairs together: their numbers, their pairs, and which places are filled.

    The pairs have the shape (sentences, pairs), the likeliest first; the places of those that a sentence lacks are not
    filled.
    """
    sentence = table.sentence[starts]
    likeliest = np.lexsort((-chance, sentence))
    begins = np.searchsorted(sentence[likeliest], np.arange(len(table.offsets) + 1))
    sizes = np.minimum(np.diff(begins), _MOST_PAIRS)
    order = np.argsort(sizes, kind="stable")
    first = int(np.searchsorted(sizes[order], 1))
    while first < len(order):
        smallest = int(sizes[order[first]])
        alike = int(np.searchsorted(sizes[order], _PADDING * smallest + _LEAST, "right"))
        largest = int(sizes[order[alike - 1]])
        last = min(alike, first + max(1, _LARGEST_GROUP // largest**2))
        numbers = order[first:last]
        places = np.arange(int(sizes[numbers].max()))
        filled = places < sizes[numbers][:, None]
        yield numbers, likeliest[np.where(filled, begins[numbers][:, None] + places, 0)], filled
        first = last


def _rivals(starts: Integers, ends: Integers, chance: Floats) -> dict[str, Floats]:
    """The probability of the best rival of each kind; all arrays have the shape (sentences, pairs)."""
    start, end = starts[:, :, None], ends[:, :, None]
    other_start, other_end, other = starts[:, None], ends[:, None], chance[:, None]
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
    return {name: np.where(kind, other, 0.0).max(axis=2) for name, kind in kinds.items()}
