"""How far long work is: a bar on standard error with the time left."""

from __future__ import annotations

import sys
import time

from stance.terminal import CLEARED_LINE, progress_bar

_PARTS = 1000  # into which a bar divides work


class Progress:
    """A bar with the time left, where standard error is a terminal; lines that are done stay above it."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.shown = sys.stderr.isatty()

    def __call__(self, share: float, what: str) -> None:
        """Show that a share of the work is done, and what has been done last."""
        if not self.shown:
            return
        passed = time.monotonic() - self.started
        left = f"{time_in_words(passed / share - passed)} left" if share > 0 else ""
        print(f"{CLEARED_LINE}{what}", file=sys.stderr)
        print(progress_bar(int(_PARTS * share), _PARTS, left), end="", file=sys.stderr, flush=True)

    def count(self, done: int, total: int, what: str) -> None:
        """Show how many things of a total are done; only the bar moves."""
        if self.shown:
            print(progress_bar(done, total, what), end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self.shown:
            print(CLEARED_LINE, end="", file=sys.stderr, flush=True)


def time_in_words(seconds: float) -> str:
    """Seconds for people.

    >>> time_in_words(42.4), time_in_words(190)
    ('42 s', '3 min')
    """
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
