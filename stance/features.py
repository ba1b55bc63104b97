"""Mention, votes -> features: the names of what the model may look at, none of which names an actor.

A target's own name is masked by its class, so that what is learned of one country holds for all. The names are made
to be read in `stance explain`: `governor1` is the nearest cue to the left, `verdict` the vote of the first rule,
`left verb` the nearest verb, `tone` whether a word names a good or a harm, `sense` its semantic class.
"""

from __future__ import annotations

from collections.abc import Mapping

from stance.document import Stance
from stance.mentions import Governor, Mention, is_negated

_PLAIN = {stance: str(stance) for stance in Stance}  # a plain str is written faster than a member of an enum
_CHAIN = 2  # governors described one by one
_INNER_WORDS = 12
_CHILDREN = 4
_UNSEEN = frozenset(
    ("determiner", "comma", "conjunction", "name", "proper", "number")
)  # tags of inner words that tell nothing


def features(mention: Mention, votes: Mapping[str, Stance]) -> dict[str, float]:
    """The features of one mention by name; each counts 1."""
    return dict.fromkeys(feature_names(mention, votes), 1.0)


def feature_names(mention: Mention, votes: Mapping[str, Stance]) -> list[str]:
    """The names of the features of one mention, each once."""
    return [
        *_of_votes(mention, votes),
        *_of_governors(mention),
        *_of_target(mention),
        *_of_neighbourhood(mention),
        *_of_sentence(mention),
        *_of_family(mention),
    ]


def place_in_parent(mention: Mention) -> str:
    """Where it stands in the target around it: first, at its head, or behind which word; "none" without one."""
    parent = mention.parent
    if parent is None:
        return "none"
    return (
        "first"
        if mention.first == parent.first
        else "head"
        if mention.first <= parent.head < mention.last
        else mention.before
    )


def _of_votes(mention: Mention, votes: Mapping[str, Stance]) -> list[str]:
    cast = {name: _PLAIN[vote] for name, vote in votes.items()}
    rule, vote = next(iter(cast.items()), ("none", "none"))
    return [
        f"verdict={vote}",
        f"verdict={vote} by={rule}",
        f"verdict={vote} class={mention.group}",
        f"verdict={vote} before={mention.before}",
        f"verdict={vote} tone={mention.tone}",
        f"agree={len(set(cast.values()))} {vote}",
        *[f"{name}={said}" for name, said in cast.items()],
    ]


def _of_governors(mention: Mention) -> list[str]:
    chain = (mention.governors + mention.outer)[:_CHAIN]
    if not chain:
        return ["governor1=none"]
    names: list[str] = []
    group, tone, sense = mention.group, mention.tone, mention.sense
    inner = len(mention.governors) if mention.parent else 0
    for number, governor in enumerate(chain, 1):
        entry, where = governor.cue.entry, "inside" if number <= inner else "outside"
        depth, described = min(governor.depth, 2), _describe(governor)
        cue = _named(governor)
        names += [
            f"governor{number}={cue} {governor.preposition}",
            f"governor{number}={cue} {where}",
            f"governor{number}:{described} {where}",
            f"governor{number}:{entry.label} {depth} {governor.coordinated} {governor.preposition} {where}",
            f"governor{number}:{entry.label} class={group} {depth} {governor.attached}",
        ]
    nearest, described, cue = chain[0].cue.entry, _describe(chain[0]), _named(chain[0])
    names += [
        f"governor1={cue} tone={tone}",
        f"governor1={cue} sense={sense}",
        f"governor1:{described} tone={tone} {group}",
        f"governor1:{described} holds={_held(mention)} {tone}",
        f"governor1:{described} {chain[0].preposition} sense={sense}",
        f"governor1 distance={min((mention.first - chain[0].cue.last) // 2, 6)} {described}",
        f"outermost={chain[-1].cue.entry.label} {chain[-1].negated}",
    ]
    if len(chain) > 1:
        following = chain[1].cue.entry
        names += [
            f"governors:{described} {_describe(chain[1])}",
            f"governors:{cue} {following.label}",
            f"governors:{nearest.label} {following.id}",
        ]
    return names


def _named(governor: Governor) -> str:
    """The cue itself; a negated one is another: what is learned of "endorse" does not hold for "not endorse"."""
    return f"not {governor.cue.entry.id}" if governor.negated else governor.cue.entry.id


def _describe(governor: Governor) -> str:
    entry = governor.cue.entry
    return f"{entry.label}{'+' if governor.attached else ''}{min(governor.depth, 2)}{'!' if governor.negated else ''}"


def _held(mention: Mention) -> str:
    """The first cue within the target."""
    inside = (cue.entry for cue in mention.reading.cues if mention.first <= cue.first < mention.last)
    entry = next(inside, None)
    return "nothing" if entry is None else entry.label


