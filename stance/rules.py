"""The annotation guidelines as code: each clause one small rule that votes for a stance or abstains.

A vote is a feature: the trained model learns how far to trust each, and `Judgement.votes` shows them. `verdict` is
the vote of the first rule in `RULES` that does not abstain; inner targets ask it of the target around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from stance.document import Stance
from stance.mentions import Governor, Mention

Rule = Callable[[Mention], Stance | None]

_AGAINST = frozenset(("against", "on", "in", "to", "of", "with", "upon", "into", "from", "for"))
_PLACE = frozenset(("in", "across", "within", "throughout", "around", "near", "inside", "at", "over", "beyond"))
_VALUED = frozenset(("good",))
_PLACES = frozenset(("state", "territory", "region"))
_DEFENDED = frozenset(("treaty", "initiative"))


def composed(governors: Sequence[Governor]) -> Stance | None:
    """The stance that a chain of cues gives to what the nearest of them holds.

    A predicate gives its own stance, turned by a negation. A reverser gives the opposite of what the cues before it
    give to the act that it names, and its own default where nothing governs that act.
    """
    if not governors:
        return None
    nearest = governors[0]
    entry = nearest.cue.entry
    stance = entry.stance
    if entry.table == "reversers":
        rest = governors[1:]
        act = composed(rest) if rest and rest[0].depth == 0 and not rest[0].coordinated else None
        default = stance
        stance = act.opposite if act in (Stance.SUPPORT, Stance.CONDEMN) else default
        return stance.opposite if nearest.negated and act is None and stance is not None else stance
    if stance is None:
        return None
    return _negated(stance) if nearest.negated else stance


def _negated(stance: Stance) -> Stance:
    """Clause 12: "do not support" condemns, "did not condemn" judges nothing."""
    return Stance.CONDEMN if stance is Stance.SUPPORT else Stance.NEUTRAL


def standard_to_follow(mention: Mention) -> Stance | None:
    """Settled conventions: what is cited as the standard is supported ("in line with the [+UN Charter]")."""
    nearest = mention.nearest
    if (
        nearest is None
        or nearest.depth
        or nearest.negated
        or (mention.entry is not None and mention.is_actor and mention.entry.group not in _DEFENDED)
    ):
        return None
    entry = (
        nearest.cue.entry
    )  # "satisfied with" and "pleased with" attach in other ways too, "in line" and "consistent" only so
    cited = (
        entry.group == "adjective" and entry.attach == {"with"} and nearest.attached and entry.stance is Stance.SUPPORT
    )
    return Stance.SUPPORT if cited else None


def doer_of_judged_act(mention: Mention) -> Stance | None:
    """Clause 5: the doer inherits the verdict ("condemn [-[-Iran]'s attack]", "condemn [-acts by the [-Houthis]]")."""
    if mention.parent is None or not mention.is_actor:
        return None
    owns = mention.first == mention.parent.first and mention.last < mention.parent.last
    did = mention.before == "by"
    return verdict(mention.parent) if owns or did else None


def sufferer_of_condemned_act(mention: Mention) -> Stance | None:
    """Clause 6: an actor that suffers is neutral, a norm is defended ("condemn the [-war against [=Ukraine]]")."""
    if (
        mention.parent is None
        or mention.governors
        or mention.before not in _AGAINST
        or verdict(mention.parent) is not Stance.CONDEMN
    ):
        return None
    if mention.entry is not None and mention.entry.group in _VALUED | _DEFENDED:
        return Stance.SUPPORT
    return Stance.NEUTRAL if mention.is_actor else None


def place_only(mention: Mention) -> Stance | None:
    """Clause 10: a place where something happens is neutral ("the ceasefire in [=Gaza]")."""
    in_place = mention.entry is not None and mention.entry.group in _PLACES and mention.before in _PLACE
    return Stance.NEUTRAL if in_place else None


def partner(mention: Mention) -> Stance | None:
    """Clause 8: those with whom the speakers work are supported ("work together with [+Kenya]")."""
    nearest = mention.nearest
    with_them = mention.is_actor and mention.before == "with" and nearest is not None and nearest.depth == 0
    return Stance.SUPPORT if with_them and nearest is not None and nearest.cue.entry.stance is Stance.SUPPORT else None


def called_upon(mention: Mention) -> Stance | None:
    """Clause 7: whoever is told to stop is condemned, whoever is asked for something good is neutral.

    "call on [-Iran] to stop", "urge [=all parties] to resume talks"
    """
    reading, position = mention.reading, mention.last
    if not mention.is_actor or position + 1 >= len(reading) or reading.keys[position] != "to":
        return None
    nearest = mention.nearest
    if nearest is None or nearest.depth or nearest.cue.entry.group != "verb":
        return None
    asked = reading.cue_starting.get(position + 1) or reading.cue_starting.get(position + 2)
    stops = asked is not None and asked.entry.table == "reversers" and asked.entry.stance is Stance.CONDEMN
    return Stance.CONDEMN if stops else Stance.NEUTRAL


def judged_subject(mention: Mention) -> Stance | None:
    """Clauses 1 and 2: the subject may be judged ("[-such attacks] are unacceptable", "the [-plan] was condemned")."""
    if mention.parent is not None:
        return None
    reading, copula = mention.reading, False
    for position in range(mention.last, min(mention.last + 6, len(reading))):
        cue = reading.cue_starting.get(position)
        if cue is not None and cue.entry.stance is not None:
            passive = copula and cue.entry.group == "verb" and reading.keys[position].endswith(("ed", "en", "ne"))
            return cue.entry.stance if "subject" in cue.entry.attach or passive else None
        if reading.tags[position] in ("comma", "conjunction", "semicolon", "punctuation", "preposition"):
            return None
        copula = copula or reading.tags[position] == "auxiliary"
    return None


def held_by_reverser(mention: Mention) -> Stance | None:
    """Clause 4: a reverser flips what it holds ("undermine the [+Charter]", "lift the [-blockade]")."""
    nearest = mention.nearest
    if nearest is None or nearest.cue.entry.table != "reversers" or nearest.depth or not nearest.attached:
        return None
    return composed(mention.above)


def object_of_predicate(mention: Mention) -> Stance | None:
    """Clauses 1 to 3, 12 and 13: the object of a judging predicate takes its stance ("welcome the [+truce]")."""
    nearest = mention.nearest
    if nearest is None or nearest.cue.entry.table != "predicates" or nearest.depth or not nearest.attached:
        return None
    return composed(mention.above)


def beside_judged(mention: Mention) -> Stance | None:
    """Clauses 1 and 2: coordinated objects share the verdict ("combat [-piracy] and [-illegal fishing]")."""
    return verdict(mention.sibling) if mention.sibling is not None else None


def within_judged(mention: Mention) -> Stance | None:
    """Clauses 1, 2 and 9: the parts of a judged object share its verdict ("condemn [-use of [-cluster munitions]]")."""
    if mention.parent is None or mention.governors:
        return None
    return verdict(mention.parent)


def governed_at_distance(mention: Mention) -> Stance | None:
    """Clauses 1 to 4 where the nearest cue stands further off ("condemn in the strongest terms the [-attack]")."""
    return composed(mention.above)


def named_harm_or_good(mention: Mention) -> Stance | None:
    """Settled conventions: with nothing to govern it, a good is a good and a harm a harm ("[+food security]")."""
    if mention.entry is None or mention.entry.table != "issues":
        return None
    return {"good": Stance.SUPPORT, "harm": Stance.CONDEMN, "plain": Stance.NEUTRAL}[mention.entry.group]


# The first that does not abstain is the verdict. A place comes before the doer ("in [=Gaza]'s hospitals"), the doer
# before the governors ("welcome [+[+Japan]'s decision]": Japan is no object of "welcome"), the looser readings last.
RULES: tuple[Rule, ...] = (
    place_only,
    standard_to_follow,
    called_upon,
    partner,
    doer_of_judged_act,
    sufferer_of_condemned_act,
    held_by_reverser,
    object_of_predicate,
    judged_subject,
    beside_judged,
    within_judged,
    governed_at_distance,
    named_harm_or_good,
)

_NAMED = tuple((rule.__name__, rule) for rule in RULES)


def votes(mention: Mention) -> dict[str, Stance]:
    """What each rule says that does not abstain, by the rule's name, in the order of `RULES`; cast once a mention."""
    cast = mention.cast
    if cast is None:
        cast = {name: vote for name, rule in _NAMED if (vote := rule(mention)) is not None}
        mention.cast = cast
    return cast


def cast_in_order(mentioned: Iterable[Sequence[Mention]]) -> None:
    """Cast the votes of sentences from the left and the outside in, so that none waits for a long chain of others."""
    for group in mentioned:
        for mention in sorted(group, key=lambda m: (m.first, -m.last)):
            votes(mention)


def verdict(mention: Mention) -> Stance | None:
    """The vote of the first rule that does not abstain."""
    return next(iter(votes(mention).values()), None)
