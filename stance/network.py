"""Sentences -> what each span of them is worth as a target, and which stance it has: small recurrent networks.

The linear models see a target through features that were thought of before; these read the sentence word by word
from both ends (a bidirectional LSTM, Hochreiter and Schmidhuber 1997; Graves and Schmidhuber 2005) and learn themselves
what to remember; as much is taken up as is forgotten, so that one gate serves both (Greff and others 2017). Networks
that differ by chance alone err differently, so the mean of what several say is right more often than each.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Codes, Floats, Integers, Templates
from stance.token_table import ROW, TokenTable, counted

Array = NDArray[np.float32]

BUCKETS = 1 << 18
SIZE, CELLS, HIDDEN = 64, 96, 224  # of a word's vector, of the memory in each direction, of the layer that sees spans
LONGEST = 33  # tokens; all longer spans count as so long
OUTPUTS = 4
STANCE, TARGET = slice(0, 3), 3  # of the outputs: the logits of the stances, and that of being a target at all
VIEWS = ("before", "first", "last", "behind")  # the tokens on both sides of where a span begins and of where it ends
_STRETCH = 500  # tokens that are read in one go at most; real sentences end before
_AT_ONCE = 12_000  # tokens that are read together; bounds memory
_FIELDS = (
    "mask", "tag", "tone", "sense", "suffix", "cue_label", "cue_start", "cue_end", "last_cue", "name_start", "name_end",
    "inside", "negated",
)  # fmt: skip
TEMPLATES = Templates(_FIELDS, BUCKETS, range(4001, 4001 + len(_FIELDS)), _FIELDS)
_ROWS = np.array([ROW[field] for field in _FIELDS])
_ROWS_AT_LEAST = 2  # of what is multiplied: BLAS adds up a single row in another order
LEAVING, KEEPING, FRESH = range(3)  # what words and states lead to: two gates, and what is to be remembered


def shapes(buckets: int) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays that are learned, by name; `words` has one row more than there are buckets."""
    return {
        "words": (buckets + 1, SIZE),
        "kernel": (3, 2, SIZE + CELLS, CELLS),
        "bias": (3, 2, 1, CELLS),
        "views": (len(VIEWS) * 2 * CELLS, HIDDEN),
        "lengths": (LONGEST, HIDDEN),
        "view_bias": (1, HIDDEN),
        "outputs": (HIDDEN, OUTPUTS),
        "output_bias": (1, OUTPUTS),
    }


class Network(NamedTuple):
    """The learned arrays, of the `shapes`; those of several networks, `stacked`, have one more axis in front.

    A token's vector is the sum of the rows of `words` of its fields; `places` tells the row of each bucket, the last
    one, all zeros, for what was never seen. `kernel` and `bias` lead from it and from the state before, one behind the
    other, to the gates of each direction; `views` from the states of the tokens that a span sees to a hidden layer, to
    which `lengths` and `view_bias` are added; `outputs` and `output_bias` lead on to the logits.
    """

    places: NDArray[np.int32]
    words: Array
    kernel: Array
    bias: Array
    views: Array
    lengths: Array
    view_bias: Array
    outputs: Array
    output_bias: Array


def stacked(networks: Sequence[Network]) -> Network:
    """The arrays of networks that know the same words in one, so that one walk through the sentences serves all."""
    return Network(networks[0].places, *map(np.stack, zip(*(network[1:] for network in networks), strict=True)))


def vectors(words: Array, rows: NDArray[np.int32]) -> Array:
    """The vectors of tokens, shape (tokens, SIZE), given the rows of their fields, (fields, tokens)."""
    summed: Array = words.take(rows[0], axis=0)
    for its in rows[1:]:  # one by one: what is taken stays in the processor's memory
        summed += words.take(its, axis=0)
    return summed


