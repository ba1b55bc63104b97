"""Readings -> TokenTable: the tokens of a batch of sentences as columns of codes, for everything that is learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.cues import Reading
from stance.hashing import Coder, Codes, Integers, code, is_any

EDGE = 3  # empty tokens between two sentences: as far as a template looks
_MASKED = ("name", "proper", "number")  # tags of words whose own letters tell nothing general


class TokenTable(NamedTuple):
    """The codes of all tokens of a batch of sentences, `EDGE` empty ones around each; arrays of shape (tokens,).

    `offsets` are the positions at which the sentences begin, `sentence` is the number of each token's sentence, -1
    for empty ones. A column without a value holds 0. `cue` is the id and `cue_label` the label of the cue that begins
    at a token, `cue_start` and `cue_end` its frame; `last_cue` is the sort of the last cue that has ended, `name`
    numbers the names. `starts` and `ends` are the tokens' places in the text, in characters.
    """

    columns: dict[str, Codes]
    offsets: list[int]
    sentence: Integers
    starts: Integers
    ends: Integers

    def __len__(self) -> int:
        """How many tokens, empty ones included."""
        return len(self.sentence)

    @property
    def sentence_ends(self) -> Integers:
        """The position behind the last token of each sentence."""
        return np.append(np.array(self.offsets[1:], dtype=np.int64), len(self)) - EDGE


def token_table(readings: Sequence[Reading], coder: Coder = code) -> TokenTable:
    """The codes of the tokens of each sentence; `coder` gives the code of a text."""
    sizes = np.array([len(reading) for reading in readings], dtype=np.int64)
    offsets = EDGE + np.cumsum(sizes + EDGE) - (sizes + EDGE)
    sentence = np.full(int((sizes + EDGE).sum()) + EDGE, -1)
    words = np.repeat(offsets, sizes) + counted(sizes)
    sentence[words] = np.repeat(np.arange(len(sizes)), sizes)

    def spread(values: Iterable[int], kind: type[np.integer[Any]] = np.uint32) -> NDArray[Any]:
        column = np.zeros(len(sentence), dtype=kind)
        column[words] = np.fromiter(values, kind, len(words))
        return column

    def coded(name: str) -> Codes:
        return spread(map(coder, chain.from_iterable(map(attrgetter(name), readings))))

    lists = {"mask": "masks", "tag": "tags", "tone": "tones", "sense": "senses", "suffix": "suffixes"}
    columns = {name: coded(values) for name, values in lists.items()}
    columns["suffix"][(sentence >= 0) & is_any(columns["tag"], *_MASKED)] = 1
    columns |= _of_cues(readings, offsets, len(sentence), coder)
    columns |= _of_names(readings, offsets, len(sentence), coder)
    columns["last_cue"][sentence < 0] = 0
    columns["meaning"] = columns["sense"] * np.uint32(31) + columns["tone"]
    places = attrgetter("tokens.starts"), attrgetter("tokens.ends")
    starts, ends = (spread(chain.from_iterable(map(edges, readings)), np.int64) for edges in places)
    return TokenTable(columns, offsets.tolist(), sentence, starts, ends)


def _of_cues(readings: Sequence[Reading], offsets: Integers, size: int, coder: Coder) -> dict[str, Codes]:
    found = [
        (offset + first, offset + last - 1, coder(e.id), coder(e.label), coder(e.frame), coder(e.sort))
        for offset, reading in zip(offsets.tolist(), readings, strict=True)
        for first, last, e in reading.cues
    ]
    firsts, lasts, ids, labels, frames, sorts = np.array(found, dtype=np.int64).reshape(-1, 6).T
    placed = {
        "cue": (firsts, ids),
        "cue_label": (firsts, labels),
        "cue_start": (firsts, frames),
        "cue_end": (lasts, frames),
    }
    columns = {name: _placed(size, positions, values) for name, (positions, values) in placed.items()}
    ended = np.zeros(size, dtype=np.int64)
    ended[np.concatenate([offsets, lasts])] = np.concatenate([offsets, lasts])  # a sentence begins with none
    return columns | {"last_cue": _placed(size, lasts, sorts)[np.maximum.accumulate(ended)]}


def _of_names(readings: Sequence[Reading], offsets: Integers, size: int, coder: Coder) -> dict[str, Codes]:
    found = [
        (offset + first, offset + last - 1, coder(entry.group), number)
        for offset, reading in zip(offsets.tolist(), readings, strict=True)
        for number, (first, last, entry) in enumerate(reading.names, 1)
    ]
    firsts, lasts, groups, numbers = np.array(found, dtype=np.int64).reshape(-1, 4).T
    lengths = lasts - firsts + 1
    within = np.repeat(firsts, lengths) + counted(lengths)
    return {
        "name_start": _placed(size, firsts, groups),
        "name_end": _placed(size, lasts, groups),
        "inside": _placed(size, within, np.repeat(groups, lengths)),
        "name": _placed(size, within, np.repeat(numbers, lengths)),
    }


def _placed(size: int, positions: Integers, values: Integers) -> Codes:
    """A column that holds values at some positions and 0 elsewhere."""
    column = np.zeros(size, dtype=np.uint32)
    column[positions] = values
    return column


def clipped(values: NDArray[Any], low: int, high: int) -> NDArray[Any]:
    """Values no lower and no higher than the bounds; `np.clip` takes several times as long for few of them."""
    return np.asarray(np.minimum(np.maximum(values, low), high))


def counted(sizes: Integers) -> Integers:
    """The numbers 0, 1, 2 ... anew for each of some runs, given how many things are in each, one behind the other."""
    return np.asarray(np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes))


def latest(flags: NDArray[np.bool_]) -> Integers:
    """For each token the latest flagged one up to it, 0 where there is none."""
    return np.asarray(np.maximum.accumulate(np.where(flags, np.arange(len(flags)), 0)))


def following(flags: NDArray[np.bool_]) -> Integers:
    """For each token the next flagged one from it on, the last token where there is none."""
    positions = np.where(flags, np.arange(len(flags)), len(flags) - 1)
    return np.asarray(np.minimum.accumulate(positions[::-1])[::-1])
