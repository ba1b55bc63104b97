"""Tokens as starts and ends of targets, and pairs of tokens as targets, as the buckets of hashed features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Codes, Floats, Integers, Templates, is_any
from stance.token_table import EDGE, TokenTable, clipped, counted, following, latest

BUCKETS = 1 << 18
_LONGEST = 60  # tokens of a target
_FAINT = -6.0  # below this sum of log probabilities of its start, its end and its weakest gap a pair is no candidate
_VERBAL = ("verb", "to", "auxiliary", "ed", "ing", "pronoun", "subordinator")  # a verb may be joined to these
_CLAUSAL = ("subordinator", "auxiliary", "pronoun")
_OPENERS = ("determiner", "possessive")  # of an object
_QUOTES = ('"', "“", "”", "«", "»")
# What a template names of a token: a column of the token table, and how far from the token it looks ("mask-1").
TOKEN_TEMPLATES = Templates((
    "mask", "mask-1", "mask-2", "mask+1", "mask+2", "mask-1 mask", "mask mask+1", "mask-2 mask-1", "mask+1 mask+2",
    "tag-1 mask", "mask tag+1", "mask-1 tag", "tag mask+1", "tag-1 tag tag+1", "tag-2 tag-1 tag", "tag tag+1 tag+2",
    "tag-3 tag-2 tag-1 tag", "tag tag+1 tag+2 tag+3", "suffix tag-1", "suffix tag+1", "suffix", "suffix+1 tag",
    "cue_end-1 tag", "cue_end-2 mask-1", "cue_end-1 mask", "cue_start+1 tag", "cue_end tag+1", "cue_start tag-1",
    "last_cue-1 tag-1", "last_cue-1 tag-1 tag", "last_cue-1 mask-1", "name_start tag-1", "name_end tag+1",
    "name_end mask+1", "name_start mask-1", "inside tag-1", "inside inside+1", "inside-1 inside", "meaning tag+1",
    "meaning tag-1", "meaning mask+1 meaning+2", "meaning-2 mask-1 meaning", "meaning-1 meaning tag+1",
    "meaning meaning+1 tag+2", "last_cue-1 meaning tag+1", "last_cue-1 meaning tag-1", "name_end-2 mask-1 tag",
    "name_end mask+1 name_start+2",
), BUCKETS)  # fmt: skip
# Of each field its column, and where in that it begins if EDGE empty tokens stand before.
_TOKEN_FIELDS = {
    field: (field[:-2], EDGE + int(field[-2:])) if field[-2:-1] in ("-", "+") else (field, EDGE)
    for field in TOKEN_TEMPLATES.fields
}
_TOKEN_COLUMNS = frozenset(column for column, _ in _TOKEN_FIELDS.values())
# What a template names of a pair of tokens; `_pair_fields` makes it.
PAIR_TEMPLATES = Templates((
    "start_score", "end_score", "start_score end_score", "exact", "exact before_tag", "exact after_tag",
    "exact start_score", "exact end_score", "exact before after_tag", "exact before_tag after", "length",
    "length start_score", "length end_score", "prepositions after_tag", "prepositions length",
    "commas conjunctions", "subordinators length", "predicates prepositions", "cuts",
    "cuts length", "before prepositions after_tag", "cue_before prepositions after_tag", "cue_before length",
    "cue_before start_tag end_tag", "last_preposition after_tag", "first_preposition last_preposition prepositions",
    "last_preposition end", "start end", "start first_preposition", "before after",
    "before_tag start_tag end_tag after_tag", "starts_inside ends_inside", "starts_inside prepositions after_tag",
    "better_end end_score", "better_start start_score", "better_end better_start", "head after_tag",
    "head first_preposition", "head before", "head last_preposition prepositions", "first_preposition exact_rest",
    "exact_rest length", "conjunctions head", "head exact_rest", "participles prepositions",
    "participles after_tag length", "conjunctions after_tag before_tag", "last_cue before_tag prepositions",
    "possessors prepositions after_tag", "before_and behind_and after_tag", "left_of_and right_of_and behind_and",
    "end_at_and start_at_and", "end_at_and start_at_and behind_and", "words_before_and words_behind_and",
    "before_and words_behind_and after_tag", "left_of_and right_of_and before_tag",
    "words_before_and before_and end_at_and", "head_meaning first_preposition rest_meaning",
    "head_meaning prepositions after_tag", "head_meaning before_tag after_tag", "head_meaning exact_rest",
    "head_meaning last_preposition rest_meaning after_tag", "before head_meaning", "cue_before head_meaning",
    "comma_before commas conjunctions after_tag",
    "weakest_join join_before join_after", "weakest_join length", "weakest_join start_score end_score",
    "join_before start_score", "join_after end_score", "weakest_join conjunctions prepositions",
    "join_before before_tag start_tag", "join_after end_tag after_tag",
    "two_before before head_meaning", "after two_after head_meaning", "start second", "last_but_one end",
    "cue_after head_meaning", "two_before_tag before_tag start_tag", "end_tag after_tag two_after_tag",
), BUCKETS)  # fmt: skip


class TokenScores(NamedTuple):
    """The logits of each token, shape (tokens,): that a target starts or ends there, or runs on to it from before."""

    starts: Floats
    ends: Floats
    joins: Floats


class Pairs(NamedTuple):
    """Candidate targets: positions in the token table, both inclusive, and what is known of each by its name."""

    starts: Integers
    ends: Integers
    fields: dict[str, NDArray[Any]]

    @property
    def features(self) -> Codes:
        """The features of each pair by itself, shape (templates, pairs)."""
        return PAIR_TEMPLATES.hash(self.fields, len(self.starts))

    def take(self, kept: NDArray[Any]) -> Pairs:
        """Some of the pairs, by mask or by number."""
        return Pairs(self.starts[kept], self.ends[kept], {name: values[kept] for name, values in self.fields.items()})


def token_features(table: TokenTable) -> Codes:
    """The features of each token as a possible start or end, shape (templates, tokens)."""
    edge, size = np.zeros(EDGE, dtype=np.uint32), len(table)
    wide = {column: np.concatenate((edge, table.columns[column], edge)) for column in _TOKEN_COLUMNS}
    fields = {field: wide[column][start : start + size] for field, (column, start) in _TOKEN_FIELDS.items()}
    return TOKEN_TEMPLATES.hash(fields, size)


def probability(logits: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(clipped(-logits, -30, 30))))


def candidate_pairs(table: TokenTable, tokens: TokenScores, thresholds: Floats) -> Pairs:
    """The pairs of a likely start and a likely end that are not too unlikely together, their weakest gap included."""
    word = table.sentence >= 0
    i = np.flatnonzero((probability(tokens.starts) >= thresholds[0]) & word)
    j = np.flatnonzero((probability(tokens.ends) >= thresholds[1]) & word)
    begins = np.searchsorted(j, i)
    counts = np.searchsorted(j, np.minimum(i + _LONGEST, table.sentence_ends[table.sentence[i]])) - begins
    steps = counted(counts)
    first, last = np.repeat(i, counts), j[np.repeat(begins, counts) + steps] if len(j) else steps
    weakest = -_best_inside(-tokens.joins, first + 1, last)  # gap that each runs over; inf for a single token
    of_start, of_end, of_gap = (np.log(probability(logits)) for logits in (tokens.starts, tokens.ends, weakest))
    likely = of_start[first] + of_end[last] + of_gap >= _FAINT
    first, last, weakest = first[likely], last[likely], weakest[likely]
    whole = _balanced(table.columns, first, last) & ~_runs_on(table.columns, first, last)
    first, last, weakest = first[whole], last[whole], weakest[whole]
    return Pairs(first, last, _pair_fields(table.columns, first, last, tokens, weakest))


def _balanced(columns: dict[str, Codes], i: Integers, j: Integers) -> NDArray[np.bool_]:
    """Whether the quotation marks and brackets within a pair belong together."""
    marks = [is_any(columns["mask"], *marks) for marks in (_QUOTES, "(", ")", "‘", "'")]
    double, opened, closed, single, apostrophes = _count_inside(marks, i, j, True)
    leaves = is_any(columns["mask"][i - 1], "‘") & (apostrophes > 0)  # begins within a quotation and ends behind it
    return np.asarray((double % 2 == 0) & (opened == closed) & (single <= apostrophes) & ~leaves)


def _runs_on(columns: dict[str, Codes], i: Integers, j: Integers) -> NDArray[np.bool_]:
    """Whether a pair runs into the next clause: "attack and welcome the truce" has no verb for "welcome" to join."""
    tag = columns["tag"]
    judging = is_any(columns["cue_label"], "predicates support", "predicates condemn") & is_any(tag, "verb")
    behind, object_behind = (
        np.append(flags[n:], [False] * n) for n, flags in ((1, judging), (2, is_any(tag, *_OPENERS)))
    )
    clauses = is_any(tag, "conjunction") & behind & object_behind
    clause = following(clauses)[i]
    verb = latest(is_any(tag, *_VERBAL))[clause]
    return np.asarray((clause < j) & (verb < i))


def _pair_fields(
    columns: dict[str, Codes], i: Integers, j: Integers, tokens: TokenScores, weakest: Floats
) -> dict[str, NDArray[Any]]:
    mask, tag, meaning = columns["mask"], columns["tag"], columns["meaning"]
    starts, ends, _ = tokens

    prepositions = is_any(tag, "preposition", "to")
    first_at, last_at = _first_inside(prepositions, i, j), _last_inside(prepositions, i, j)
    conjunctions = is_any(tag, "conjunction")
    conjunction_at = _last_inside(conjunctions, i, j)
    joined = conjunction_at >= 0
    tail = np.where(joined, conjunction_at, j)
    head_at = np.where(first_at >= 0, first_at - 1, j)
    rest = np.where(last_at >= 0, last_at + 1, i)
    start_bin, end_bin, join_bin = map(_binned, tokens)
    tagged = [is_any(tag, *tags) for tags in (("comma",), _CLAUSAL, ("ing", "ed"), ("possessor",))]
    commas, subordinators, participles, possessors, linked, lists, ends_inside = _count_inside(
        [*tagged, prepositions, conjunctions, end_bin > 10], i, j, False
    )
    predicates, starts_inside = columns["cue_start"] != 0, start_bin > 10
    name, name_start, ends_name = columns["name"], columns["name_start"], columns["name_end"][j] != 0
    whole = (name_start[i] != 0) & (name[i] == name[j]) & ends_name
    whole_rest = (name_start[rest] != 0) & (name[rest] == name[j]) & ends_name
    cut_before, cut_behind = (name[i] != 0) & (name[i] == name[i - 1]), (name[j] != 0) & (name[j] == name[j + 1])
    length = j - i + 1
    return {
        "start_score": start_bin[i],
        "end_score": end_bin[j],
        "length": np.where(length < 8, length, 8 + np.minimum(length // 6, 8)),
        "exact": np.where(whole, name_start[i], 0),
        "exact_rest": np.where(whole_rest, name_start[rest], 0),
        "cuts": cut_before + 2 * cut_behind,
        "start": mask[i],
        "end": mask[j],
        "before": mask[i - 1],
        "after": mask[j + 1],
        "two_before": mask[i - 2],
        "two_after": mask[j + 2],
        "second": np.where(i < j, mask[i + 1], 0),
        "last_but_one": np.where(i < j, mask[j - 1], 0),
        "start_tag": tag[i],
        "end_tag": tag[j],
        "two_before_tag": tag[i - 2],
        "two_after_tag": tag[j + 2],
        "before_tag": tag[i - 1],
        "after_tag": tag[j + 1],
        "cue_before": columns["cue_end"][i - 1],
        "cue_after": columns["cue_start"][j + 1],
        "last_cue": columns["last_cue"][i - 1],
        "head": mask[head_at],
        "head_meaning": meaning[head_at],
        "rest_meaning": meaning[j],
        "prepositions": np.minimum(linked, 5),
        "commas": np.minimum(commas, 3),
        "conjunctions": np.minimum(lists, 3),
        "subordinators": np.minimum(subordinators, 2),
        "participles": np.minimum(participles, 3),
        "possessors": np.minimum(possessors, 2),
        "predicates": np.minimum(_count_inside([predicates], i, j, True)[0], 3),
        "first_preposition": np.where(first_at >= 0, mask[first_at], 0),
        "last_preposition": np.where(last_at >= 0, mask[last_at], 0),
        "starts_inside": np.minimum(_count_inside([starts_inside], i + 1, j, True)[0], 4),
        "ends_inside": np.minimum(ends_inside, 4),
        "weakest_join": np.where(i < j, _binned(weakest), 0),
        "join_before": join_bin[i],
        "join_after": join_bin[j + 1],
        "better_end": _best_inside(ends, i, j - 1) > ends[j],
        "better_start": _best_inside(starts, i + 1, j) > starts[i],
        "left_of_and": np.where(joined, tag[tail - 1], 0),
        "right_of_and": np.where(joined, tag[tail + 1], 0),
        "before_and": np.where(joined, np.minimum(_count_inside([prepositions], i, tail, False)[0], 2) + 1, 0),
        "behind_and": np.where(joined, np.minimum(_count_inside([prepositions], tail, j, True)[0], 2) + 1, 0),
        "words_behind_and": np.where(joined, np.minimum(j - tail, 6), 0),
        "words_before_and": np.where(joined, np.minimum(tail - i, 6), 0),
        "end_at_and": np.where(joined, end_bin[tail - 1], 0),
        "start_at_and": np.where(joined, start_bin[tail + 1], 0),
        "comma_before": is_any(tag[i - 1], "comma") + 2 * is_any(tag[i - 1], "conjunction"),
    }


def _binned(logits: Floats) -> Integers:
    return clipped(np.round(logits * 1.5), -7, 8).astype(np.int64) + 10


def _count_inside(flags: Sequence[NDArray[np.bool_]], i: Integers, j: Integers, last: bool) -> Integers:
    """How many of each of some flags stand in i..j, the end itself only if `last`; shape (flags, pairs)."""
    total = np.zeros((len(flags), len(flags[0]) + 1), dtype=np.int64)
    np.cumsum(flags, axis=1, out=total[:, 1:])
    return np.asarray(np.maximum(total[:, j + last] - total[:, i], 0))


def _first_inside(flags: NDArray[np.bool_], i: Integers, j: Integers) -> Integers:
    """The first flag behind the start and before the end, or -1."""
    found = following(flags)[i + 1]
    return np.where(found < j, found, -1)


def _last_inside(flags: NDArray[np.bool_], i: Integers, j: Integers) -> Integers:
    """The last flag behind the start and before the end, or -1."""
    found = latest(flags)[j - 1]
    return np.where(found > i, found, -1)


def _best_inside(values: Floats, i: Integers, j: Integers) -> Floats:
    """The highest value in i..j, both inclusive; -inf where the range is empty."""
    if not len(i):
        return np.zeros(0)
    bounds = np.stack((i, np.maximum(j, i) + 1), axis=1).ravel()
    best = np.maximum.reduceat(np.append(values, -np.inf), bounds)[::2]
    return np.where(j >= i, best, -np.inf)
