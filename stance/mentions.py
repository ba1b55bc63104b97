"""Targets seen in their sentence: what governs each, which target holds it, which stands beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from stance.cues import Reading
from stance.document import Stance
from stance.lexicon import Entry, Match

_MOST_GOVERNORS = 4
_FURTHEST = 600  # tokens to the left of a target that are looked at; bounds time, real sentences end before
_HEAD_ENDS = frozenset(("preposition", "to", "subordinator", "comma", "bracket"))
_BETWEEN_SIBLINGS = frozenset(("comma", "conjunction", "determiner", "possessive", "semicolon"))
# What a token does on the way from a target to what governs it, by its tag; all others are words of a noun phrase.
_STEP_AT = defaultdict(lambda: "word") | (
    dict.fromkeys(("semicolon", "punctuation"), "stop")
    | dict.fromkeys(("preposition", "to", "subordinator"), "link")
    | dict.fromkeys(("comma", "conjunction"), "joint")
    | dict.fromkeys(("determiner", "possessive", "adverb", "negation", "quote"), "passed")
)
_BREAKS = frozenset(("comma", "conjunction", "semicolon", "punctuation"))


class Governor(NamedTuple):
    """A cue to the left of a target.

    `preposition` stands behind the cue ("" where the object is direct), `depth` counts the noun phrases between the
    cue and the target, `coordinated` tells whether a comma or conjunction was crossed, and `negated` whether the cue
    itself is.
    """

    cue: Match
    preposition: str
    depth: int
    coordinated: bool
    negated: bool

    @property
    def attached(self) -> bool:
        """Whether the object follows in a way that the cue's row allows."""
        return (self.preposition or "direct") in self.cue.entry.attach


@dataclass(slots=True, eq=False)
class Mention:
    """One target in its sentence: the tokens `first:last` of the reading.

    `parent` is the smallest target around it, `sibling` the target before it in the same parent to which a comma or
    conjunction joins it. `above` are the cues to its left, the nearest first, `governors` those within the parent.
    `before_at` is the token before it, articles passed over, -1 at the start, `head` the token that heads the phrase.
    `children` is filled in as they are made, `cast` holds the votes once they are cast.
    """

    reading: Reading
    first: int
    last: int
    entry: Entry | None
    parent: Mention | None
    sibling: Mention | None
    governors: tuple[Governor, ...]
    above: tuple[Governor, ...]
    before_at: int
    head: int
    children: list[Mention] = field(default_factory=list, repr=False)
    cast: dict[str, Stance] | None = field(default=None, repr=False)

    @property
    def nearest(self) -> Governor | None:
        """The nearest of the governors."""
        return self.governors[0] if self.governors else None

    @property
    def before(self) -> str:
        """The word before, articles passed over; "" at the start."""
        return self.reading.keys[self.before_at] if self.before_at >= 0 else ""

    @property
    def masked_before(self) -> str:
        """What a model may see of that word: its stem, or the class of the name that it belongs to."""
        return self.reading.masks[self.before_at] if self.before_at >= 0 else ""

    @property
    def after(self) -> str:
        """The word directly behind; "" at the end."""
        keys = self.reading.keys
        return keys[self.last] if self.last < len(keys) else ""

    @property
    def group(self) -> str:
        """The class that stands for the target's own name: that of the actor, the tone of the issue, or "object"."""
        return "object" if self.entry is None else self.entry.group

    @property
    def tone(self) -> str:
        """Whether its head names a good, a harm or something plain; "" where that is unknown."""
        return self.reading.tones[self.head]

    @property
    def sense(self) -> str:
        """The semantic class of its head; "" where that is unknown."""
        return self.reading.senses[self.head]

    @property
    def is_actor(self) -> bool:
        """Whether it is a named or nameable actor."""
        return self.entry is not None and self.entry.table == "actors"


