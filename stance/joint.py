"""The stances of neighbouring targets as features: what holds a target, stands beside it, lies within it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from stance.document import STANCES
from stance.features import BUCKETS, NOTHING, place_in_parent
from stance.hashing import Coder, Codes, Floats, Integers, Templates, code
from stance.mentions import Mention
from stance.token_table import counted

_SCALE = 4.0  # a probability counts as much as four plain features; chosen by cross-validation
_CHILDREN = 3
TEMPLATES = Templates(("relation context stance",), BUCKETS, numbers=(2001,))
_WIDTH = 3 + 2 * _CHILDREN + 5  # relations with their contexts that a mention can have
_FEATURES = (_WIDTH + 1) * len(STANCES)

_LINK = 3  # numbers of a link: the codes of relation and context, and the neighbour's number


class Neighbours:
    """The links between the mentions of a batch of sentences; from the neighbours' probabilities come features.

    A link is a relation ("parent", "sibling" ...) with a context (where the target stands in its parent, its class).
    """

    def __init__(self, mentioned: Sequence[Sequence[Mention]], coder: Coder = code) -> None:
        rows: list[list[int]] = []
        for group in mentioned:
            rows += _links(group, len(rows), coder)
        counts = np.fromiter(map(len, rows), np.int64, len(rows)) // _LINK
        told = np.fromiter(chain.from_iterable(rows), np.int64, counts.sum() * _LINK)
        links = np.zeros((_LINK, _WIDTH + 1, len(rows)), dtype=np.int64)
        links[-1] = -1
        links[:, counted(counts), np.arange(len(rows)).repeat(counts)] = told.reshape(-1, _LINK).T
        links[0, -1] = coder("others")
        self._links, self._others = links[:2], links[2, :-1]
        self._sizes = np.array([len(group) for group in mentioned], dtype=np.int64)
        self._sentence = np.arange(len(self._sizes)).repeat(self._sizes)
        self._stances = np.array([[coder(stance)] for stance in STANCES])

    def features(self, chances: Floats) -> tuple[Codes, Floats]:
        """The buckets of the features of each mention and their values, both of the shape (features, mentions).

        Parameters
        ----------
        chances
            The probabilities of all mentions from their own features, shape (mentions, 3).
        """
        totals = np.zeros((len(self._sizes), len(STANCES)))
        np.add.at(totals, self._sentence, chances)
        others = np.maximum(self._sizes[self._sentence] - 1, 1)[:, None]
        values = np.empty((_WIDTH + 1, len(chances), len(STANCES)))
        values[:-1] = chances[self._others] * (self._others >= 0)[..., None]
        values[-1] = (totals[self._sentence] - chances) / others
        fields = self._fields()
        buckets = np.where(fields[0] != 0, TEMPLATES.hash(fields)[0], NOTHING)
        shape = (_FEATURES, len(chances))
        return buckets.reshape(shape), _SCALE * values.transpose(0, 2, 1).reshape(shape)

    def names(self, texts: Mapping[int, str]) -> list[list[str]]:
        """The names of the features of each mention, in the order of `features`."""
        relations, contexts, stances = (a.reshape(_FEATURES, len(self._sentence)).T.tolist() for a in self._fields())
        rows = zip(relations, contexts, stances, strict=True)
        return [[_name(texts, *link) for link in zip(*row, strict=True)] for row in rows]

    def _fields(self) -> Integers:
        """The relation, context and stance of each feature of each mention, shape (3, features times mentions)."""
        fields = np.empty((3, _WIDTH + 1, len(STANCES), len(self._sentence)), dtype=np.int64)
        fields[:2] = self._links[:, :, None]
        fields[2] = self._stances
        return fields.reshape(3, -1)


def _name(texts: Mapping[int, str], relation: int, context: int, stance: int) -> str:
    return " ".join(texts[part] for part in (relation, stance, context) if part)


def _links(mentions: Sequence[Mention], first: int, coder: Coder) -> list[list[int]]:
    """The links of each mention of one sentence, one behind the other; `first` is the number of the first one."""
    rows: list[list[int]] = [[] for _ in mentions]
    index = {id(mention): number for number, mention in enumerate(mentions)}
    places = list(map(place_in_parent, mentions))
    latest: dict[int, int] = {}

    def link(number: int, relation: str, other: int, *contexts: str) -> None:
        for context in ("", *contexts):
            rows[number] += (coder(relation), coder(context), first + other)

    for number, mention in enumerate(mentions):
        if mention.parent is not None:
            place = places[number]
            link(number, "parent", index[id(mention.parent)], mention.group, place, f"{place} {mention.group}")
        if mention.sibling is not None:
            link(number, "sibling", index[id(mention.sibling)])
            link(index[id(mention.sibling)], "following sibling", number)
        for child in mention.children[:_CHILDREN]:
            other = index[id(child)]
            link(number, "child", other, f"{places[other]} {child.group}")
        level = id(mention.parent)
        if level in latest and mentions[latest[level]].last <= mention.first:
            link(number, "previous", latest[level])
        latest[level] = number
    return [row[: _WIDTH * _LINK] for row in rows]
