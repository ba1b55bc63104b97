"""Readings -> TokenTable: the tokens of a batch of sentences as rows of codes, for everything that is learned.

All that is asked of the tokens is asked for all of them, or for many places at once, in one NumPy operation: for a
single sentence the number of operations is what takes the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain, repeat
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from stance.cues import Reading
from stance.hashing import Coder, Codes, Integers, code

Value = TypeVar("Value")

EDGE = 3  # empty tokens between two sentences: as far as a template looks
COLUMNS = (
    "mask", "tag", "tone", "sense", "suffix", "cue", "cue_label", "cue_start", "cue_end", "last_cue", "name_start",
    "name_end", "inside", "name", "meaning", "negated",
)  # fmt: skip
ROW = {name: row for row, name in enumerate(COLUMNS)}
_LISTS = ("masks", "tags", "tones", "senses", "suffixes")  # of a reading, which are the first columns
_OF_CUES, _OF_NAMES = slice(ROW["cue"], ROW["last_cue"] + 1), slice(ROW["name_start"], ROW["name"] + 1)
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
}
_WORDS = {"quote": ('"', "“", "”", "«", "»"), "open": ("(",), "close": (")",), "single": ("‘",), "apostrophe": ("'",)}
_BITS = {trait: np.uint32(1 << place) for place, trait in enumerate((*_TAGS, *_WORDS))}


def _traits(listed: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The traits of each text as bits of a number."""
    texts = dict.fromkeys(text for those in listed.values() for text in those)
    return {text: sum(int(_BITS[trait]) for trait, those in listed.items() if text in those) for text in texts}


def trait_bits(*traits: str) -> Codes:
    """What `TokenTable.having` is asked with; several traits with spaces between stand for any of them."""
    return np.array([[np.bitwise_or.reduce([_BITS[name] for name in names.split()])] for names in traits], np.uint32)


_TRAITS_OF_TAG, _TRAITS_OF_WORD = _traits(_TAGS), _traits(_WORDS)
_MASKED, _NEGATION = trait_bits("masked"), trait_bits("negation", "break")
_NEGATED_WITHIN = 4  # tokens between a word and its negation
_MEANINGS = np.uint32(31)