def mentions(reading: Reading, spans: Sequence[tuple[int, int]]) -> list[Mention]:
    """The mentions of the targets at the given token spans, one each in the same order.

    Crossing spans are allowed: a parent is a target that holds the whole span.
    """
    made: dict[int, Mention] = {}
    opened: list[Mention] = []  # those that do not end before the next begins
    outermost: list[Mention] = []
    paths = _Paths(reading)
    for number in sorted(range(len(spans)), key=lambda n: (spans[n][0], -spans[n][1])):
        first, last = spans[number]
        while opened and opened[-1].last <= first:
            opened.pop()
        parent = next((m for m in reversed(opened) if last <= m.last), None)
        beside = parent.children if parent else outermost
        above = tuple(paths.governors(first))
        inside = len(above) if parent is None else sum(governor.cue.first >= parent.first for governor in above)
        mention = Mention(
            reading,
            first,
            last,
            reading.name_spans.get((first, last)),
            parent,
            _sibling(reading, beside[-1], first) if beside else None,
            above[:inside],
            above,
            _before(reading.tags, first),
            _head(reading.tags, first, last),
        )
        beside.append(mention)
        opened.append(mention)
        paths.cover(first, last)
        made[number] = mention
    return [made[number] for number in range(len(spans))]


def forget(mentioned: Iterable[Sequence[Mention]]) -> None:
    """Part parents and children, which hold each other: the collector would have to find those that are done with."""
    for mention in chain.from_iterable(mentioned):
        mention.children.clear()


def _before(tags: list[str], first: int) -> int:
    """The token directly before, articles passed over; -1 at the start, or where they go on and on."""
    position = first - 1
    nearest = max(first - _FURTHEST, 0)
    while position >= nearest and tags[position] in ("determiner", "possessive"):
        position -= 1
    return position


def _head(tags: list[str], first: int, last: int) -> int:
    """The token that heads the phrase: the last before its first preposition, clause or list."""
    for position in range(first + 1, last):
        if tags[position] in _HEAD_ENDS and tags[position - 1] != "comma":
            return position - 1
    return last - 1


def _sibling(reading: Reading, earlier: Mention, first: int) -> Mention | None:
    """The target before, where only commas, conjunctions and articles stand between."""
    between = reading.tags[earlier.last : first]
    return earlier if between and _BETWEEN_SIBLINGS.issuperset(between) else None


class _Paths:
    """The ways from the targets of a sentence to the left, along what each token does on them.

    A target beside is stepped over whole, since what it holds governs nothing outside it ("welcome [progress in
    fighting piracy] and [the new patrols]"): `cover` those that stand further left first.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._steps = list(map(_STEP_AT.__getitem__, reading.tags))
        self._cues = {cue.last - 1: cue for cue in reading.cues if cue.entry.attach or cue.entry.table == "reversers"}
        for position in self._cues:
            self._steps[position] = "cue"
        self._covered: dict[int, int] = {}  # the first token of the longest target that ends at a token
        self._negates = "negation" in reading.tags

    def cover(self, first: int, last: int) -> None:
        """Step over the target at the tokens `first:last` from now on."""
        self._steps[last - 1] = "target"
        self._covered[last - 1] = min(first, self._covered.get(last - 1, first))

    def governors(self, first: int) -> list[Governor]:
        """The cues to the left of the token `first`, the nearest first, up to the last full stop or semicolon."""
        found: list[Governor] = []
        preposition, depth, coordinated = "", 0, False
        position = first - 1
        nearest = max(first - _FURTHEST, 0)
        while position >= nearest:
            step = self._steps[position]
            if step == "word":
                if preposition:
                    depth += 1
                    preposition = ""
            elif step == "target":
                depth += preposition != ""
                preposition, position = "", self._covered[position]
            elif step == "cue":
                cue = self._cues[position]
                negated = self._negates and is_negated(self._reading, cue.first)
                found.append(Governor(cue, preposition, depth, coordinated, negated))
                if len(found) == _MOST_GOVERNORS:
                    break
                preposition, position = "", cue.first
            elif step == "link":
                preposition = self._reading.keys[position]
            elif step == "joint":
                coordinated = True
            elif step == "stop":
                break
            position -= 1
        return found


def is_negated(reading: Reading, position: int) -> bool:
    """Whether a negation stands within three words before, with no comma between."""
    for tag in reversed(reading.tags[max(position - 4, 0) : position]):
        if tag == "negation" or tag in _BREAKS:
            return tag == "negation"
    return False
