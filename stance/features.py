"""Mentions, votes -> features: the buckets of what the model may look at, none of which names an actor.

A target's own name is masked by its class, so that what is learned of one country holds for all. What a template can
name is told by the mention itself (`_told_by`) or read in the token table around it, for all mentions at once
(`_values`). The names are made to be read in `stance explain`: `governor1` is the nearest cue to the left, `verdict`
the vote of the first rule, `left` and `right` the nearest verbs, `tone` whether a word names a good or a harm, `sense`
its semantic class, `top` whether no other target is around.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from stance.hashing import Coder, Codes, Integers, Templates, code
from stance.mentions import Governor, Mention
from stance.rules import RULES, votes
from stance.token_table import COLUMNS, Looks, TokenTable, following, latest, trait_bits

BUCKETS = 1 << 20

_RULES = tuple(rule.__name__ for rule in RULES)
_RULE_ROW = {name: row for row, name in enumerate(_RULES)}
_BITS = trait_bits("article", "verbal", "stop")

_GOVERNOR = (
    "governor# preposition#", "governor# inside#", "described# inside#",
    "label# depth# coordinated# preposition# inside#", "label# group depth# attached#",
)  # fmt: skip
_TEMPLATES = (
    "verdict", "verdict rule", "verdict group", "verdict before", "verdict tone", "verdict agreement", *_RULES,
    *(template.replace("#", number) for number in "12" for template in _GOVERNOR),
    "governor1 tone", "governor1 sense", "described1 tone group", "described1 held tone",
    "described1 preposition1 sense", "distance1 described1", "outermost", "described1 described2", "governor1 label2",
    "label1 governor2",
    "group", "group before", "group after", "head", "tone group", "first", "first_tone tone", "last", "words group",
    "sense tone", "sense before", "sense parent_sense before", "entry",
    "word-1", "word-2", "word-2 word-1", "word+1", "word+2", "word+1 word+2", "tag-2 tag-1 group tag+1 tag+2",
    "tone-1 group", "tone+1 group", "sense-1 sense", "sense-2 before sense",
    "left not top", "left_tone not group top", "left_sense not sense top", "left_sense not group tone left_beside",
    "right top", "right_tone group top", "right_sense sense top", "left_tone right_tone top",
    "opening", "opening second", "cues", "place_in_sentence governed",
    "next_cue next_distance", "next_label next_distance governed", "next_cue group",
    "sibling_group", "sibling_head", "top group before", "place", "place group", "parent_head place",
    "parent_head group", "parent_tone place group", "parent_tone tone", "parent_sense place group",
    "parent_sense parent_tone place", "parent_group place", "parent_governor place", "parent_label place group",
    "inner_verb parent_tone group",
)  # fmt: skip
# What `_told_by` says of a mention.
_TOLD = (
    "group", "entry", "first_at", "last_at", "head_at", "parent", "sibling", "words", "governed", "cues",
    "place_in_sentence", "verdict", "rule", "agreement", "distance1", "outermost",
    *(f"{name}{number}" for number in "12" for name in
      ("governor", "described", "label", "preposition", "depth", "attached", "coordinated", "inside")),
)  # fmt: skip
_NO_GOVERNOR = (0,) * 8
_EDGES = slice(_TOLD.index("first_at"), _TOLD.index("head_at") + 1)
_PARENT, _SIBLING = _TOLD.index("parent"), _TOLD.index("sibling")
# Places around a mention, and what is read there; 0, an empty token, stands for none.
_PLACES = (
    "-2", "-1", "first", "last", "+1", "+2", "head", "before", "left", "right", "opening", "second", "inner_verb",
    "next_cue", "held",
)  # fmt: skip
_READ = Looks({
    "next_cue": "cue next_cue", "next_label": "cue_label next_cue", "before": "mask before", "after": "mask +1",
    "head": "mask head", "tone": "tone head", "sense": "sense head", "first": "mask first", "first_tone": "tone first",
    "last": "mask last", "left": "mask left", "left_tone": "tone left", "left_sense": "sense left",
    "not": "negated left", "right": "mask right", "right_tone": "tone right", "right_sense": "sense right",
    "opening": "mask opening", "second": "mask second", "inner_verb": "sense inner_verb", "held": "cue_label held",
    **{f"{field}{place}": f"{column} {place}" for place in ("-2", "-1", "+1", "+2")
       for field, column in (("word", "mask"), ("tag", "tag"), ("tone", "tone"), ("sense", "sense"))},
}, COLUMNS, _PLACES)  # fmt: skip
_BEFORE = _READ.fields.index("before")
_LEFT, _NEXT_CUE = _PLACES.index("left"), _PLACES.index("next_cue")
_MADE = ("next_distance", "left_beside", "top", "place")
_OF_PARENT = ("head", "tone", "sense", "group", "governor1", "label1")
_OF_SIBLING = ("group", "head")
_FIELDS = (
    *_TOLD, *_RULES, *_READ.fields, *_MADE, *(f"parent_{field.removesuffix('1')}" for field in _OF_PARENT),
    *(f"sibling_{field}" for field in _OF_SIBLING),
)  # fmt: skip
_PARENT_ROWS, _SIBLING_ROWS = (
    np.array([_FIELDS.index(field) for field in fields]) for fields in (_OF_PARENT, _OF_SIBLING)
)
_COUNTED = (
    "words", "governed", "place_in_sentence", "agreement", "distance1", "next_distance", "left_beside", "not", "top",
    *(f"{name}{number}" for number in "12" for name in ("depth", "attached", "coordinated", "inside")),
)  # fmt: skip
TEMPLATES = Templates(_TEMPLATES, BUCKETS, fields=_FIELDS, counted=_COUNTED)


def features(table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> Codes:
    """The buckets of the features of each mention, shape (features, mentions).

    Parameters
    ----------
    table
        The tokens of the sentences.
    mentioned
        The mentions of each sentence of the table.
    """
    return TEMPLATES.hash(_values(table, mentioned, code))


def feature_names(
    table: TokenTable, mentioned: Sequence[Sequence[Mention]], coder: Coder, texts: Mapping[int, str]
) -> list[list[str]]:
    """The names of the features of each mention, in the order of `features`; `texts` holds what `coder` has coded."""
    return TEMPLATES.describe(_values(table, mentioned, coder), texts)


def _values(table: TokenTable, mentioned: Sequence[Sequence[Mention]], coder: Coder) -> Codes:
    """The fields of each mention, shape (_FIELDS, mentions)."""
    everyone = [mention for group in mentioned for mention in group]
    index = {id(mention): number for number, mention in enumerate(everyone)}
    lines = chain.from_iterable(_told_by(mention, index, coder) for mention in everyone)
    told = np.fromiter(lines, np.int64, len(everyone) * len(_TOLD)).reshape(-1, len(_TOLD)).T
    parent, sibling = told[_PARENT], told[_SIBLING]
    offsets = table.offsets.repeat([len(group) for group in mentioned])
    spans = first, last, _ = told[_EDGES] + offsets
    places = _places(table, spans, offsets, parent)
    read = _READ.at(places, table.codes)
    own = np.concatenate((told, _of_votes(everyone, coder), read, _made(spans, parent, places, read, coder)))
    return np.concatenate((
        own,
        own.take(_PARENT_ROWS, axis=0).take(parent, axis=1) * (parent >= 0),
        own.take(_SIBLING_ROWS, axis=0).take(sibling, axis=1) * (sibling >= 0),
    ))  # fmt: skip


def _places(table: TokenTable, spans: Integers, offsets: Integers, parent: Integers) -> Integers:
    """The positions in the table that `_PLACES` names, shape (_PLACES, mentions)."""
    first, last, head = spans
    article, verb, stop = table.having(_BITS)
    edge, cue = stop | (table.sentence < 0), table.column("cue_label") != 0
    before, left, left_edge = latest(np.array((~article, verb, edge))).take(first - 1, axis=1)
    left = left * (left > left_edge)
    behind = following(np.array((verb, edge, cue)))
    right, right_edge, next_cue = behind.take(last + 1, axis=1)
    held = behind[2].take(first)
    held = held * (held <= last)
    inner_verb = left * ((parent >= 0) & (left >= first[parent]))
    next_cue = next_cue * ((parent < 0) & (table.sentence.take(next_cue) == table.sentence.take(first)))
    return np.array((
        first - 2, first - 1, first, last, last + 1, last + 2, head, before, left, right * (right < right_edge),
        offsets, offsets + 1, inner_verb, next_cue, held,
    ))  # fmt: skip


def _made(spans: Integers, parent: Integers, places: Integers, read: Codes, coder: Coder) -> Integers:
    """The fields that `_MADE` names, shape (_MADE, mentions)."""
    first, last, head = spans
    top = parent < 0
    outside, at_start, at_head = (coder(place) for place in ("none", "first", "head"))
    heads_parent = (first <= head[parent]) & (head[parent] <= last)
    place = np.where(first == first[parent], at_start, np.where(heads_parent, at_head, read[_BEFORE]))
    distance = (places[_NEXT_CUE] - last - 1) // 2
    return np.array(
        (np.minimum(np.maximum(distance, 0), 3), places[_LEFT] == first - 1, top, np.where(top, outside, place))
    )


def _told_by(mention: Mention, index: Mapping[int, int], coder: Coder) -> tuple[int, ...]:
    """What only the mention itself tells, in the order of `_TOLD`; positions are those of its sentence."""
    reading, entry, cast = mention.reading, mention.entry, votes(mention)
    above = mention.above
    inner = len(mention.governors) if mention.parent else 0
    rule, verdict = next(iter(cast.items()), ("", ""))
    own_entry = entry is not None and (entry.table == "issues" or entry.group == "people")
    return (
        coder(mention.group),
        coder(entry.id) if own_entry and entry is not None else 0,
        mention.first,
        mention.last - 1,
        mention.head,
        -1 if mention.parent is None else index[id(mention.parent)],
        -1 if mention.sibling is None else index[id(mention.sibling)],
        min(mention.last - mention.first, 6),
        bool(mention.governors),
        coder(reading.cue_counts),
        4 * mention.first // len(reading.keys),
        coder(verdict),
        coder(rule),
        len(set(cast.values())),
        min((mention.first - above[0].cue.last) // 2, 6) if above else -1,
        coder(f"{above[-1].cue.entry.label} {above[-1].negated}") if above else 0,
        *(_governor(above[0], inner > 0, coder) if above else _NO_GOVERNOR),
        *(_governor(above[1], inner > 1, coder) if len(above) > 1 else _NO_GOVERNOR),
    )


def _of_votes(everyone: Sequence[Mention], coder: Coder) -> Integers:
    """The code of what each rule says of each mention, 0 where it abstains, shape (_RULES, mentions)."""
    cast = [
        (_RULE_ROW[rule], number, coder(vote))
        for number, mention in enumerate(everyone)
        for rule, vote in votes(mention).items()
    ]
    said = np.zeros((len(_RULES), len(everyone)), dtype=np.int64)
    row, number, vote = np.fromiter(chain.from_iterable(cast), np.int64).reshape(-1, 3).T
    said[row, number] = vote
    return said


def _governor(governor: Governor, inside: bool, coder: Coder) -> tuple[int, ...]:
    entry, attached, depth = governor.cue.entry, governor.attached, min(governor.depth, 2)
    return (
        coder(_turned(entry.id, governor.negated)),
        coder(_described(entry.label, attached, depth, governor.negated)),
        coder(entry.label),
        coder(governor.preposition),
        depth,
        attached,
        governor.coordinated,
        inside + 1,
    )


@lru_cache(maxsize=4096)
def _turned(identity: str, negated: bool) -> str:
    """A negated cue is another: what is learned of "endorse" does not hold for "not endorse"."""
    return f"not {identity}" if negated else identity


@lru_cache(maxsize=4096)
def _described(label: str, attached: bool, depth: int, negated: bool) -> str:
    return f"{label}{'+' if attached else ''}{depth}{'!' if negated else ''}"
