"""Readings -> TokenTable: the tokens of a batch of sentences as columns of codes, for everything that is learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from stance.cues import Reading
from stance.hashing import Coder, Codes, Integers, code

EDGE = 3  # empty tokens between two sentences: as far as a template looks
_COLUMNS = (
    "mask", "tag", "tone", "sense", "suffix", "cue", "cue_label", "cue_end", "cue_start", "last_cue", "name_start",
    "name_end", "inside", "name",
)  # fmt: skip
_MASKED = frozenset(("name", "proper", "number"))  # tags of words whose own letters tell nothing general


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


def token_table(readings: Sequence[Reading], coder: Coder = code) -> TokenTable:
    """The codes of the tokens of each sentence; `coder` gives the code of a text."""
    columns: dict[str, list[int]] = {name: [0] * EDGE for name in _COLUMNS}
    offsets, sentence = [], [-1] * EDGE
    starts, ends = [0] * EDGE, [0] * EDGE
    for number, reading in enumerate(readings):
        offsets.append(len(sentence))
        sentence += [number] * len(reading)
        sentence += [-1] * EDGE
        starts += [token.start for token in reading.tokens]
        starts += [0] * EDGE
        ends += [token.end for token in reading.tokens]
        ends += [0] * EDGE
        _add_words(columns, reading, coder)
        _add_cues(columns, reading, coder)
        _add_names(columns, reading, coder)
        for values in columns.values():
            values += [0] * EDGE
    made = {name: np.array(values, dtype=np.uint32) for name, values in columns.items()}
    made["meaning"] = made["sense"] * np.uint32(31) + made["tone"]
    return TokenTable(made, offsets, *(np.array(values, dtype=np.int64) for values in (sentence, starts, ends)))


def _add_words(columns: dict[str, list[int]], reading: Reading, coder: Coder) -> None:
    columns["mask"] += map(coder, reading.masks)
    columns["tag"] += map(coder, reading.tags)
    columns["tone"] += map(coder, reading.tones)
    columns["sense"] += map(coder, reading.senses)
    columns["suffix"] += [
        coder(key[-3:]) if tag not in _MASKED else 1 for key, tag in zip(reading.keys, reading.tags, strict=True)
    ]


def _add_cues(columns: dict[str, list[int]], reading: Reading, coder: Coder) -> None:
    size = len(reading)
    cue, cue_label, cue_end, cue_start, last_cue = ([0] * size for _ in range(5))
    current, position = 0, 0
    for match in reading.cues:
        last = match.last - 1
        cue[match.first], cue_label[match.first] = coder(match.entry.id), coder(match.entry.label)
        cue_end[last] = cue_start[match.first] = coder(match.entry.frame)
        last_cue[position:last] = [current] * (last - position)
        current, position = coder(match.entry.sort), last
    last_cue[position:] = [current] * (size - position)
    columns["cue"] += cue
    columns["cue_label"] += cue_label
    columns["cue_end"] += cue_end
    columns["cue_start"] += cue_start
    columns["last_cue"] += last_cue


def _add_names(columns: dict[str, list[int]], reading: Reading, coder: Coder) -> None:
    size = len(reading)
    start, end, inside, name = [0] * size, [0] * size, [0] * size, [0] * size
    for number, match in enumerate(reading.names, 1):
        group, length = coder(match.entry.group), match.last - match.first
        start[match.first] = end[match.last - 1] = group
        inside[match.first : match.last] = [group] * length
        name[match.first : match.last] = [number] * length
    columns["name_start"] += start
    columns["name_end"] += end
    columns["inside"] += inside
    columns["name"] += name