class TokenTable(NamedTuple):
    """The codes of all tokens of a batch of sentences, `EDGE` empty ones around each sentence.

    `codes`, shape (COLUMNS, tokens), holds 0 where there is no value. In it `cue` is the id and `cue_label` the label
    of the cue that begins at a token, `cue_start` and `cue_end` its frame; `last_cue` is the sort of the last cue that
    has ended, `name` numbers the names, `negated` is 1 where a negation stands shortly before. The sentences begin at
    `offsets` and end before `sentence_ends`, arrays of shape (sentences,). All others have the shape (tokens,):
    `traits` are bits, `sentence` is the number of each token's sentence, -1 for empty ones, `starts` and `ends` are the
    tokens' places in the text, in characters.
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
        return np.asarray(self.codes[ROW[name]])

    def edges(self, spans: Sequence[Sequence[tuple[int, int]]]) -> Integers:
        """The first tokens of the spans of all sentences, and those behind their last, in the table: (2, spans)."""
        edges = np.array(list(chain.from_iterable(spans)), dtype=np.int64).reshape(-1, 2)
        return np.asarray((edges + self.offsets.repeat([len(its) for its in spans])[:, None]).T)

    def taken(self, sentences: Integers) -> TokenTable:
        """The table of some of the sentences, in the order given."""
        sizes = (self.sentence_ends - self.offsets)[sentences]
        wide = sizes + EDGE
        ends = wide.cumsum()
        tokens = np.append(runs(self.offsets[sentences] - EDGE, wide), np.arange(EDGE))
        sentence = np.append(np.arange(len(sentences)).repeat(wide), np.full(EDGE, -1))
        sentence[self.sentence[tokens] < 0] = -1
        starts, behind = self.starts[tokens], self.ends[tokens]
        return TokenTable(self.codes[:, tokens], self.traits[tokens], ends - sizes, ends, sentence, starts, behind)

    def having(self, traits: Codes) -> NDArray[np.bool_]:
        """Which tokens have each of some traits, given as `trait_bits`, shape (traits, tokens)."""
        return np.asarray((self.traits & traits) != 0)


class Looks:
    """What is read at places of many things at once: each field is a row of values and a place, given as "mask i"."""

    def __init__(self, read: Mapping[str, str], rows: Sequence[str], places: Sequence[str]) -> None:
        looks = [look.split() for look in read.values()]
        self.fields = tuple(read)
        self._rows = np.array([[rows.index(row)] for row, _ in looks])
        self._places = np.array([places.index(place) for _, place in looks])

    def at(self, positions: Integers, values: NDArray[Any]) -> NDArray[Any]:
        """The fields of each thing, shape (fields, things), from its positions, shape (places, things)."""
        return np.asarray(values.ravel().take(positions.take(self._places, axis=0) + self._rows * values.shape[1]))


def token_table(readings: Sequence[Reading], coder: Coder = code) -> TokenTable:
    """The codes of the tokens of each sentence; `coder` gives the code of a text."""
    sizes = [len(reading.keys) for reading in readings]
    ends = list(accumulate(EDGE + size for size in sizes))
    offsets, size = [end - its for end, its in zip(ends, sizes, strict=True)], sum(sizes) + EDGE * (len(sizes) + 1)
    masks, tags, *others = (_apart([getattr(reading, name) for reading in readings], "") for name in _LISTS)
    told = np.fromiter(map(coder, chain(masks, tags, *others)), np.uint32, len(_LISTS) * size)
    codes = np.zeros((len(COLUMNS), size), dtype=np.uint32)
    codes[: len(_LISTS)] = told.reshape(len(_LISTS), size)
    traits = np.fromiter(map(_TRAITS_OF_TAG.get, tags, repeat(0)), np.uint32, size)
    traits |= np.fromiter(map(_TRAITS_OF_WORD.get, masks, repeat(0)), np.uint32, size)
    _add_cues(codes, readings, offsets, ends, coder)
    _add_names(codes, readings, offsets, coder)
    codes[ROW["meaning"]] = codes[ROW["sense"]] * _MEANINGS + codes[ROW["tone"]]
    numbers = _apart([[number] * its for number, its in enumerate(sizes)], -1)
    places = (_apart([getattr(reading.tokens, name) for reading in readings], 0) for name in ("starts", "ends"))
    whole = np.fromiter(chain(numbers, *places), np.int64, 3 * size).reshape(3, size)
    table = TokenTable(codes, traits, np.array(offsets, np.int64), np.array(ends, np.int64), *whole)
    codes[ROW["suffix"], table.having(_MASKED)[0]] = 1
    codes[ROW["negated"]] = _negated(table)
    return table


def joined(tables: Sequence[TokenTable]) -> TokenTable:
    """Tables as one; where one ends and the next begins they share the empty tokens."""
    parts: list[tuple[NDArray[Any], ...]] = []
    shift = number = 0
    for table in tables:
        new = slice(EDGE if parts else 0, None)
        sentence = np.where(table.sentence < 0, -1, table.sentence + number)[new]
        offsets, ends = table.offsets + shift, table.sentence_ends + shift
        parts.append(
            (table.codes[:, new], table.traits[new], offsets, ends, sentence, table.starts[new], table.ends[new])
        )
        shift, number = shift + len(table) - EDGE, number + len(table.offsets)
    return TokenTable(*(np.concatenate(its, axis=-1) for its in zip(*parts, strict=True)))


def _apart(lists: Iterable[list[Value]], nothing: Value) -> list[Value]:
    """What is told of the tokens of each sentence, one behind the other, with empty tokens around each."""
    edge = [nothing] * EDGE
    parts = [edge]
    for its in lists:
        parts += (its, edge)
    return list(chain.from_iterable(parts))


def _add_cues(
    codes: Codes, readings: Sequence[Reading], begins: Sequence[int], ends: Sequence[int], coder: Coder
) -> None:
    cue, label, starting, ending, last_cue = codes[_OF_CUES]
    for reading, begin, end in zip(readings, begins, ends, strict=True):
        for first, last, entry in reading.cues:
            start, behind = begin + first, begin + last
            cue[start], label[start] = coder(entry.id), coder(entry.label)
            starting[start] = ending[behind - 1] = coder(entry.frame)
            last_cue[behind - 1 : end] = coder(entry.sort)


def _add_names(codes: Codes, readings: Sequence[Reading], begins: Sequence[int], coder: Coder) -> None:
    starting, ending, inside, numbers = codes[_OF_NAMES]
    for reading, begin in zip(readings, begins, strict=True):
        for number, (first, last, entry) in enumerate(reading.names, 1):
            start, behind = begin + first, begin + last
            starting[start] = ending[behind - 1] = inside[start:behind] = coder(entry.group)
            numbers[start:behind] = number


def _negated(table: TokenTable) -> NDArray[np.bool_]:
    """Whether a negation stands shortly before each word, with no mark, conjunction or end of the sentence between."""
    negation, pause = table.having(_NEGATION)
    found = np.zeros(len(table), dtype=bool)
    if negation.any():
        words = table.sentence >= 0
        negation, pause = latest(np.array((negation, pause | ~words)))[:, :-1]
        found[1:] = (negation > pause) & (negation >= np.arange(1, len(table)) - _NEGATED_WITHIN) & words[1:]
    return found


def counted(sizes: Integers) -> Integers:
    """The numbers 0, 1, 2 ... anew for each of some runs, given how many things are in each, one behind the other."""
    ends = sizes.cumsum()
    return np.asarray(np.arange(ends[-1] if len(ends) else 0) - (ends - sizes).repeat(sizes))


def runs(begins: Integers, sizes: Integers) -> Integers:
    """The numbers of some runs, one run behind the other, given where each begins and how many things are in it."""
    return np.asarray(begins.repeat(sizes) + counted(sizes))


def latest(flags: NDArray[np.bool_]) -> Integers:
    """For each token the latest flagged one up to it, 0 where there is none; tokens lie along the last axis."""
    return np.asarray(np.maximum.accumulate(np.where(flags, np.arange(flags.shape[-1]), 0), axis=-1))


def following(flags: NDArray[np.bool_]) -> Integers:
    """For each token the next flagged one from it on, the last token where there is none."""
    positions = np.where(flags, np.arange(flags.shape[-1]), flags.shape[-1] - 1)
    return np.asarray(np.minimum.accumulate(positions[..., ::-1], axis=-1)[..., ::-1])