def stretches(begins: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Sentences in pieces, where they are too long to be any: a reader need not remember so much."""
    sizes = ends - begins
    if sizes.max(initial=0) <= _STRETCH:
        return begins, ends
    counts = -(-sizes // _STRETCH)
    starts = begins.repeat(counts) + _STRETCH * counted(counts)
    return starts, np.minimum(starts + _STRETCH, ends.repeat(counts))


class Walk(NamedTuple):
    """The order in which sentences are read: the longest first, all at once, a token of each a step.

    `places`, shape (2, tokens), are the tokens read forwards and backwards, step by step; `bounds` tells where each
    step begins and ends among them.
    """

    places: Integers
    bounds: list[tuple[int, int]]

    def taken(self, values: Array) -> Array:
        """What stands at the places, (2, tokens, width), of all values, (tokens, 2, width)."""
        return np.stack([values[places, direction] for direction, places in enumerate(self.places)])

    def lay(self, values: Array, out: Array) -> None:
        """Undo that: put what was read at the places where the tokens stand."""
        for direction, places in enumerate(self.places):
            out[places, direction] = values[direction]


def walk(begins: Integers, ends: Integers) -> Walk:
    """The walk through sentences, given where each begins and ends in a table of tokens."""
    sizes = ends - begins
    order = np.argsort(-sizes, kind="stable")
    begins, ends, sizes = begins[order], ends[order], sizes[order]
    steps = int(sizes[0]) if len(sizes) else 0
    active = len(sizes) - np.searchsorted(sizes[::-1], np.arange(steps), side="right")
    step, row = np.arange(steps).repeat(active), counted(active)
    bounds = np.append(0, active.cumsum()).tolist()
    return Walk(np.array((begins[row] + step, ends[row] - 1 - step)), list(zip(bounds[:-1], bounds[1:], strict=True)))


def remembered(
    brought: Array,
    bounds: Sequence[tuple[int, int]],
    kernel: Array,
    bias: Array,
    noted: list[tuple[Array, Array]] | None = None,
) -> Array:
    """The states at each step of a walk, shape (..., 2, tokens, CELLS).

    `brought`, shape (..., 2, tokens, SIZE), holds the vectors of the tokens in the order of the walk; in front may be
    an axis of several networks, which in `kernel` and `bias` comes behind that of the gates. To `noted` are added the
    values of the gates and the memories of each step. A gate is the logistic function of twice its logit, a tangent
    like the rest: one operation for all three.
    """
    *front, tokens, _ = brought.shape
    states = np.empty((*front, tokens, CELLS), dtype=np.float32)
    most = max(bounds[0][1] if bounds else 0, _ROWS_AT_LEAST)
    known = np.zeros((*front, most, SIZE + CELLS), dtype=np.float32)  # the vector of a token and the state before
    memory = np.zeros((*front, most, CELLS), dtype=np.float32)
    for begin, end in bounds:
        size = end - begin
        rows = max(size, _ROWS_AT_LEAST)
        known, memory = known[..., :rows, :], memory[..., :rows, :]
        known[..., :size, :SIZE] = brought[..., begin:end, :]
        gates = np.matmul(known, kernel, order="C")
        gates += bias
        np.tanh(gates, out=gates)
        opened, fresh = gates[:FRESH], gates[FRESH]
        opened *= 0.5
        opened += 0.5
        memory = (memory - fresh) * gates[KEEPING]
        memory += fresh
        state = np.tanh(memory)
        state *= gates[LEAVING]
        known[..., SIZE:] = state
        states[..., begin:end, :] = state[..., :size, :]
        if noted is not None:
            noted.append((gates[..., :size, :], memory[..., :size, :]))
    return states


def word_buckets(table: TokenTable) -> Codes:
    """The bucket of each field of each token, shape (fields, tokens)."""
    return TEMPLATES.hash(table.codes.take(_ROWS, axis=0))


def beside(edges: Integers) -> Integers:
    """The tokens on both sides of where spans begin, or of where they end: half of the `VIEWS`, shape (edges, 2)."""
    return np.array((edges - 1, edges)).T


class Seen:
    """A table of tokens as `stacked` networks have read it: the states of each at each token."""

    def __init__(self, networks: Network, table: TokenTable) -> None:
        self._networks = networks
        several = len(networks.words)
        self._states = np.zeros((several, len(table), 2, CELLS), dtype=np.float32)  # zeros between sentences
        buckets = word_buckets(table)
        begins, ends = stretches(table.offsets, table.sentence_ends)
        block = ends // _AT_ONCE
        cuts = [0, *((block[1:] != block[:-1]).nonzero()[0] + 1).tolist(), len(ends)]
        for first, last in pairwise(cuts):
            if first < last:
                self._read(buckets, begins[first:last], ends[first:last])

    def _read(self, buckets: Codes, begins: Integers, ends: Integers) -> None:
        """Fill in the states of the tokens of some sentences that stand beside each other."""
        networks, block = self._networks, slice(int(begins[0]), int(ends[-1]))
        its = walk(begins - block.start, ends - block.start)
        rows = networks.places.take(buckets[:, block])
        brought = np.stack([vectors(words, rows).take(its.places, axis=0) for words in networks.words])
        learned = networks.kernel.swapaxes(0, 1), networks.bias.swapaxes(0, 1)
        for states, out in zip(remembered(brought, its.bounds, *learned), self._states[:, block], strict=True):
            its.lay(states, out)

    def logits(self, firsts: Integers, lasts: Integers) -> Floats:
        """The mean logits of spans, shape (spans, OUTPUTS); they hold the tokens `firsts` up to but without `lasts`.

        They are rounded, since their last digits hang on what is read together.
        """
        return self.exact_logits(firsts, lasts).round(2)

    def exact_logits(self, firsts: Integers, lasts: Integers) -> Floats:
        """The logits as they come out."""
        networks, told = self._networks, np.zeros((len(firsts), OUTPUTS))
        if not len(firsts):
            return told
        sizes = np.minimum(lasts - firsts, LONGEST) - 1
        edges = [np.unique(places, return_inverse=True) for places in (firsts, lasts)]  # spans share them
        edges = [(np.resize(places, max(len(places), _ROWS_AT_LEAST)), which) for places, which in edges]
        lengths = networks.lengths + networks.view_bias
        for its in range(len(lengths)):
            hidden = lengths[its].take(sizes, axis=0)
            for (places, which), views in zip(edges, np.split(networks.views[its], len(edges)), strict=True):
                seen = self._states[its].take(beside(places), axis=0).reshape(len(places), len(views))
                hidden += (seen @ views).take(which, axis=0)
            # so narrow a product is added up in an order that hangs on its length
            exact = np.maximum(hidden, 0.0, out=hidden).astype(np.float64)
            told += exact @ networks.outputs[its] + networks.output_bias[its]
        return told / len(lengths)
