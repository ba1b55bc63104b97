"""Sentences -> batches: as many sentences as are read at once, none of them too long; this bounds memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stance.document import Sentence

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
    piece: list[Sentence] = []
    size = 0
    for sentence in sentences:
        piece.append(sentence)
        size += len(sentence.tokens)
        if size >= _BATCH:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def batches(numbered: Iterable[tuple[int, list[Sentence]]]) -> Iterator[list[tuple[int, list[Sentence]]]]:
    """Pieces of documents, each with the number of its document, as many as are read at once."""
    batch: list[tuple[int, list[Sentence]]] = []
    size = 0
    for number, piece in numbered:
        batch.append((number, piece))
        size += sum(len(sentence.tokens) for sentence in piece)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
