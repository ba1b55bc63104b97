"""Cards of models -> rows that people read: where a model comes from, how good it is, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NO_VALUE = "-"


def card_rows(card: Mapping[str, Any]) -> list[dict[str, object]]:
    """The entries of a card, those within others by their path, as rows with `entry` and `value`."""
    return [{"entry": name, "value": _shown(value)} for name, value in _flat(card)]


def compared_rows(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[dict[str, object]]:
    """The entries of two cards side by side, as rows with `entry`, `first`, `second` and `change`.

    `change` is the difference of numbers, and "differs" for what else is not the same.
    """
    ones, others = dict(_flat(first)), dict(_flat(second))
    return [
        {
            "entry": name,
            "first": _shown(ones.get(name)),
            "second": _shown(others.get(name)),
            "change": _change(ones.get(name), others.get(name)),
        }
        for name in dict.fromkeys([*ones, *others])
    ]


def _flat(card: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in sorted(card.items(), key=lambda item: str(item[0])):
        where = f"{path} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        else:
            yield where, value


def _shown(value: Any) -> str:
    if value is None:
        return _NO_VALUE
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " to ".join(_shown(part) for part in value)
    if isinstance(value, str) and "\n" in value:
        return f"{value.count(chr(10))} rows"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _change(first: Any, second: Any) -> str:
    numbers = (int, float)
    if first == second:
        return ""
    if isinstance(first, numbers) and isinstance(second, numbers):
        return f"{second - first:+,.4g}" if isinstance(second - first, float) else f"{second - first:+,}"
    return "differs"