def _of_target(mention: Mention) -> list[str]:
    reading, group = mention.reading, mention.group
    masks, tags, tones = reading.masks, reading.tags, reading.tones
    names = [
        f"class={group}",
        f"class={group} before={mention.before}",
        f"class={group} after={mention.after}",
        f"head={masks[mention.head]}",
        f"head tone={mention.tone} {group}",
        f"first={masks[mention.first]}",
        f"first tone={tones[mention.first]} {mention.tone}",
        f"last={masks[mention.last - 1]}",
        f"words={min(mention.last - mention.first, 6)} {group}",
        f"sense={mention.sense} {mention.tone}",
        f"sense={mention.sense} before={mention.before}",
        f"sense={mention.sense} parent={mention.parent.sense if mention.parent else None} {mention.before}",
    ]
    if mention.entry is not None and (mention.entry.table == "issues" or group == "people"):
        names.append(f"entry={mention.entry.id}")
    inner = set()
    for position in range(mention.first, min(mention.last, mention.first + _INNER_WORDS)):
        if tags[position] not in _UNSEEN:
            inner |= {f"inner={masks[position]}", f"inner tone={tones[position]}"}
        cue = reading.cue_starting.get(position)
        if cue is not None:
            inner.add(f"holds={cue.entry.label} {position == mention.first}")
    return names + sorted(inner)


def _of_neighbourhood(mention: Mention) -> list[str]:
    """The words before and behind, and the nearest verbs."""
    reading, group, top = mention.reading, mention.group, mention.parent is None
    first, last, size = mention.first, mention.last, len(reading.tokens)
    masks, tags = reading.masks, reading.tags
    before = [masks[k] if k >= 0 else "<edge>" for k in (first - 1, first - 2)]
    behind = [masks[k] if k < size else "<edge>" for k in (last, last + 1)]
    tags_before = [tags[k] if k >= 0 else "edge" for k in (first - 1, first - 2)]
    tags_behind = [tags[k] if k < size else "edge" for k in (last, last + 1)]
    left, right = reading.verb_before(first), reading.verb_behind(last)
    turned = "not " if left is not None and is_negated(reading, left) else ""
    left_sense, right_sense = _at(reading.senses, left), _at(reading.senses, right)
    left_tone, right_tone = _at(reading.tones, left), _at(reading.tones, right)
    return [
        f"word-1={before[0]}",
        f"word-2={before[1]}",
        f"words-2..1={before[1]} {before[0]}",
        f"word+1={behind[0]}",
        f"word+2={behind[1]}",
        f"words+1..2={behind[0]} {behind[1]}",
        f"tags={tags_before[1]} {tags_before[0]} {group} {tags_behind[0]} {tags_behind[1]}",
        f"tone-1={_at(reading.tones, first - 1)} {group}",
        f"tone+1={_at(reading.tones, last)} {group}",
        f"sense-1={_at(reading.senses, first - 1)} {mention.sense}",
        f"sense-2={_at(reading.senses, first - 2)} {mention.before} {mention.sense}",
        f"left verb={turned}{_at(masks, left)} {top}",
        f"left verb tone={turned}{left_tone} {group} {top}",
        f"left verb sense={turned}{left_sense} {mention.sense} {top}",
        f"left verb sense={turned}{left_sense} {group} {mention.tone} {left == first - 1}",
        f"right verb={_at(masks, right)} {top}",
        f"right verb tone={right_tone} {group} {top}",
        f"right verb sense={right_sense} {mention.sense} {top}",
        f"verb tones={left_tone} {right_tone} {top}",
    ]


def _of_sentence(mention: Mention) -> list[str]:
    reading, governed = mention.reading, bool(mention.governors)
    masks, size = reading.masks, len(reading.tokens)
    names = [
        f"sentence starts={masks[0]}",
        f"sentence starts={masks[0]} {masks[1] if size > 1 else ''}",
        f"cues={reading.cue_counts}",
        f"position={4 * mention.first // size} {governed}",
    ]
    following = (
        next((cue for cue in reading.cues if cue.first >= mention.last), None) if mention.parent is None else None
    )
    if following is not None:
        entry, distance = following.entry, min((following.first - mention.last) // 2, 3)
        names += [
            f"next cue={entry.id} {distance}",
            f"next cue={entry.label} {distance} {governed}",
            f"next cue={entry.id} {mention.group}",
        ]
    return names


def _of_family(mention: Mention) -> list[str]:
    """The targets around, beside and within it."""
    parent, group, masks = mention.parent, mention.group, mention.reading.masks
    names = list({f"child={child.group} {child.before}": None for child in mention.children[:_CHILDREN]})
    if mention.sibling is not None:
        names += [f"sibling={mention.sibling.group}", f"sibling head={masks[mention.sibling.head]}"]
    if parent is None:
        return [*names, "parent=none", f"parent=none class={group} {mention.before}"]
    place = place_in_parent(mention)
    chain = parent.governors + parent.outer
    governor, label = (chain[0].cue.entry.id, chain[0].cue.entry.label) if chain else (None, None)
    inside = mention.reading.verb_before(mention.first)
    inside_sense = _at(mention.reading.senses, inside) if inside is not None and inside >= parent.first else None
    names += [
        f"parent {place}",
        f"parent {place} class={group}",
        f"parent head={masks[parent.head]} {place}",
        f"parent head={masks[parent.head]} class={group}",
        f"parent tone={parent.tone} {place} {group}",
        f"parent tone={parent.tone} {mention.tone}",
        f"parent sense={parent.sense} {place} {group}",
        f"parent sense={parent.sense} {parent.tone} {place}",
        f"parent class={parent.group} {place}",
        f"parent governor={governor} {place}",
        f"parent governor:{label} {place} {group}",
        f"verb inside parent={inside_sense} {parent.tone} {group}",
    ]
    return names


def _at(values: list[str], position: int | None) -> str | None:
    """The value of a word; None where there is no such word."""
    return values[position] if position is not None and 0 <= position < len(values) else None
