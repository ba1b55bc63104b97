"""What makes reading faster and leaves it as it is: answers are remembered, and the collector of garbage rests."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Value = TypeVar("Value")

_MOST = 200_000  # answers that are kept; bounds memory
LONG = 40  # characters; no word is so long, and one that is will hardly come again


class Memo(dict[str, Value], Generic[Value]):
    """The answers of a function to the short texts asked so far; ask with `memo[text]`.

    A look in a dictionary takes a third of the time of `functools.lru_cache`.
    """

    def __init__(self, function: Callable[[str], Value], longest: int = LONG) -> None:
        super().__init__()
        self._function, self._longest = function, longest

    def __missing__(self, text: str) -> Value:
        """The answer, worked out and kept."""
        answer = self._function(text)
        if len(self) < _MOST and len(text) < self._longest:
            self[text] = answer
        return answer


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Python's cyclic garbage collector off: amid a step nothing is garbage, but it would look again and again."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
