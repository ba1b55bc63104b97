"""Readings -> numbers: hashed features of tokens as starts and ends of targets, and of pairs of tokens as targets.

A feature is a number: the tuple of the codes that its template names, hashed into one of `BUCKETS` weights. A batch of
sentences is turned into features in a few NumPy operations.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.cues import Reading

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

BUCKETS = 1 << 18
_EDGE = 3  # empty tokens between two sentences: as far as a template looks
_LONGEST = 60  # tokens of a target

# Codes of a token that a template names, each with the offset of the token it looks at.
_TOKEN_TEMPLATES: tuple[tuple[tuple[str, int], ...], ...] = (
    (("mask", 0),), (("mask", -1),), (("mask", -2),), (("mask", 1),), (("mask", 2),), (("mask", -1), ("mask", 0)),
    (("mask", 0), ("mask", 1)), (("mask", -2), ("mask", -1)), (("mask", 1), ("mask", 2)), (("tag", -1), ("mask", 0)),
    (("mask", 0), ("tag", 1)), (("mask", -1), ("tag", 0)), (("tag", 0), ("mask", 1)),
    (("tag", -1), ("tag", 0), ("tag", 1)), (("tag", -2), ("tag", -1), ("tag", 0)),
    (("tag", 0), ("tag", 1), ("tag", 2)), (("tag", -3), ("tag", -2), ("tag", -1), ("tag", 0)),
    (("tag", 0), ("tag", 1), ("tag", 2), ("tag", 3)), (("suffix", 0), ("tag", -1)), (("suffix", 0), ("tag", 1)),
    (("suffix", 0),), (("suffix", 1), ("tag", 0)), (("cue_end", -1), ("tag", 0)), (("cue_end", -2), ("mask", -1)),
    (("cue_end", -1), ("mask", 0)), (("cue_start", 1), ("tag", 0)), (("cue_end", 0), ("tag", 1)),
    (("cue_start", 0), ("tag", -1)), (("last_cue", -1), ("tag", -1)), (("last_cue", -1), ("tag", -1), ("tag", 0)),
    (("last_cue", -1), ("mask", -1)), (("name_start", 0), ("tag", -1)), (("name_end", 0), ("tag", 1)),
    (("name_end", 0), ("mask", 1)), (("name_start", 0), ("mask", -1)), (("inside", 0), ("tag", -1)),
    (("inside", 0), ("inside", 1)), (("inside", -1), ("inside", 0)), (("sense", 0), ("tag", 1)),
    (("sense", 0), ("tag", -1)), (("sense", 0), ("mask", 1), ("sense", 2)),
    (("sense", -2), ("mask", -1), ("sense", 0)), (("sense", -1), ("sense", 0), ("tag", 1)),
    (("sense", 0), ("sense", 1), ("tag", 2)), (("last_cue", -1), ("sense", 0), ("tag", 1)),
    (("last_cue", -1), ("sense", 0), ("tag", -1)), (("name_end", -2), ("mask", -1), ("tag", 0)),
    (("name_end", 0), ("mask", 1), ("name_start", 2)),
)  # fmt: skip
# Codes of a pair of tokens that a template names; `_pair_features` makes them.
_PAIR_TEMPLATES: tuple[tuple[str, ...], ...] = (
    ("start_score",), ("end_score",), ("start_score", "end_score"), ("exact",), ("exact", "before_tag"),
    ("exact", "after_tag"), ("exact", "start_score"), ("exact", "end_score"), ("exact", "before", "after_tag"),
    ("exact", "before_tag", "after"), ("length",), ("length", "start_score"), ("length", "end_score"),
    ("prepositions", "after_tag"), ("prepositions", "length"), ("commas", "conjunctions"),
    ("subordinators", "length"), ("predicates", "prepositions"), ("brackets", "after_tag"), ("cuts",),
    ("cuts", "length"), ("before", "prepositions", "after_tag"), ("cue_before", "prepositions", "after_tag"),
    ("cue_before", "length"), ("cue_before", "start_tag", "end_tag"), ("last_preposition", "after_tag"),
    ("first_preposition", "last_preposition", "prepositions"), ("last_preposition", "end"), ("start", "end"),
    ("start", "first_preposition"), ("before", "after"), ("before_tag", "start_tag", "end_tag", "after_tag"),
    ("starts_inside", "ends_inside"), ("starts_inside", "prepositions", "after_tag"), ("better_end", "end_score"),
    ("better_start", "start_score"), ("better_end", "better_start"), ("head", "after_tag"),
    ("head", "first_preposition"), ("head", "before"), ("head", "last_preposition", "prepositions"),
    ("first_preposition", "exact_rest"), ("exact_rest", "length"), ("conjunctions", "head"), ("head", "exact_rest"),
    ("participles", "prepositions"), ("participles", "after_tag", "length"),
    ("conjunctions", "after_tag", "before_tag"), ("last_cue", "before_tag", "prepositions"),
    ("possessors", "prepositions", "after_tag"), ("before_and", "behind_and", "after_tag"),
    ("left_of_and", "right_of_and", "behind_and"), ("end_at_and", "start_at_and"),
    ("end_at_and", "start_at_and", "behind_and"), ("words_before_and", "words_behind_and"),
    ("before_and", "words_behind_and", "after_tag"), ("left_of_and", "right_of_and", "before_tag"),
    ("words_before_and", "before_and", "end_at_and"), ("head_sense", "first_preposition", "rest_sense"),
    ("head_sense", "prepositions", "after_tag"), ("head_sense", "before_tag", "after_tag"),
    ("head_sense", "exact_rest"), ("head_sense", "last_preposition", "rest_sense", "after_tag"),
    ("before", "head_sense"), ("cue_before", "head_sense"), ("comma_before", "commas", "conjunctions", "after_tag"),
)  # fmt: skip


class TokenTable(NamedTuple):
    """The codes of all tokens of a batch of sentences, `_EDGE` empty ones around each; arrays of shape (tokens,)."""

    codes: dict[str, Integers]
    offsets: list[int]


class Pairs(NamedTuple):
    """Candidate targets: positions in the token table, both inclusive, and their features (pairs, templates)."""

    starts: Integers
    ends: Integers
    features: Integers


@lru_cache(maxsize=200_000)
def _code(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


def token_table(readings: Sequence[Reading]) -> TokenTable:
    """The codes of the tokens of each sentence."""
    fields = (
        "mask",
        "tag",
        "sense",
        "suffix",
        "cue_end",
        "cue_start",
        "last_cue",
        "name_start",
        "name_end",
        "inside",
        "name",
    )
    columns: dict[str, list[int]] = {name: [0] * _EDGE for name in fields}
    offsets = []
    for number, reading in enumerate(readings, 1):
        offsets.append(len(columns["mask"]))
        size = len(reading)
        columns["mask"] += map(_code, reading.masks)
        columns["tag"] += map(_code, reading.tags)
        columns["sense"] += (
            _code(f"{sense} {tone}") for sense, tone in zip(reading.senses, reading.tones, strict=True)
        )
        columns["suffix"] += [
            _code(key[-3:]) if tag not in ("name", "proper", "number") else 1
            for key, tag in zip(reading.keys, reading.tags, strict=True)
        ]
        cue_end, cue_start, last_cue = [0] * size, [0] * size, [0] * size
        current, position = 0, 0
        for match in reading.cues:
            code = _code(f"{match.entry.table} {match.entry.group} {match.entry.stance} {sorted(match.entry.attach)}")
            cue_end[match.last - 1] = cue_start[match.first] = code
            last_cue[position : match.last - 1] = [current] * (match.last - 1 - position)
            current, position = _code(f"{match.entry.table} {match.entry.group} {match.entry.stance}"), match.last - 1
        last_cue[position:] = [current] * (size - position)
        name_start, name_end, inside, name = [0] * size, [0] * size, [0] * size, [0] * size
        for match in reading.names:
            code = _code(match.entry.group)
            name_start[match.first] = name_end[match.last - 1] = code
            inside[match.first : match.last] = [code] * (match.last - match.first)
            name[match.first : match.last] = [number * 1000 + match.first + 1] * (match.last - match.first)
        for field, values in (
            ("cue_end", cue_end),
            ("cue_start", cue_start),
            ("last_cue", last_cue),
            ("name_start", name_start),
            ("name_end", name_end),
            ("inside", inside),
            ("name", name),
        ):
            columns[field] += values
        for values in columns.values():
            values += [0] * _EDGE
    return TokenTable({name: np.array(values, dtype=np.int64) for name, values in columns.items()}, offsets)


def _hashed(template: int, parts: Sequence[Integers]) -> Integers:
    """One bucket each for the tuples that the parts make."""
    mixed = np.full(parts[0].shape, 0x9E3779B1 * (template + 1) & 0xFFFFFFFF, dtype=np.int64)
    for part in parts:
        mixed = ((mixed ^ (part & 0xFFFFFFFF)) * 0x01000193) & 0xFFFFFFFF
        mixed ^= mixed >> 15
    mixed = (mixed * 0x2C1B3C6D) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 13)) & (BUCKETS - 1)


def token_features(table: TokenTable) -> Integers:
    """The features of each token as a possible start or end, shape (tokens, templates)."""
    size = len(table.codes["mask"])
    position = np.arange(size)
    columns = [
        _hashed(number, [table.codes[name][np.clip(position + offset, 0, size - 1)] for name, offset in template])
        for number, template in enumerate(_TOKEN_TEMPLATES)
    ]
    return np.stack(columns, axis=1)


def probability(logits: Floats) -> Floats:
    """The logistic function."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))


