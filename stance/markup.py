"""Text and the spans in it -> HTML in which every span is a `mark`, however the spans nest or cross."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start:end` of a text, and the HTML that opens their mark; it must be safe and begin with `<mark`."""

    start: int
    end: int
    opening: str


def marked_up(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> str:
    """The part `start:end` of a text as HTML; spans that reach beyond it are cut, crossing ones are opened again.

    >>> marked_up("a < b", [Span(0, 5, "<mark>"), Span(2, 3, "<mark id=x>")])
    '<mark>a <mark id=x>&lt;</mark> b</mark>'
    """
    end = len(text) if end is None else end
    within = [Span(max(s.start, start), min(s.end, end), s.opening) for s in spans if s.start < end and s.end > start]
    pieces: list[str] = []
    opened: list[Span] = []
    for span in sorted(within, key=lambda span: (span.start, -span.end)):
        start = _advance(text, start, span.start, opened, pieces)
        pieces.append(span.opening)
        opened.append(span)
    _advance(text, _advance(text, start, end, opened, pieces), end, [], pieces)
    return "".join(pieces)


def _advance(text: str, position: int, end: int, opened: list[Span], pieces: list[str]) -> int:
    """Write the text up to `end`, closing what ends there; a mark within which another must end is opened again."""
    while opened and (nearest := min(span.end for span in opened)) <= end:
        pieces.append(escape(text[position:nearest]))
        position = nearest
        crossed: list[Span] = []
        while any(span.end == nearest for span in opened):
            closed = opened.pop()
            pieces.append("</mark>")
            if closed.end > nearest:
                crossed.insert(0, closed)
        opened += crossed
        pieces += [span.opening for span in crossed]
    pieces.append(escape(text[position:end]))
    return end
