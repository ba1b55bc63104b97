"""Sentences -> batches: as many sentences as are read at once, none of them too long; this bounds memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from stance.document import Sentence

Item = TypeVar("Item")

_BATCH = 8000  # tokens from which a batch is full; bounds memory, not speed
_MOST_TOKENS = 600  # of one sentence; the rest of a longer one is read as sentences of its own


def bounded(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Sentences no longer than can be read at once."""
    for sentence in sentences:
        tokens = sentence.tokens
        if len(tokens) <= _MOST_TOKENS:
            yield sentence
            continue
        for first in range(0, len(tokens), _MOST_TOKENS):
            part = tokens[first : first + _MOST_TOKENS]
            start, end = part.span(0, len(part))
            yield Sentence(sentence.text[start - sentence.start : end - sentence.start], start, end, part)


def pieces(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    """The sentences of a document in lists, cut where they are too many to be read at once."""
    return filled(sentences, lambda sentence: len(sentence.tokens), _BATCH)


def batches(numbered: Iterable[tuple[int, list[Sentence]]]) -> Iterator[list[tuple[int, list[Sentence]]]]:
    """Pieces of documents, each with the number of its document, as many as are read at once."""
    return filled(numbered, lambda each: sum(len(sentence.tokens) for sentence in each[1]), _BATCH)


def filled(
    items: Iterable[Item], size_of: Callable[[Item], int], full: int, most: int | None = None
) -> Iterator[list[Item]]:
    """The items in lists, each ended where the sizes of its items come to `full`, or where it has `most` of them."""
    some: list[Item] = []
    size = 0
    for item in items:
        some.append(item)
        size += size_of(item)
        if size >= full or len(some) == most:
            yield some
            some, size = [], 0
    if some:
        yield some
