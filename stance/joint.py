"""The stances of neighbouring targets as features: what holds a target, stands beside it, lies within it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.document import STANCES
from stance.features import BUCKETS, NOTHING, place_in_parent
from stance.hashing import Codes, Floats, Templates, code
from stance.mentions import Mention
from stance.token_table import counted

_SCALE = 4.0  # a probability counts as much as four plain features; chosen by cross-validation
_CHILDREN = 3
TEMPLATES = Templates(("relation context stance",), BUCKETS, numbers=(2001,))
_WIDTH = 3 + 2 * _CHILDREN + 5  # links that a mention can have
_FEATURES = (_WIDTH + 1) * len(STANCES)


class Link(NamedTuple):
    """A relation ("parent", "sibling" ...), its context (where the target stands in its parent), and the neighbour."""

    relation: str
    context: str
    neighbour: int


class Neighbours:
    """The links between the mentions of a batch of sentences; from the neighbours' probabilities come features."""

    def __init__(self, mentioned: Sequence[Sequence[Mention]]) -> None:
        self._links: list[list[Link]] = []
        for group in mentioned:
            self._links += _links(group, len(self._links))
        self._sizes = np.array([len(group) for group in mentioned], dtype=np.int64)

    def features(self, chances: Floats) -> tuple[Codes, Floats]:
        """The buckets of the features of each mention and their values, both of the shape (features, mentions).

        Parameters
        ----------
        chances
            The probabilities of all mentions from their own features, shape (mentions, 3).
        """
        size, stances = len(chances), len(STANCES)
        counts = np.array([len(links) for links in self._links], dtype=np.int64)
        links = [link for its in self._links for link in its]
        told = np.fromiter(
            chain.from_iterable([_buckets(relation, context) for relation, context, _ in links]), np.uint32
        )
        others = np.array([link.neighbour for link in links], dtype=np.int64)
        places = counted(counts) * size + np.arange(size).repeat(counts)
        buckets = np.full(((_WIDTH + 1) * size, stances), NOTHING, dtype=np.uint32)
        values = np.zeros(buckets.shape)
        buckets[places], values[places] = told.reshape(-1, stances), chances.take(others, axis=0)
        buckets[_WIDTH * size :], values[_WIDTH * size :] = _buckets("others", ""), self._of_others(chances)
        return _in_rows(buckets, size), _SCALE * _in_rows(values, size)

    def _of_others(self, chances: Floats) -> Floats:
        """The mean probabilities of the other mentions of the sentence, shape (mentions, 3)."""
        totals = np.zeros((len(self._sizes), len(STANCES)))
        sentence = np.arange(len(self._sizes)).repeat(self._sizes)
        np.add.at(totals, sentence, chances)
        return np.asarray((totals[sentence] - chances) / np.maximum(self._sizes[sentence] - 1, 1)[:, None])

    def names(self) -> list[list[str]]:
        """The names of the features of each mention, in the order of `features`; "" where there is none."""
        rows = []
        for links in self._links:
            named = [[" ".join(filter(None, (r, stance, c))) for stance in STANCES] for r, c, _ in links]
            named += [[""] * len(STANCES)] * (_WIDTH - len(links)) + [[f"others {stance}" for stance in STANCES]]
            rows.append(list(chain.from_iterable(named)))
        return rows


def _in_rows(told: NDArray[Any], size: int) -> NDArray[Any]:
    """What is told by link, mention and stance with a row for each link and stance, shape (features, mentions)."""
    return told.reshape(_WIDTH + 1, size, len(STANCES)).transpose(0, 2, 1).reshape(_FEATURES, size)


@lru_cache(maxsize=1 << 16)
def _buckets(relation: str, context: str) -> tuple[int, ...]:
    """The buckets of a link with each stance of the neighbour."""
    codes = [[code(text)] * len(STANCES) for text in (relation, context)]
    return tuple(TEMPLATES.hash(np.array([*codes, list(map(code, STANCES))]))[0].tolist())


def _links(mentions: Sequence[Mention], first: int) -> list[list[Link]]:
    """The links of each mention of one sentence; `first` is the number of the first mention."""
    rows: list[list[Link]] = [[] for _ in mentions]
    index = {id(mention): number for number, mention in enumerate(mentions)}
    places = list(map(place_in_parent, mentions))
    latest: dict[int, int] = {}

    def link(number: int, relation: str, other: int, *contexts: str) -> None:
        for context in ("", *contexts):
            rows[number].append(Link(relation, context, first + other))

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
    return [row[:_WIDTH] for row in rows]
