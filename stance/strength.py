"""How strongly: the diplomatic ladder from 1 (notes) to 5 (condemns in the strongest terms, fully endorses)."""

from __future__ import annotations

from stance.document import Stance
from stance.mentions import Mention

_TOP = 5
_NEAR = 3  # tokens between an intensifier and the predicate that it raises


def strength_of(mention: Mention, stance: Stance) -> int:
    """The strength of the predicate that gives the stance, raised by intensifiers beside it; 1 for a neutral stance.

    Where no predicate of that stance stands over the target, a verdict has the middle strength 2.
    """
    if stance is Stance.NEUTRAL:
        return 1
    for governor in mention.governors + mention.outer:
        entry = governor.cue.entry
        if entry.table == "predicates" and entry.stance is stance:
            return min(_TOP, entry.strength + _raise(mention, governor.cue.first, governor.cue.last))
    return 2


def _raise(mention: Mention, first: int, last: int) -> int:
    """1 or 2 where an intensifier stands beside the predicate, else 0; 2 for the strongest."""
    beside = [
        cue.entry.strength
        for cue in mention.reading.cues
        if cue.entry.group == "adverb" and first - _NEAR < cue.last and cue.first < last + _NEAR
    ]
    return (max(beside) >= 4) + 1 if beside else 0
