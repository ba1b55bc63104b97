"""Readings -> TokenTable: the tokens of a batch of sentences as rows of codes, for everything that is learned.

All that is asked of the tokens is asked for all of them, or for many places at once, in one NumPy operation: for a
single sentence the number of operations is what takes the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.cues import Reading
from stance.hashing import Coder, Codes, Integers, code

EDGE = 3  # empty tokens between two sentences: as far as a template looks
COLUMNS = (
    "mask", "tag", "tone", "sense", "suffix", "cue", "cue_label", "cue_start", "cue_end", "last_cue", "name_start",
    "name_end", "inside", "name", "meaning",
)  # fmt: skip
ROW = {name: row for row, name in enumerate(COLUMNS)}
_OF_TEXTS, _OF_CUES, _OF_NAMES = slice(0, 5), slice(5, 10), slice(10, 14)
# Traits of tokens by their tag and by their word; a token may have several.
_TAGS = {
    "masked": ("name", "proper", "number"),  # its own letters tell nothing general
    "preposition": ("preposition", "to"),
    "conjunction": ("conjunction",),
    "comma": ("comma",),
    "clausal": ("subordinator", "auxiliary", "pronoun"),
    "participle": ("ing", "ed"),
    "possessor": ("possessor",),
    "joinable": ("verb", "to", "auxiliary", "ed", "ing", "pronoun", "subordinator"),  # a verb may be joined to these
    "article": ("determiner", "possessive"),
    "verb": ("verb",),
    "verbal": ("verb", "ed", "ing"),
    "negation": ("negation",),
    "break": ("comma", "conjunction", "semicolon", "punctuation"),
    "stop": ("semicolon", "punctuation"),
    "silent": ("determiner", "comma", "conjunction", "name", "proper", "number"),  # tells nothing within a target
}
_WORDS = {"quote": ('"', "“", "”", "«", "»"), "open": ("(",), "close": (")",), "single": ("‘",), "apostrophe": ("'",)}
_BITS = {trait: np.uint32(1 << place) for place, trait in enumerate((*_TAGS, *_WORDS))}


def _traits(listed: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The traits of each text as bits of a number."""
    texts = dict.fromkeys(text for those in listed.values() for text in those)
    return {text: sum(int(_BITS[trait]) for trait, those in listed.items() if text in those) for text in texts}


_TRAITS_OF_TAG, _TRAITS_OF_WORD = _traits(_TAGS), _traits(_WORDS)


class TokenTable(NamedTuple):
    """The codes of all tokens of a batch of sentences, `EDGE` empty ones around each.

    `codes`, shape (COLUMNS, tokens), holds 0 where there is no value. In it `cue` is the id and `cue_label` the label
    of the cue that begins at a token, `cue_start` and `cue_end` its frame; `last_cue` is the sort of the last cue that
    has ended, `name` numbers the names. The sentences begin at `offsets` and end before `sentence_ends`, arrays of
    shape (sentences,). All others have the shape (tokens,): `traits` are bits, `sentence` is the number of each token's
    sentence, -1 for empty ones, `starts` and `ends` are the tokens' places in the text, in characters.
    """

    codes: Codes
    traits: Codes
    offsets: Integers
    sentence_ends: Integers
    sentence: Integers
    starts: Integers
    ends: Integers

    def __len__(self) -> int:
        """How many tokens, empty ones included."""
        return len(self.sentence)

    def column(self, name: str) -> Codes:
        """The codes of one column, shape (tokens,)."""
        return self.codes[ROW[name]]

    def having(self, traits: Codes) -> NDArray[np.bool_]:
        """Which tokens have each of some traits, given as `trait_bits`, shape (traits, tokens)."""
        return np.asarray((self.traits & traits) != 0)


def trait_bits(*traits: str) -> Codes:
    """What `TokenTable.having` is asked with; several traits with spaces between stand for any of them."""
    return np.array([[np.bitwise_or.reduce([_BITS[name] for name in names.split()])] for names in traits], np.uint32)