def candidate_pairs(
    table: TokenTable, readings: Sequence[Reading], starts: Floats, ends: Floats, thresholds: Floats
) -> Pairs:
    """The pairs of a likely start and a likely end, with their features; `starts` and `ends` are logits."""
    inside = np.zeros(len(starts), dtype=np.int64)  # for each token the end of its sentence, 0 between sentences
    for offset, reading in zip(table.offsets, readings, strict=True):
        inside[offset : offset + len(reading)] = offset + len(reading)
    i = np.flatnonzero((probability(starts) >= thresholds[0]) & (inside > 0))
    j = np.flatnonzero((probability(ends) >= thresholds[1]) & (inside > 0))
    begins = np.searchsorted(j, i)
    counts = np.searchsorted(j, np.minimum(i + _LONGEST, inside[i])) - begins
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    first, last = np.repeat(i, counts), j[np.repeat(begins, counts) + steps] if len(j) else steps
    return Pairs(first, last, _pair_features(table.codes, first, last, starts, ends))


def _pair_features(codes: dict[str, Integers], i: Integers, j: Integers, starts: Floats, ends: Floats) -> Integers:
    mask, tag = codes["mask"], codes["tag"]

    def inside(*tags: str, last: bool = False) -> Integers:
        return _count_inside(np.isin(tag, [_code(t) for t in tags]), i, j, last)

    prepositions = np.isin(tag, [_code("preposition"), _code("to")])
    first_at, last_at = _first_inside(prepositions, i, j), _last_inside(prepositions, i, j)
    conjunction_at = _last_inside(np.isin(tag, [_code("conjunction")]), i, j)
    joined = conjunction_at >= 0
    tail = np.where(joined, conjunction_at, j)
    brackets = _count_inside(np.isin(mask, [_code("(")]), i, j, True) - _count_inside(
        np.isin(mask, [_code(")")]), i, j, True
    )
    head_at = np.where(first_at >= 0, first_at - 1, j)
    rest = np.where(last_at >= 0, last_at + 1, i)
    start_bin, end_bin = (np.clip(np.round(x * 1.5), -6, 8).astype(np.int64) + 10 for x in (starts, ends))
    whole = (codes["name_start"][i] != 0) & (codes["name"][i] == codes["name"][j]) & (codes["name_end"][j] != 0)
    cuts = ((codes["name"][i] != 0) & (codes["name"][i] == codes["name"][i - 1])) + 2 * (
        (codes["name"][j] != 0) & (codes["name"][j] == codes["name"][j + 1])
    )
    length = j - i + 1
    fields = {
        "start_score": start_bin[i],
        "end_score": end_bin[j],
        "length": np.where(length < 8, length, 8 + np.minimum(length // 6, 8)),
        "exact": np.where(whole, codes["name_start"][i], 0),
        "exact_rest": np.where(
            (codes["name_start"][rest] != 0) & (codes["name"][rest] == codes["name"][j]) & (codes["name_end"][j] != 0),
            codes["name_start"][rest],
            0,
        ),
        "cuts": cuts.astype(np.int64),
        "start": mask[i],
        "end": mask[j],
        "before": mask[i - 1],
        "after": mask[j + 1],
        "start_tag": tag[i],
        "end_tag": tag[j],
        "before_tag": tag[i - 1],
        "after_tag": tag[j + 1],
        "cue_before": codes["cue_end"][i - 1],
        "last_cue": codes["last_cue"][i - 1],
        "head": mask[head_at],
        "head_sense": codes["sense"][head_at],
        "rest_sense": codes["sense"][j],
        "prepositions": np.minimum(inside("preposition", "to"), 5),
        "commas": np.minimum(inside("comma"), 3),
        "conjunctions": np.minimum(inside("conjunction"), 3),
        "subordinators": np.minimum(inside("subordinator", "auxiliary", "pronoun"), 2),
        "participles": np.minimum(inside("ing", "ed"), 3),
        "possessors": np.minimum(inside("possessor"), 2),
        "predicates": np.minimum(_count_inside(codes["cue_start"] != 0, i, j, True), 3),
        "brackets": np.clip(brackets, -1, 1) + 1,
        "first_preposition": np.where(first_at >= 0, mask[first_at], 0),
        "last_preposition": np.where(last_at >= 0, mask[last_at], 0),
        "starts_inside": np.minimum(_count_inside(start_bin > 10, i + 1, j, True), 4),
        "ends_inside": np.minimum(_count_inside(end_bin > 10, i, j, False), 4),
        "better_end": _best_inside(ends, i, j - 1) > ends[j],
        "better_start": _best_inside(starts, i + 1, j) > starts[i],
        "left_of_and": np.where(joined, tag[tail - 1], 0),
        "right_of_and": np.where(joined, tag[tail + 1], 0),
        "before_and": np.where(joined, np.minimum(_count_inside(prepositions, i, tail, False), 2) + 1, 0),
        "behind_and": np.where(joined, np.minimum(_count_inside(prepositions, tail, j, True), 2) + 1, 0),
        "words_behind_and": np.where(joined, np.minimum(j - tail, 6), 0),
        "words_before_and": np.where(joined, np.minimum(tail - i, 6), 0),
        "end_at_and": np.where(joined, end_bin[tail - 1], 0),
        "start_at_and": np.where(joined, start_bin[tail + 1], 0),
        "comma_before": (tag[i - 1] == _code("comma")) + 2 * (tag[i - 1] == _code("conjunction")),
    }
    columns = [
        _hashed(1000 + n, [fields[name].astype(np.int64) for name in template])
        for n, template in enumerate(_PAIR_TEMPLATES)
    ]
    return np.stack(columns, axis=1)


def _count_inside(flags: NDArray[np.bool_], i: Integers, j: Integers, last: bool) -> Integers:
    """How many flags stand in i..j, the end itself only if `last`."""
    total = np.concatenate(([0], np.cumsum(flags)))
    return np.asarray(np.maximum(total[j + last] - total[i], 0), dtype=np.int64)


def _first_inside(flags: NDArray[np.bool_], i: Integers, j: Integers) -> Integers:
    """The first flag behind the start and before the end, or -1."""
    size = len(flags)
    following = np.minimum.accumulate(np.where(flags, np.arange(size), size)[::-1])[::-1]
    found = following[np.minimum(i + 1, size - 1)]
    return np.where(found < j, found, -1)


def _last_inside(flags: NDArray[np.bool_], i: Integers, j: Integers) -> Integers:
    """The last flag behind the start and before the end, or -1."""
    previous = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -1))
    found = previous[np.maximum(j - 1, 0)]
    return np.where(found > i, found, -1)


def _best_inside(values: Floats, i: Integers, j: Integers) -> Floats:
    """The highest value in i..j, both inclusive; -inf where the range is empty."""
    if not len(i):
        return np.zeros(0)
    bounds = np.stack((i, np.maximum(j, i) + 1), axis=1).ravel()
    best = np.maximum.reduceat(np.append(values, -np.inf), bounds)[::2]
    return np.where(j >= i, best, -np.inf)
