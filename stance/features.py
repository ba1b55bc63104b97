"""Mentions, votes -> features: the buckets of what the model may look at, none of which names an actor.

A target's own name is masked by its class, so that what is learned of one country holds for all. What a template can
name is made by `_mention_fields` (from the mention, one by one) and `_table_fields` (from the token table, for all at
once). The names are made to be read in `stance explain`: `governor1` is the nearest cue to the left, `verdict` the vote
of the first rule, `left` and `right` the nearest verbs, `tone` whether a word names a good or a harm, `sense` its
semantic class, `top` whether no other target is around.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Coder, Codes, Integers, Templates, code, is_any
from stance.mentions import Governor, Mention
from stance.rules import RULES, votes
from stance.token_table import TokenTable, clipped, following, latest

BUCKETS = 1 << 20
NOTHING = BUCKETS  # the bucket of what is absent; it has no weight

_INNER_WORDS = 12
_CHILDREN = 4
_HELD = 3
_RULES = tuple(rule.__name__ for rule in RULES)
# tags of inner words that tell nothing
_UNSEEN = ("determiner", "comma", "conjunction", "name", "proper", "number")
_VERBS, _STOPS = ("verb", "ed", "ing"), ("semicolon", "punctuation")
_ARTICLES, _BREAKS = ("determiner", "possessive"), ("comma", "conjunction", "semicolon", "punctuation")
_NEGATED_WITHIN = 4  # tokens between a word and its negation

_GOVERNOR = (
    "governor# preposition#", "governor# inside#", "described# inside#",
    "label# depth# coordinated# preposition# inside#", "label# group depth# attached#",
)  # fmt: skip
TEMPLATES = Templates((
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
), BUCKETS)  # fmt: skip
INNER = Templates(("inner_word", "inner_tone"), BUCKETS, first=1000)
CHILD = Templates(("child_group child_before",), BUCKETS, first=1010)
HELD = Templates(("holds holds_first",), BUCKETS, first=1020)

Fields = dict[str, NDArray[Any]]


def features(table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> Codes:
    """The buckets of the features of each mention, shape (features, mentions); what is absent is `NOTHING`.

    Parameters
    ----------
    table
        The tokens of the sentences.
    mentioned
        The mentions of each sentence of the table.
    """
    hashed = []
    for templates, fields, present in _parts(table, mentioned, code):
        buckets = templates.hash(fields, present.size)
        shown = np.where(present.ravel(), buckets, np.uint32(NOTHING))
        hashed.append(shown.reshape(len(templates) * len(present), present.shape[1]))
    return np.concatenate(hashed)


def feature_names(
    table: TokenTable, mentioned: Sequence[Sequence[Mention]], coder: Coder, texts: Mapping[int, str]
) -> list[list[str]]:
    """The names of the features of each mention, in the order of `features`; `texts` holds what `coder` has coded."""
    columns: list[list[str]] = []
    for templates, fields, present in _parts(table, mentioned, coder):
        named = list(zip(*templates.describe(fields, texts), strict=True))
        for column in named:
            columns += [list(column[i : i + present.shape[1]]) for i in range(0, present.size, present.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)]


def place_in_parent(mention: Mention) -> str:
    """Where it stands in the target around it: first, at its head, or behind which word; "none" without one."""
    parent = mention.parent
    if parent is None:
        return "none"
    if mention.first == parent.first:
        return "first"
    return "head" if mention.first <= parent.head < mention.last else mention.before


def _parts(
    table: TokenTable, mentioned: Sequence[Sequence[Mention]], coder: Coder
) -> list[tuple[Templates, Fields, NDArray[np.bool_]]]:
    """Templates with their fields and whether they are present, shape (things of a kind, mentions)."""
    everyone = [mention for group in mentioned for mention in group]
    index = {id(mention): number for number, mention in enumerate(everyone)}
    offsets = np.repeat(table.offsets, [len(group) for group in mentioned]).astype(np.int64)
    told = chain.from_iterable(_mention_fields(mention, index, coder) for mention in everyone)
    columns = np.fromiter(told, np.int64, len(everyone) * len(_FIELDS)).reshape(-1, len(_FIELDS)).T
    fields: Fields = dict(zip(_FIELDS, np.ascontiguousarray(columns), strict=True)) | _of_votes(everyone, coder)
    next_cue = following(table.columns["cue_label"] != 0)
    _table_fields(table, fields, offsets, next_cue, coder)
    children = _of_children(everyone, index)
    child = {f"child_{name}": fields[name][np.maximum(children, 0).ravel()] for name in ("group", "before")}
    inner = fields["first_at"] + np.arange(_INNER_WORDS)[:, None]
    seen = (inner <= fields["last_at"]) & ~is_any(table.columns["tag"], *_UNSEEN)[inner % len(table)]
    inside = {
        f"inner_{name}": table.columns[column][(inner % len(table)).ravel()]
        for name, column in (("word", "mask"), ("tone", "tone"))
    }
    held = _held(next_cue, fields["first_at"], fields["last_at"])
    labels = table.columns["cue_label"]
    fields["held"] = labels[held[0]]
    holds = {"holds": labels[held.ravel()], "holds_first": (held == fields["first_at"]).ravel()}
    return [
        (TEMPLATES, fields, np.ones((1, len(everyone)), dtype=bool)),
        (INNER, inside, seen),
        (CHILD, child, children >= 0),
        (HELD, holds, held > 0),
    ]


_FIELDS = (
    "group", "entry", "first_at", "last_at", "head_at", "parent", "sibling", "words", "governed", "cues",
    "place_in_sentence", "verdict", "rule", "agreement", "distance1", "outermost",
    *(f"{name}{number}" for number in "12" for name in
      ("governor", "described", "label", "preposition", "depth", "attached", "coordinated", "inside")),
)  # fmt: skip
_NO_GOVERNOR = (0,) * 8


def _mention_fields(mention: Mention, index: Mapping[int, int], coder: Coder) -> tuple[int, ...]:
    """What only the mention itself tells, in the order of `_FIELDS`; positions are those of its sentence."""
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


def _of_votes(everyone: Sequence[Mention], coder: Coder) -> Fields:
    """The code of what each rule says of each mention, 0 where it abstains, by the name of the rule."""
    rows = {name: row for row, name in enumerate(_RULES)}
    cast = [
        (rows[rule], number, coder(vote))
        for number, mention in enumerate(everyone)
        for rule, vote in votes(mention).items()
    ]
    said = np.zeros((len(rows), len(everyone)), dtype=np.int64)
    row, number, vote = np.array(cast, dtype=np.int64).reshape(-1, 3).T
    said[row, number] = vote
    return dict(zip(rows, said, strict=True))


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


def _held(next_cue: Integers, first: Integers, last: Integers) -> Integers:
    """The positions of the first cues within each target, shape (cues, mentions); 0 where there are fewer.

    `next_cue` gives for each token of the table the next one that begins a cue.
    """
    found, position = [], first
    for _ in range(_HELD):
        cue = next_cue[position]
        found.append(np.where((cue <= last) & (position <= last), cue, 0))
        position = np.minimum(cue + 1, len(next_cue) - 1)
    return np.stack(found)


def _of_children(everyone: Sequence[Mention], index: Mapping[int, int]) -> Integers:
    """The first targets within each, shape (children, mentions); -1 where there are fewer."""
    found = np.full((_CHILDREN, len(everyone)), -1)
    for number, mention in enumerate(everyone):
        for place, child in enumerate(mention.children[:_CHILDREN]):
            found[place, number] = index[id(child)]
    return found


def _table_fields(table: TokenTable, fields: Fields, offsets: Integers, next_cue: Integers, coder: Coder) -> None:
    """Add what the token table tells of each mention; positions become those of the table."""
    mask, tag, tone, sense = (table.columns[name] for name in ("mask", "tag", "tone", "sense"))
    for name in ("first_at", "last_at", "head_at"):
        fields[name] = fields[name] + offsets
    first, last, head = fields["first_at"], fields["last_at"], fields["head_at"]
    parent, sibling = fields["parent"], fields["sibling"]
    articles, verbs, stops = (is_any(tag, *tags) for tags in (_ARTICLES, _VERBS, _STOPS))
    edges = stops | (table.sentence < 0)
    before = latest(~articles)[first - 1]
    left = _within(latest(verbs)[first - 1], latest(edges)[first - 1])
    right = -_within(-following(verbs)[last + 1], -following(edges)[last + 1])
    top = parent < 0
    starts_parent, heads_parent = first == first[parent], (first <= head[parent]) & (head[parent] <= last)
    outside, at_start, at_head = (coder(place) for place in ("none", "first", "head"))
    inner_verb = np.where(~top & (left >= first[parent]), left, 0)
    cue = next_cue[last + 1]
    cue = np.where(top & (table.sentence[cue] == table.sentence[first]), cue, 0)
    fields |= {
        "next_cue": table.columns["cue"][cue],
        "next_label": table.columns["cue_label"][cue],
        "next_distance": clipped((cue - last - 1) // 2, 0, 3),
        "before": mask[before],
        "after": mask[last + 1],
        "head": mask[head],
        "tone": tone[head],
        "sense": sense[head],
        "first": mask[first],
        "first_tone": tone[first],
        "last": mask[last],
        "left": mask[left],
        "left_tone": tone[left],
        "left_sense": sense[left],
        "left_beside": left == first - 1,
        "not": negated(tag, left),
        "right": mask[right],
        "right_tone": tone[right],
        "right_sense": sense[right],
        "opening": mask[offsets],
        "second": mask[offsets + 1],
        "top": top,
        "place": np.where(
            top, outside, np.where(starts_parent, at_start, np.where(heads_parent, at_head, mask[before]))
        ),
        "inner_verb": sense[inner_verb],
    }
    for offset in (-2, -1, 1, 2):
        beside = (first if offset < 0 else last) + offset
        fields[f"word{offset:+}"], fields[f"tag{offset:+}"] = mask[beside], tag[beside]
        fields[f"tone{offset:+}"], fields[f"sense{offset:+}"] = tone[beside], sense[beside]
    for name, source in (
        ("head", "head"), ("tone", "tone"), ("sense", "sense"), ("group", "group"), ("governor", "governor1"),
        ("label", "label1"),
    ):  # fmt: skip
        fields[f"parent_{name}"] = np.where(top, 0, fields[source][parent])
    fields["sibling_group"] = np.where(sibling < 0, 0, fields["group"][sibling])
    fields["sibling_head"] = np.where(sibling < 0, 0, fields["head"][sibling])


def _within(found: Integers, edge: Integers) -> Integers:
    """The token found, 0 (an empty token) where an edge of the clause lies nearer."""
    return np.where(found > edge, found, 0)


def negated(tag: Codes, word: Integers) -> NDArray[np.bool_]:
    """Whether a negation stands shortly before each word, with no comma between."""
    negation, edge = (latest(is_any(tag, *tags)) for tags in (("negation",), _BREAKS))
    before = np.maximum(word - 1, 0)
    return np.asarray((word > 0) & (negation[before] > edge[before]) & (negation[before] >= word - _NEGATED_WITHIN))