def token_table(readings: Sequence[Reading], coder: Coder = code) -> TokenTable:
    """The codes of the tokens of each sentence; `coder` gives the code of a text."""
    sizes = np.array([len(reading.keys) for reading in readings], dtype=np.int64)
    sentence_ends = (sizes + EDGE).cumsum()
    offsets = sentence_ends - sizes
    count = int(sizes.sum())
    sentence = np.full(count + EDGE * (len(sizes) + 1), -1)
    words = np.arange(count) + np.arange(EDGE, EDGE * (len(sizes) + 1), EDGE).repeat(sizes)
    sentence[words] = np.arange(len(sizes)).repeat(sizes)
    codes = np.zeros((len(COLUMNS), len(sentence)), dtype=np.uint32)
    columns = zip(*((r.masks, r.tags, r.tones, r.senses, r.suffixes) for r in readings), strict=True)
    lists = [list(chain.from_iterable(column)) for column in columns]
    told = np.fromiter(map(coder, chain.from_iterable(lists)), np.uint32, 5 * count)
    codes[_OF_TEXTS, words] = told.reshape(5, count)
    traits = np.zeros(len(sentence), dtype=np.uint32)
    if count:
        masks, tags = lists[:2]
        of_tags = np.fromiter(map(_TRAITS_OF_TAG.get, tags, repeat(0)), np.uint32, count)
        traits[words] = of_tags | np.fromiter(map(_TRAITS_OF_WORD.get, masks, repeat(0)), np.uint32, count)
    codes[ROW["suffix"], (traits & _BITS["masked"]) != 0] = 1
    begins = offsets.tolist()
    _add_cues(codes, readings, begins, coder)
    _add_names(codes, readings, begins, coder)
    codes[ROW["last_cue"], sentence < 0] = 0
    codes[ROW["meaning"]] = codes[ROW["sense"]] * np.uint32(31) + codes[ROW["tone"]]
    places = np.zeros((2, len(sentence)), dtype=np.int64)
    edges = chain((r.tokens.starts for r in readings), (r.tokens.ends for r in readings))
    places[:, words] = np.fromiter(chain.from_iterable(edges), np.int64, 2 * count).reshape(2, count)
    return TokenTable(codes, traits, offsets, sentence_ends, sentence, *places)


def _add_cues(codes: Codes, readings: Sequence[Reading], begins: Sequence[int], coder: Coder) -> None:
    found = [
        (begin + first, begin + last - 1, coder(e.id), coder(e.label), coder(e.frame), coder(e.sort))
        for begin, reading in zip(begins, readings, strict=True)
        for first, last, e in reading.cues
    ]
    firsts, lasts, ids, labels, frames, sorts = np.fromiter(chain.from_iterable(found), np.int64).reshape(-1, 6).T
    cue, label, starting, ending, last_cue = codes[_OF_CUES]
    cue[firsts], label[firsts], starting[firsts], ending[lasts] = ids, labels, frames, frames
    at = np.zeros(codes.shape[1], dtype=np.int64)  # where the last cue has ended; a sentence begins with none
    at[begins] = begins
    at[lasts] = lasts
    ended = np.zeros_like(last_cue)
    ended[lasts] = sorts
    ended.take(np.maximum.accumulate(at), out=last_cue, mode="clip")


def _add_names(codes: Codes, readings: Sequence[Reading], begins: Sequence[int], coder: Coder) -> None:
    found = [
        (begin + first, begin + last - 1, begin + at, coder(entry.group), number)
        for begin, reading in zip(begins, readings, strict=True)
        for number, (first, last, entry) in enumerate(reading.names, 1)
        for at in range(first, last)
    ]
    firsts, lasts, within, groups, numbers = np.fromiter(chain.from_iterable(found), np.int64).reshape(-1, 5).T
    starting, ending, inside, name = codes[_OF_NAMES]
    starting[firsts], ending[lasts], inside[within], name[within] = groups, groups, groups, numbers


def counted(sizes: Integers) -> Integers:
    """The numbers 0, 1, 2 ... anew for each of some runs, given how many things are in each, one behind the other."""
    ends = sizes.cumsum()
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - (ends - sizes).repeat(sizes))


def latest(flags: NDArray[np.bool_]) -> Integers:
    """For each token the latest flagged one up to it, 0 where there is none; tokens lie along the last axis."""
    return np.asarray(np.maximum.accumulate(np.where(flags, np.arange(flags.shape[-1]), 0), axis=-1))


def following(flags: NDArray[np.bool_]) -> Integers:
    """For each token the next flagged one from it on, the last token where there is none."""
    positions = np.where(flags, np.arange(flags.shape[-1]), flags.shape[-1] - 1)
    return np.asarray(np.minimum.accumulate(positions[..., ::-1], axis=-1)[..., ::-1])


def gathered(rows: NDArray[Any], numbers: Integers, places: Integers) -> NDArray[Any]:
    """Of each row asked for by its number the values at its places, shape (numbers, places of each)."""
    return np.asarray(rows.ravel().take(places + (numbers * rows.shape[1])[:, None]))
