"""Tokens as starts and ends of targets, and pairs of tokens as targets, as the buckets of hashed features."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Codes, Floats, Integers, Templates, code
from stance.token_table import COLUMNS, EDGE, ROW, Looks, TokenTable, following, latest, runs, trait_bits

BUCKETS = 1 << 18
_LONGEST = 60  # tokens of a target
_FAINT = -7.0  # below this sum of log probabilities of its start, its end and its weakest gap a pair is no candidate
# What a template names of a token: a column of the token table, and how far from the token it looks ("mask-1").
_OF_TOKENS = (
    "mask", "mask-1", "mask-2", "mask+1", "mask+2", "mask-1 mask", "mask mask+1", "mask-2 mask-1", "mask+1 mask+2",
    "tag-1 mask", "mask tag+1", "mask-1 tag", "tag mask+1", "tag-1 tag tag+1", "tag-2 tag-1 tag", "tag tag+1 tag+2",
    "tag-3 tag-2 tag-1 tag", "tag tag+1 tag+2 tag+3", "suffix tag-1", "suffix tag+1", "suffix", "suffix+1 tag",
    "cue_end-1 tag", "cue_end-2 mask-1", "cue_end-1 mask", "cue_start+1 tag", "cue_end tag+1", "cue_start tag-1",
    "last_cue-1 tag-1", "last_cue-1 tag-1 tag", "last_cue-1 mask-1", "name_start tag-1", "name_end tag+1",
    "name_end mask+1", "name_start mask-1", "inside tag-1", "inside inside+1", "inside-1 inside", "meaning tag+1",
    "meaning tag-1", "meaning mask+1 meaning+2", "meaning-2 mask-1 meaning", "meaning-1 meaning tag+1",
    "meaning meaning+1 tag+2", "last_cue-1 meaning tag+1", "last_cue-1 meaning tag-1", "name_end-2 mask-1 tag",
    "name_end mask+1 name_start+2",
)  # fmt: skip
_TOKEN_FIELDS = sorted(  # how far from the token, the column, the field
    (int(field[-2:]), field[:-2], field) if field[-2:-1] in ("-", "+") else (0, field, field)
    for field in {field for template in _OF_TOKENS for field in template.split()}
)
# For each distance the rows that are looked at from there.
_LOOKS = [(shift, [ROW[its[1]] for its in those]) for shift, those in groupby(_TOKEN_FIELDS, key=itemgetter(0))]
TOKEN_TEMPLATES = Templates(_OF_TOKENS, BUCKETS, fields=[field for *_, field in _TOKEN_FIELDS])
# Places of a pair of tokens, `i` its start and `j` its end, and what is read there; 0, an empty token, stands for none.
_PLACES = (
    "i-2", "i-1", "i", "j", "j+1", "j+2", "second", "last_but_one", "head", "first_preposition", "last_preposition",
    "rest", "left_of_and", "right_of_and", "and", "i+1",
)  # fmt: skip
_COLUMNS = (*COLUMNS, "start_score", "end_score", "join")
_READ = Looks({
    "start_score": "start_score i", "end_score": "end_score j", "start": "mask i", "end": "mask j",
    "before": "mask i-1", "after": "mask j+1", "two_before": "mask i-2", "two_after": "mask j+2",
    "second": "mask second", "last_but_one": "mask last_but_one", "start_tag": "tag i", "end_tag": "tag j",
    "two_before_tag": "tag i-2", "two_after_tag": "tag j+2", "before_tag": "tag i-1", "after_tag": "tag j+1",
    "cue_before": "cue_end i-1", "cue_after": "cue_start j+1", "last_cue": "last_cue i-1", "head": "mask head",
    "head_meaning": "meaning head", "rest_meaning": "meaning j", "first_preposition": "mask first_preposition",
    "last_preposition": "mask last_preposition", "join_before": "join i", "join_after": "join j+1",
    "left_of_and": "tag left_of_and", "right_of_and": "tag right_of_and", "end_at_and": "end_score left_of_and",
    "start_at_and": "start_score right_of_and",
}, _COLUMNS, _PLACES)  # fmt: skip
_NAMES = Looks({
    "first": "name i", "last": "name j", "before": "name i-1", "behind": "name j+1", "rest": "name rest",
    "starting": "name_start i", "starting_rest": "name_start rest", "ending": "name_end j",
}, _COLUMNS, _PLACES)  # fmt: skip
_TRAITS = ("preposition", "conjunction", "comma", "clausal", "participle", "possessor")
_KINDS = (*_TRAITS, "cue", "start", "end")
# How often tokens of a kind stand within a pair: which kind, from where, up to but without where, at most how many.
_COUNTED = {
    "prepositions": ("preposition", "i", "j", 5), "commas": ("comma", "i", "j", 3),
    "conjunctions": ("conjunction", "i", "j", 3), "subordinators": ("clausal", "i", "j", 2),
    "participles": ("participle", "i", "j", 3), "possessors": ("possessor", "i", "j", 2),
    "ends_inside": ("end", "i", "j", 4), "predicates": ("cue", "i", "j+1", 3),
    "starts_inside": ("start", "i+1", "j+1", 4), "before_and": ("preposition", "i", "and", 2),
    "behind_and": ("preposition", "and", "j+1", 2),
}  # fmt: skip
_FROM, _UP_TO = (
    Looks({field: f"{row[0]} {row[edge]}" for field, row in _COUNTED.items()}, _KINDS, _PLACES) for edge in (1, 2)
)
_MOST = np.array([[most] for *_, most in _COUNTED.values()])
_TOLD = (
    "words_behind_and", "words_before_and", "length", "exact", "exact_rest", "cuts", "weakest_join", "better_end",
    "better_start", "comma_before",
)  # fmt: skip
PAIR_FIELDS = (*_READ.fields, *_COUNTED, *_TOLD)
# What a template names of a pair of tokens; `_pair_values` makes it.
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
), BUCKETS, fields=PAIR_FIELDS)  # fmt: skip
_BITS = trait_bits(*_TRAITS)
_PREPOSITION, _CONJUNCTION, _COMMA = map(_TRAITS.index, ("preposition", "conjunction", "comma"))
_BESIDE_AND = [*_COUNTED].index("before_and")  # from here on counts tell of what stands around a conjunction
_MARKS = ("quote", "open", "close", "single", "apostrophe")
_MARK_BITS, _SINGLE = trait_bits(*_MARKS), _MARKS.index("single")
_CLAUSE_BITS = trait_bits("conjunction", "verb", "article", "joinable")
_SUPPORTING, _CONDEMNING = code("predicates support"), code("predicates condemn")
_CUE_START = slice(ROW["cue_start"], ROW["cue_start"] + 1)
_INSIDE = 10  # the bin above which a token counts as a likely start or end
_LENGTHS = np.array([n if n < 8 else 8 + min(n // 6, 8) for n in range(1, _LONGEST + 2)])


class TokenScores(NamedTuple):
    """The logits of each token, shape (tokens,): that a target starts or ends there, or runs on to it from before."""

    starts: Floats
    ends: Floats
    joins: Floats


class Pairs(NamedTuple):
    """Candidate targets: positions in the token table, both inclusive, and their fields, (PAIR_FIELDS, pairs)."""

    starts: Integers
    ends: Integers
    values: Codes

    @property
    def features(self) -> Codes:
        """The features of each pair by itself, shape (templates, pairs)."""
        return PAIR_TEMPLATES.hash(self.values)

    def take(self, kept: NDArray[np.bool_]) -> Pairs:
        """Some of the pairs."""
        numbers = kept.nonzero()[0]
        return Pairs(self.starts[numbers], self.ends[numbers], self.values.take(numbers, axis=1))


def token_features(table: TokenTable) -> Codes:
    """The features of each token as a possible start or end, shape (templates, tokens)."""
    size = len(table)
    wide = np.zeros((len(table.codes), size + 2 * EDGE), dtype=np.uint32)
    wide[:, EDGE:-EDGE] = table.codes
    fields = [wide[rows, EDGE + shift : EDGE + shift + size] for shift, rows in _LOOKS]
    return TOKEN_TEMPLATES.hash(np.concatenate(fields))


def probability(logits: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(-logits, 30.0))))


def candidate_pairs(table: TokenTable, tokens: TokenScores, thresholds: Floats) -> Pairs:
    """The pairs of a likely start and a likely end that are not too unlikely together, their weakest gap included."""
    scores = np.array(tokens)
    chance = probability(scores[:2])
    starts, ends = (chance >= thresholds[:2, None]) & (table.sentence >= 0)
    first, last = _pairs_of(starts.nonzero()[0], ends.nonzero()[0], table)
    # The gap that each runs over; a single token has none.
    weakest = np.minimum.reduceat(scores[2], _bounds(first + 1, last + 1))[::2]
    weakest[first == last] = np.inf
    of_start, of_end = np.log(chance)
    likely = of_start.take(first) + of_end.take(last) + np.log(probability(weakest)) >= _FAINT
    kept = likely.nonzero()[0]
    first, last, weakest = first.take(kept), last.take(kept), weakest.take(kept)
    kept = (~(_torn(table, first, last) | _runs_on(table, first, last))).nonzero()[0]
    first, last, weakest = first.take(kept), last.take(kept), weakest.take(kept)
    return Pairs(first, last, _pair_values(table, scores, weakest, first, last))


def _pairs_of(starts: Integers, ends: Integers, table: TokenTable) -> tuple[Integers, Integers]:
    """Each start with each end that stands behind it in its sentence and is not too far away."""
    begins = ends.searchsorted(starts)
    furthest = np.minimum(starts + _LONGEST, table.sentence_ends.take(table.sentence.take(starts)))
    counts = ends.searchsorted(furthest) - begins
    return starts.repeat(counts), ends.take(runs(begins, counts))


def _bounds(first: Integers, behind: Integers) -> Integers:
    """Where ranges begin and end, by turns, as `reduceat` takes them; what it says of the gaps between is left out."""
    return np.array((first, behind)).T.ravel()


def _running(flags: NDArray[np.bool_]) -> Integers:
    """How many flags of each kind stand before each token, shape (kinds, tokens + 1)."""
    running = np.zeros((len(flags), flags.shape[1] + 1), dtype=np.int64)
    flags.cumsum(axis=1, out=running[:, 1:])
    return running


def _torn(table: TokenTable, i: Integers, j: Integers) -> NDArray[np.bool_]:
    """Whether a pair holds one of two quotation marks or brackets that belong together."""
    marks = table.having(_MARK_BITS)
    if not marks.any():
        return np.zeros(len(i), dtype=bool)
    running = _running(marks)
    double, opened, closed, single, apostrophes = running.take(j + 1, axis=1) - running.take(i, axis=1)
    leaves = marks[_SINGLE].take(i - 1) & (apostrophes > 0)  # begins within a quotation and ends behind it
    return np.asarray((double % 2 != 0) | (opened != closed) | (single > apostrophes) | leaves)


def _runs_on(table: TokenTable, i: Integers, j: Integers) -> NDArray[np.bool_]:
    """Whether a pair runs into the next clause: "attack and welcome the truce" has no verb for "welcome" to join."""
    conjunction, verb, article, joinable = table.having(_CLAUSE_BITS)
    label = table.column("cue_label")
    judging = verb & ((label == _SUPPORTING) | (label == _CONDEMNING))
    conjunction[:-2] &= judging[1:-1] & article[2:]
    if not conjunction.any():
        return np.zeros(len(i), dtype=bool)
    clause = following(conjunction).take(i)
    return np.asarray((clause < j) & (latest(joinable).take(clause) < i))


def _pair_values(table: TokenTable, scores: Floats, weakest: Floats, i: Integers, j: Integers) -> Codes:
    """What is known of each pair, shape (PAIR_FIELDS, pairs); `weakest` is the gap that each runs over."""
    bins = _binned(scores)
    bins[:, 0] = 0  # position 0 stands for none
    traits = table.having(_BITS)
    places, tail, joined = _pair_places(traits[_PREPOSITION], traits[_CONJUNCTION], i, j)
    columns = np.concatenate((table.codes, bins), dtype=np.uint32, casting="unsafe")
    running = _running(np.concatenate((traits, table.codes[_CUE_START] != 0, bins[:2] > _INSIDE)))
    counts = np.minimum(_UP_TO.at(places, running) - _FROM.at(places, running), _MOST)
    counts[_BESIDE_AND:] = (counts[_BESIDE_AND:] + 1) * joined
    name, last_name, before, behind, name_of_rest, starts, starts_rest, ends = _NAMES.at(places, columns)
    best = np.maximum.reduceat(scores[:2], _bounds(i, j + 1), axis=1)[:, ::2]  # within the pair, both edges included
    told = np.array((  # in the order of `_TOLD`
        np.minimum(j - tail, 6),
        np.minimum(tail - i, 6) * joined,
        _LENGTHS.take(j - i),
        starts * ((name == last_name) & (ends != 0)),
        starts_rest * ((name_of_rest == last_name) & (ends != 0)),
        ((name != 0) & (name == before)) + 2 * ((last_name != 0) & (last_name == behind)),
        _binned(weakest) * (i < j),
        best[1] > scores[1].take(j),
        best[0] > scores[0].take(i),
        traits[_COMMA].take(i - 1) + 2 * traits[_CONJUNCTION].take(i - 1),
    ))  # fmt: skip
    return np.concatenate((_READ.at(places, columns), counts, told), dtype=np.uint32, casting="unsafe")


def _pair_places(
    preposition: NDArray[np.bool_], conjunction: NDArray[np.bool_], i: Integers, j: Integers
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """The positions that `_PLACES` names, shape (_PLACES, pairs), the last conjunction or the end, and which it is."""
    last_preposition, last_conjunction = latest(np.array((preposition, conjunction))).take(j - 1, axis=1)
    first_preposition = following(preposition).take(i + 1)
    joined, several = last_conjunction > i, i < j
    has_first, has_last = first_preposition < j, last_preposition > i
    tail = np.where(joined, last_conjunction, j)
    places = (
        i - 2, i - 1, i, j, j + 1, j + 2, (i + 1) * several, (j - 1) * several,
        np.where(has_first, first_preposition - 1, j), first_preposition * has_first, last_preposition * has_last,
        np.where(has_last, last_preposition + 1, i), (tail - 1) * joined, (tail + 1) * joined, tail, i + 1,
    )  # fmt: skip
    return np.array(places), tail, joined


def _binned(logits: Floats) -> Integers:
    return np.asarray(np.minimum(np.maximum(np.rint(logits * 1.5), -7), 8).astype(np.int64) + 10)
