"""The stances of neighbouring targets as features: what holds a target, stands beside it, lies within it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from stance.document import STANCES
from stance.features import place_in_parent
from stance.mentions import Mention
from stance.span_features import Floats

_SCALE = 4.0  # a probability counts as much as four plain features; chosen by cross-validation
_CHILDREN = 3


def neighbour_features(mentions: Sequence[Mention], chances: Floats) -> list[dict[str, float]]:
    """For each mention of one sentence, the probabilities of its neighbours by their relation.

    Parameters
    ----------
    mentions
        All mentions of the sentence.
    chances
        Their probabilities from their own features, shape (mentions, 3).
    """
    rows: list[dict[str, float]] = [{} for _ in mentions]
    index = {id(mention): number for number, mention in enumerate(mentions)}
    total = chances.sum(axis=0)
    latest: dict[int, int] = {}

    scaled = (_SCALE * chances).tolist()

    def tell(number: int, relation: str, other: int, *contexts: str) -> None:
        row, values = rows[number], scaled[other]
        for context in ("", *contexts):
            row.update(zip(_names(relation, context), values, strict=True))

    for number, mention in enumerate(mentions):
        own = mention.group
        if mention.parent is not None:
            place = place_in_parent(mention)
            tell(number, "parent", index[id(mention.parent)], own, place, f"{place} {own}")
        if mention.sibling is not None:
            tell(number, "sibling", index[id(mention.sibling)])
            tell(index[id(mention.sibling)], "following sibling", number)
        for child in mention.children[:_CHILDREN]:
            tell(number, "child", index[id(child)], f"{place_in_parent(child)} {child.group}")
        level = id(mention.parent)
        if level in latest and mentions[latest[level]].last <= mention.first:
            tell(number, "previous", latest[level])
        latest[level] = number
        if len(mentions) > 1:
            means = _SCALE * (total - chances[number]) / (len(mentions) - 1)
            rows[number].update(zip(_names("others", ""), means.tolist(), strict=True))
    return rows


@lru_cache(maxsize=20_000)
def _names(relation: str, context: str) -> tuple[str, ...]:
    """The names of the probabilities of condemn, neutral and support."""
    return tuple(f"{relation} {stance} {context}".rstrip() for stance in STANCES)
