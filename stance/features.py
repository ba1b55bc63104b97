"""Mention, votes -> features: the names of what the model may look at, none of which names an actor.

A target's own name is masked by its class, so that what is learned of one country holds for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stance.document import Stance
from stance.mentions import Governor, Mention

_CHAIN = 3  # governors described one by one
_INNER_WORDS = 12


def features(mention: Mention, votes: Mapping[str, Stance]) -> dict[str, float]:
    """The features of one mention by name; each counts 1."""
    names = (*_of_votes(mention, votes), *_of_governors(mention), *_of_target(mention), *_of_context(mention), *_of_parent(mention))
    return dict.fromkeys(names, 1.0)


def _of_votes(mention: Mention, votes: Mapping[str, Stance]) -> Iterator[str]:
    first = next(iter(votes.items()), ("none", "none"))
    yield f"verdict={first[1]}"
    yield f"verdict={first[1]} by={first[0]}"
    yield f"verdict={first[1]} class={class_of(mention)}"
    yield f"verdict={first[1]} before={mention.before}"
    for name, vote in votes.items():
        yield f"{name}={vote}"
    yield f"agree={len(set(votes.values()))} {first[1]}"


def _of_governors(mention: Mention) -> Iterator[str]:
    chain = (mention.governors + mention.outer)[:_CHAIN]
    sense = _sense(mention, mention.head)
    inner = len(mention.governors)
    for k, governor in enumerate(chain):
        where = "in" if k < inner and mention.parent else "out"
        described = _describe(governor)
        yield f"g{k}={governor.cue.entry.id} {governor.preposition}"
        yield f"g{k}={governor.cue.entry.id} {where}"
        yield f"g{k}:{described} {where}"
        yield f"g{k}:{governor.cue.entry.stance} {governor.cue.entry.table} {min(governor.depth, 2)} {governor.coordinated} {governor.preposition} {where}"
        yield f"g{k}:{governor.cue.entry.stance} class={class_of(mention)} {min(governor.depth, 2)} {governor.attached}"
    if not chain:
        yield "g0=none"
    if chain:
        yield f"g0:{_describe(chain[0])} {chain[0].preposition} sense={sense}"
        yield f"g0={chain[0].cue.entry.id} sense={sense}"
    if len(chain) > 1:
        yield f"g01:{_describe(chain[0])} {_describe(chain[1])}"
        yield f"g01:{chain[0].cue.entry.id} {chain[1].cue.entry.stance} {chain[1].cue.entry.table}"
        yield f"g01:{chain[0].cue.entry.stance} {chain[0].cue.entry.table} {chain[1].cue.entry.id}"
    if chain:
        yield f"outermost={chain[-1].cue.entry.stance}"
        yield f"g0 distance={min((mention.first - chain[0].cue.last) // 2, 6)} {chain[0].cue.entry.stance}"


def _describe(governor: Governor) -> str:
    entry = governor.cue.entry
    return f"{entry.table[0]}{entry.stance}{'+' if governor.attached else ''}{min(governor.depth, 2)}{'!' if governor.negated else ''}"


def _of_target(mention: Mention) -> Iterator[str]:
    masks, tags, tones = mention.reading.masks, mention.reading.tags, mention.reading.tones
    own = class_of(mention)
    yield f"head tone={tones[mention.head]} {own}"
    sense = _sense(mention, mention.head)
    yield f"sense={sense} {tones[mention.head]}"
    yield f"sense={sense} before={mention.before}"
    yield f"sense={sense} parent={_sense(mention, mention.parent.head) if mention.parent else None} {mention.before}"
    yield f"first tone={tones[mention.first]} {tones[mention.head]}"
    yield f"class={own}"
    yield f"class={own} before={mention.before}"
    yield f"class={own} after={mention.after}"
    yield f"head={masks[mention.head]}"
    yield f"first={masks[mention.first]}"
    yield f"last={masks[mention.last - 1]}"
    yield f"words={min(mention.last - mention.first, 6)} {own}"
    if mention.entry is not None and (mention.entry.table == "issues" or mention.entry.group == "people"):
        yield f"entry={mention.entry.id}"
    for position in range(mention.first, min(mention.last, mention.first + _INNER_WORDS)):
        if tags[position] not in ("determiner", "comma", "conjunction", "name", "proper", "number"):
            yield f"inner={masks[position]}"
            yield f"inner tone={tones[position]}"
        cue = mention.reading.cue_starting.get(position)
        if cue is not None:
            yield f"holds={cue.entry.table[0]} {cue.entry.stance} {position == mention.first}"


def _of_context(mention: Mention) -> Iterator[str]:
    reading, own = mention.reading, class_of(mention)
    masks = ["<edge>", "<edge>", "<edge>", *reading.masks, "<edge>", "<edge>", "<edge>"]
    tags = ["edge", "edge", "edge", *reading.tags, "edge", "edge", "edge"]
    i, j = mention.first + 3, mention.last + 3
    yield f"w-1={masks[i - 1]}"
    yield f"w-2={masks[i - 2]}"
    yield f"w-3={masks[i - 3]}"
    yield f"w-2,1={masks[i - 2]} {masks[i - 1]}"
    yield f"w-3,2,1={masks[i - 3]} {masks[i - 2]} {masks[i - 1]}"
    yield f"w+1={masks[j]}"
    yield f"w+2={masks[j + 1]}"
    yield f"w+1,2={masks[j]} {masks[j + 1]}"
    yield f"w-1+1={masks[i - 1]} {masks[j]} {own}"
    yield f"tags={tags[i - 2]} {tags[i - 1]} {own} {tags[j]} {tags[j + 1]}"
    yield f"w-1 tone={_tone(mention, i - 4)} {own}"
    yield f"w+1 tone={_tone(mention, j - 3)} {own}"
    left, right = _verb(mention, -1), _verb(mention, 1)
    sense = _sense(mention, mention.head)
    yield f"left verb={_sense(mention, left)} {sense} {mention.parent is None}"
    yield f"left verb={_sense(mention, left)} {own} {_tone(mention, mention.head)} {mention.before in ('', None) or left == mention.first - 1}"
    yield f"right verb={_sense(mention, right)} {sense} {mention.parent is None}"
    yield f"sense w-1={_sense(mention, i - 4)} {sense}"
    yield f"sense w-2={_sense(mention, i - 5)} {mention.before} {sense}"
    for side, position in (("left", left), ("right", right)):
        yield f"{side} verb={reading.masks[position] if position is not None else None} {mention.parent is None}"
        yield f"{side} verb tone={_tone(mention, position)} {own} {mention.parent is None}"
    yield f"verbs={_tone(mention, left)} {_tone(mention, right)} {mention.parent is None}"
    following = next((c for c in reading.cues if c.first >= mention.last), None)
    if following is not None and mention.parent is None:
        distance = following.first - mention.last
        yield f"next={following.entry.id} {min(distance // 2, 3)}"
        yield f"next={following.entry.stance} {following.entry.table} {min(distance // 2, 3)} {bool(mention.governors)}"
        yield f"next={following.entry.id} {own}"
    yield f"sentence starts={reading.masks[0]}"
    yield f"sentence starts={reading.masks[0]} {reading.masks[1] if len(reading) > 1 else ''}"
    yield f"sentence ends={reading.keys[-1] if reading.tags[-1] in ('semicolon', 'comma', 'punctuation', 'quote') else 'open'}"
    first_cue = reading.cues[0] if reading.cues else None
    yield f"first cue={first_cue.entry.id if first_cue else None}"
    yield f"cues={_shares(mention)}"
    yield f"quoted={'quote' in reading.tags}"
    yield f"position={4 * mention.first // len(reading)} {bool(mention.governors)}"


def _of_parent(mention: Mention) -> Iterator[str]:
    parent = mention.parent
    own, masks = class_of(mention), mention.reading.masks
    if parent is None:
        yield "parent=none"
        yield f"parent=none class={own} {mention.before}"
    else:
        place = place_in_parent(mention)
        yield f"parent {place}"
        yield f"parent {place} class={own}"
        yield f"parent head={masks[parent.head]} {place}"
        yield f"parent head={masks[parent.head]} class={own}"
        yield f"parent tone={_tone(mention, parent.head)} {place} {own}"
        yield f"parent sense={_sense(mention, parent.head)} {place} {own}"
        yield f"parent sense={_sense(mention, parent.head)} {_tone(mention, parent.head)} {place}"
        inside = _inside_verb(mention)
        yield f"inside verb={_sense(mention, inside)} {_tone(mention, parent.head)} {own}"
        yield f"parent tone={_tone(mention, parent.head)} {_tone(mention, mention.head)}"
        chain = parent.governors + parent.outer
        stance = chain[0].cue.entry.stance if chain else None
        yield f"parent g0={stance} {place} {own}"
        yield f"parent g0={chain[0].cue.entry.id if chain else None} {place}"
        yield f"parent class={class_of(parent)} {place}"
        if parent.parent is not None:
            yield f"grandparent head={masks[parent.parent.head]} {place}"
    if mention.sibling is not None:
        yield f"sibling={class_of(mention.sibling)}"
        yield f"sibling head={masks[mention.sibling.head]}"
    for child in mention.children[:4]:
        yield f"child={class_of(child)} {child.before}"


def class_of(mention: Mention) -> str:
    """The class that stands for the target's own name: that of the actor, the tone of the issue, or "object"."""
    return "object" if mention.entry is None else mention.entry.group


