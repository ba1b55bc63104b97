"""Document -> passages: the headings, list items and paragraphs in which a reader sees its text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from stance.document import Document
from stance.segmentation import FRONT_MATTER

_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x85\u2028\u2029]|$)")
_HEADING = re.compile(r"\s*(#{1,6})[ \t]+")
_BULLET = re.compile(r"[ \t\u00a0]*(?:[-*•·▪■●–—o+]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])[ \t\u00a0]+")
_BOLD = re.compile(r"(\*\*|__)(?!\s)(?:(?!\1).)+\1", re.DOTALL)
_WIDEST_WRAPPED = 120  # nobody wraps wider than this: the end of a longer line ends a paragraph
_SHORT_LINE = 60  # the last line of a wrapped paragraph, or a heading
_LONGEST_HEADING = 100
_STOPS = (".", ",", ";", ":", "!", "?", "”", '"', "’", "'", ")", "]")


class Passage(NamedTuple):
    """Characters `start:end` of a text; `kind` is "heading", "item", "paragraph" or "facts" (front matter).

    The `marker` of an item or heading ("-", "12.", "##") stands before `start`.
    """

    start: int
    end: int
    kind: str
    marker: str = ""


def passages(document: Document) -> Iterator[Passage]:
    r"""The passages of a document in order; together they hold all of its sentences, save markup around them.

    >>> from stance.segmentation import segment
    >>> [(p.kind, p.marker) for p in passages(segment("# Libya\n\nWe met in Rome.\n- We welcome the truce.\n"))]
    [('heading', '#'), ('paragraph', ''), ('item', '-')]
    """
    text = document.text
    front = FRONT_MATTER.match(text)
    start = front.end() if front else 0
    if front:
        yield _trimmed(text, 0, start, "facts")
    for first, last in _groups(document, start):
        passage = _passage(text, first, last)
        if passage.start < passage.end:
            yield passage


def _groups(document: Document, start: int) -> Iterator[tuple[int, int]]:
    """Spans of lines that belong together."""
    text = document.text
    starts = [sentence.start for sentence in document.sentences]
    position = start
    previous = ""
    while position < len(text):
        match = _LINE.match(text, position)
        line = match[0] if match else ""
        number = bisect_left(starts, position) - 1
        inside = number >= 0 and position < document.sentences[number].end
        if start < position and not inside and _begins(line, previous):
            yield start, position
            start = position
        previous = line
        position += len(line)
    yield start, position


def _begins(line: str, previous: str) -> bool:
    """Whether a line that begins no later than its sentence begins a passage."""
    if not line.strip() or not previous.strip() or _BULLET.match(line) or _HEADING.match(line):
        return True
    previous = previous.strip()
    if _HEADING.match(previous) or _BOLD.fullmatch(previous):
        return True
    return not _SHORT_LINE <= len(previous) <= _WIDEST_WRAPPED


def _passage(text: str, start: int, end: int) -> Passage:
    for pattern, kind in ((_HEADING, "heading"), (_BULLET, "item")):
        marker = pattern.match(text, start, end)
        if marker:
            return _trimmed(text, marker.end(), end, kind, marker[0].strip())
    passage = _trimmed(text, start, end, "paragraph")
    bold = _BOLD.fullmatch(text, passage.start, passage.end)
    if bold:
        return Passage(bold.start() + 2, bold.end() - 2, "heading", bold[1])
    return passage._replace(kind="heading") if _is_title(text[passage.start : passage.end]) else passage


def _is_title(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and line[:1].isupper() and not line.endswith(_STOPS)


def _trimmed(text: str, start: int, end: int, kind: str, marker: str = "") -> Passage:
    part = text[start:end]
    first = start + len(part) - len(part.lstrip())
    return Passage(first, max(first, start + len(part.rstrip())), kind, marker)
