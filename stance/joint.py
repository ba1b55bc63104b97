"""The stances of neighbouring targets as features: what holds a target, stands beside it, lies within it."""

from __future__ import annotations

from collections.abc import Sequence

from stance.document import STANCES
from stance.features import place_in_parent
from stance.mentions import Mention
from stance.targets import Floats

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

    def tell(number: int, relation: str, other: int, *contexts: str) -> None:
        for stance, chance in zip(STANCES, chances[other].tolist(), strict=True):
            rows[number][f"{relation} {stance}"] = _SCALE * chance
            for context in contexts:
                rows[number][f"{relation} {stance} {context}"] = _SCALE * chance

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
            for stance, mean in zip(STANCES, ((total - chances[number]) / (len(mentions) - 1)).tolist(), strict=True):
                rows[number][f"others {stance}"] = _SCALE * mean
    return rows
