"""How strongly: the diplomatic ladder from 1 (notes) to 5 (condemns in the strongest terms, fully endorses)."""

from __future__ import annotations

from functools import cache
from importlib import resources

from stance.document import Stance
from stance.lexicon import Match
from stance.mentions import Mention

_TOP = 5
_MIDDLE = 2  # of a verdict that no predicate of its own stance carries
_BESIDE = 2  # tokens that may stand between an intensifier and the predicate that it raises: "strongly, and firmly,"
_RAISES = {1: 0, 2: 1, 3: 1}  # "once again" is no more than "deplore" alone; from 4 on ("ironclad") by 2


def carrier_of(mention: Mention, stance: Stance) -> Match | None:
    """The cue that gives a stance: the nearest predicate of that verdict or reverser, else what governs the target.

    In "condemn reports of torture" it is "condemn", though "reports" stands nearer. Cues to which the target is
    attached as their rows say go first: in "concern at violations in the army and their impact" it is "concern". A cue
    that says something else carries a verdict only where the target is attached to it.
    """
    above = mention.above
    if stance is not Stance.NEUTRAL:
        giving = [g for g in above if _says(g.cue, stance) or g.cue.entry.table == "reversers"]
        if giving:
            return next((governor for governor in giving if governor.attached), giving[0]).cue
    carries = above and (stance is Stance.NEUTRAL or above[0].attached)
    return above[0].cue if carries else None


def strength_of(mention: Mention, stance: Stance, carrier: Match | None) -> int:
    """The strength of the predicate that gives the stance, raised by intensifiers beside it; 1 for a neutral stance.

    `carrier` is what `carrier_of` finds.

    That of what a reverser turns is the strength of the predicate over the reverser: "condemn attempts to undermine
    democracy" supports democracy as strongly as it condemns the attempts. A verdict that no predicate carries has the
    middle strength 2.
    """
    if stance is Stance.NEUTRAL:
        return 1
    predicate = _predicate_of(mention, stance, carrier)
    return min(_TOP, predicate.entry.strength + _raise(mention, predicate)) if predicate else _MIDDLE


def _predicate_of(mention: Mention, stance: Stance, carrier: Match | None) -> Match | None:
    """The predicate that gives a verdict, by itself or through a reverser beneath it."""
    if carrier is None or carrier.entry.table != "reversers":
        return carrier if carrier and _says(carrier, stance) else None
    above = (governor.cue for governor in mention.above if governor.cue.first < carrier.first)
    return next((cue for cue in above if _says(cue, stance.opposite) or _says(cue, stance)), None)


def _says(cue: Match, stance: Stance) -> bool:
    return cue.entry.table == "predicates" and cue.entry.stance is stance


def _raise(mention: Mention, predicate: Match) -> int:
    """By how much what stands beside a predicate raises it: adverbs, an adjective, or a verb that carries a noun."""
    adverbs = [
        _RAISES.get(cue.entry.strength, 2)
        for cue in mention.reading.cues
        if cue.entry.group == "adverb" and _belongs(mention, cue, predicate)
    ]
    before = mention.reading.keys[predicate.first - 1] if predicate.first else ""
    adjective = _intensifiers().get(before, 0) if predicate.entry.group == "noun" else 0
    return max([adjective, *adverbs]) + _is_carried(mention, predicate)


def _is_carried(mention: Mention, predicate: Match) -> bool:
    """Whether a verb of the same stance stands before a noun: to "reaffirm a commitment" says more than to have one."""
    verbs = (cue for cue in mention.reading.cues if cue.entry.group == "verb" and cue.last <= predicate.first)
    return predicate.entry.group == "noun" and any(
        cue.entry.stance is predicate.entry.stance and _gap(cue, predicate) <= _BESIDE for cue in verbs
    )


def _belongs(mention: Mention, intensifier: Match, predicate: Match) -> bool:
    """Whether an adverb stands beside a predicate, with no other one nearer to it."""
    gap = _gap(intensifier, predicate)
    others = (c for c in mention.reading.cues if c.entry.group != "adverb" and c.entry.table == "predicates")
    return gap <= _BESIDE and all(_gap(intensifier, other) >= gap for other in others)


def _gap(first: Match, second: Match) -> int:
    """The tokens between two cues."""
    return max(second.first - first.last, first.first - second.last, 0)


@cache
def _intensifiers() -> dict[str, int]:
    """The adjectives of `data/intensifiers.tsv`, each with the steps by which it raises a noun."""
    table = resources.files("stance").joinpath("data/intensifiers.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines()[1:])
    return {word: int(rise) for word, rise, _ in rows}
