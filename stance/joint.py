"""The stances of neighbouring targets as features: what holds a target, stands beside it, lies within it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from stance.document import STANCES
from stance.features import BUCKETS, NOTHING, place_in_parent
from stance.hashing import Coder, Codes, Floats, Templates, code
from stance.mentions import Mention
from stance.token_table import counted

_SCALE = 4.0  # a probability counts as much as four plain features; chosen by cross-validation
_CHILDREN = 3
TEMPLATES = Templates(("relation context stance",), BUCKETS, first=2000)
_WIDTH = 3 + 2 * _CHILDREN + 5  # relations with their contexts that a mention can have
_FEATURES = (_WIDTH + 1) * len(STANCES)

_EMPTY = (0, 0, -1)  # a link is the codes of relation and context, and the number of the neighbour


class Neighbours:
    """The links between the mentions of a batch of sentences; from the neighbours' probabilities come features.

    A link is a relation ("parent", "sibling" ...) with a context (where the target stands in its parent, its class).
    """

    def __init__(self, mentioned: Sequence[Sequence[Mention]], coder: Coder = code) -> None:
        rows: list[list[int]] = []
        for group in mentioned:
            rows += _links(group, len(rows), coder)
        counts = np.fromiter(map(len, rows), np.int64, len(rows)) // len(_EMPTY)
        told = np.fromiter(chain.from_iterable(rows), np.int64, counts.sum() * len(_EMPTY))
        listed = np.full((_WIDTH, len(rows), len(_EMPTY)), _EMPTY)
        listed[counted(counts), np.repeat(np.arange(len(rows)), counts)] = told.reshape(-1, len(_EMPTY))
        self._relations, self._contexts, self._others = np.moveaxis(listed, 2, 0)
        sizes = [len(group) for group in mentioned]
        self._sentence = np.repeat(np.arange(len(sizes)), sizes)
        self._sizes = np.array(sizes, dtype=np.int64)
        self._coder = coder

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
        means = (totals[self._sentence] - chances) / others
        linked = np.where(self._others[..., None] >= 0, chances[self._others], 0.0)
        values = np.concatenate([linked, means[None]])  # (links + 1, mentions, stances)
        return self._buckets(), _SCALE * np.moveaxis(values, 2, 1).reshape(_FEATURES, len(chances))

    def names(self, texts: Mapping[int, str]) -> list[list[str]]:
        """The names of the features of each mention, in the order of `features`."""
        relations, contexts, stances = (a.reshape(_FEATURES, len(self._sentence)).T.tolist() for a in self._fields())
        rows = zip(relations, contexts, stances, strict=True)
        return [[_name(texts, *link) for link in zip(*row, strict=True)] for row in rows]

    def _fields(self) -> tuple[Codes, Codes, Codes]:
        coder, size = self._coder, len(self._sentence)
        relations = np.vstack([self._relations, np.full((1, size), coder("others"))]).astype(np.uint32)
        contexts = np.vstack([self._contexts, np.zeros((1, size), dtype=np.int64)]).astype(np.uint32)
        stances = np.array([coder(stance) for stance in STANCES], dtype=np.uint32)
        shape = (len(relations), len(stances), size)
        spread = (relations[:, None], contexts[:, None], stances[:, None])
        relation, context, stance = (np.broadcast_to(part, shape).ravel() for part in spread)
        return relation, context, stance

    def _buckets(self) -> Codes:
        relation, context, stance = self._fields()
        hashed = TEMPLATES.hash({"relation": relation, "context": context, "stance": stance}, len(relation))
        return np.where(relation != 0, hashed, np.uint32(NOTHING)).reshape(_FEATURES, len(self._sentence))


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
    return [row[: _WIDTH * len(_EMPTY)] for row in rows]
