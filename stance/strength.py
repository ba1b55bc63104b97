"""How strongly: the diplomatic ladder from 1 (notes) to 5 (condemns in the strongest terms, fully endorses)."""

from __future__ import annotations

from itertools import chain

from stance.document import Stance
from stance.lexicon import Match
from stance.mentions import Mention

_TOP = 5
_MIDDLE = 2  # of a verdict that no predicate of its own stance carries
_BESIDE = 2  # tokens that may stand between an intensifier and the predicate that it raises: "strongly, and firmly,"
_RAISES = {1: 0, 2: 1, 3: 1}  # "once again" is no more than "deplore" alone; from 4 on ("ironclad") by 2


def carrier_of(mention: Mention, stance: Stance) -> Match | None:
    """The cue that gives a stance: the nearest predicate of that verdict or reverser, else what governs the target.

    In "condemn reports of torture" it is "condemn", though "reports" stands nearer.
    """
    above = mention.governors + mention.outer
    cues = (governor.cue for governor in above)
    chosen = next((cue for cue in cues if _says(cue, stance) or cue.entry.table == "reversers"), None)
    return chosen if chosen and stance is not Stance.NEUTRAL else above[0].cue if above else None


def strength_of(mention: Mention, stance: Stance) -> int:
    """The strength of the predicate that gives the stance, raised by intensifiers beside it; 1 for a neutral stance.

    That of what a reverser turns is the strength of the predicate over the reverser: "condemn attempts to undermine
    democracy" supports democracy as strongly as it condemns the attempts. A verdict that no predicate carries has the
    middle strength 2.
    """
    if stance is Stance.NEUTRAL:
        return 1
    predicate = _predicate_of(mention, stance)
    return min(_TOP, predicate.entry.strength + _raise(mention, predicate)) if predicate else _MIDDLE


def _predicate_of(mention: Mention, stance: Stance) -> Match | None:
    """The predicate that gives a verdict, by itself or through a reverser beneath it."""
    carrier = carrier_of(mention, stance)
    if carrier is None or carrier.entry.table != "reversers":
        return carrier if carrier and _says(carrier, stance) else None
    above = (governor.cue for governor in mention.governors + mention.outer if governor.cue.first < carrier.first)
    return next((cue for cue in above if _says(cue, stance.opposite) or _says(cue, stance)), None)


def _says(cue: Match, stance: Stance) -> bool:
    return cue.entry.table == "predicates" and cue.entry.stance is stance


def _raise(mention: Mention, carrier: Match) -> int:
    """By how much the strongest intensifier beside a predicate raises it."""
    raises = (
        _RAISES.get(cue.entry.strength, 2)
        for cue in mention.reading.cues
        if cue.entry.group == "adverb" and _belongs(mention, cue, carrier)
    )
    return max(raises, default=0)


def _belongs(mention: Mention, intensifier: Match, carrier: Match) -> bool:
    """Whether an intensifier stands beside a predicate, with no other one nearer to it."""
    gap = _gap(intensifier, carrier)
    others = chain(c for c in mention.reading.cues if c.entry.group != "adverb" and c.entry.table == "predicates")
    return gap <= _BESIDE and all(_gap(intensifier, other) >= gap or _overlap(other, carrier) for other in others)


def _gap(first: Match, second: Match) -> int:
    """The tokens between two cues."""
    return max(second.first - first.last, first.first - second.last, 0)


def _overlap(first: Match, second: Match) -> bool:
    return first.first < second.last and second.first < first.last