def place_in_parent(mention: Mention) -> str:
    """Where it stands in the target around it: first, at its head, or behind which word; "none" without one."""
    parent = mention.parent
    if parent is None:
        return "none"
    return "first" if mention.first == parent.first else "head" if mention.first <= parent.head < mention.last else mention.before


def _tone(mention: Mention, position: int | None) -> str | None:
    """The tone of a word, None where there is no such word."""
    return mention.reading.tones[position] if position is not None and 0 <= position < len(mention.reading) else None


def _sense(mention: Mention, position: int | None) -> str | None:
    """The semantic class of a word, None where there is no such word."""
    return mention.reading.senses[position] if position is not None and 0 <= position < len(mention.reading) else None


def _inside_verb(mention: Mention) -> int | None:
    """The nearest verb before the target within the target around it."""
    position = _verb(mention, -1)
    return position if position is not None and mention.parent is not None and position >= mention.parent.first else None


def _verb(mention: Mention, step: int) -> int | None:
    """The nearest verb before (-1) or behind (1) within the sentence; None where there is none."""
    tags = mention.reading.tags
    position = mention.first - 1 if step < 0 else mention.last
    while 0 <= position < len(tags) and tags[position] not in ("semicolon", "punctuation"):
        if tags[position] in ("verb", "ed", "ing"):
            return position
        position += step
    return None


def _shares(mention: Mention) -> str:
    stances = [c.entry.stance for c in mention.reading.cues if c.entry.table == "predicates" and c.entry.stance]
    return " ".join(str(min(stances.count(s), 2)) for s in Stance)
