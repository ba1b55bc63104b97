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
LEAVING, KEEPING, FRESH = range(3)  # what words and states lead to: two gates, and what is to be remembered


def shapes(buckets: int) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays that are learned, by name; `words` has one row more than there are buckets."""
    return {
        "words": (buckets + 1, SIZE),
        "inputs": (3, 2, SIZE, CELLS),
        "input_bias": (3, 2, 1, CELLS),
        "recurrent": (3, 2, CELLS, CELLS),
        "views": (len(VIEWS) * 2 * CELLS, HIDDEN),
        "lengths": (LONGEST, HIDDEN),
        "view_bias": (1, HIDDEN),
        "outputs": (HIDDEN, OUTPUTS),
        "output_bias": (1, OUTPUTS),
    }


class Network(NamedTuple):
    """The learned arrays, of the `shapes`.

    A token's vector is the sum of the rows of `words` of its fields; `places` tells the row of each bucket, the last
    one, all zeros, for what was never seen. `inputs` and `input_bias` lead to the gates of both directions, `recurrent`
    from each direction's state to its own; `views` from the states of the tokens that a span sees to a hidden layer, to
    which `lengths` and `view_bias` are added; `outputs` and `output_bias` lead on to the logits.
    """

    places: NDArray[np.int32]
    words: Array
    inputs: Array
    input_bias: Array
    recurrent: Array
    views: Array
    lengths: Array
    view_bias: Array
    outputs: Array
    output_bias: Array

    def vectors(self, rows: NDArray[np.int32]) -> Array:
        """The vectors of tokens, shape (tokens, SIZE), given the rows of their fields, (fields, tokens)."""
        summed: Array = self.words.take(rows[0], axis=0)
        for its in rows[1:]:  # one by one: what is taken stays in the processor's memory
            summed += self.words.take(its, axis=0)
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


def remembered(gates: Array, bounds: Sequence[tuple[int, int]], recurrent: Array) -> tuple[Array, Array]:
    """The states and the memories at each step, both of the shape (2, tokens, CELLS).

    `gates`, shape (3, 2, tokens, CELLS), holds what the words bring to them, and in the end their values. A gate is the
    logistic function of twice its logit, a tangent like the rest: one operation for all three.
    """
    states, memories = np.empty((2, *gates.shape[1:]), dtype=np.float32)
    last = 0
    for begin, end in bounds:
        now, memory, state = gates[:, :, begin:end], memories[:, begin:end], states[:, begin:end]
        before = slice(last, last + end - begin)
        if begin:
            now += states[:, before] @ recurrent
        np.tanh(now, out=now)
        opened = now[:FRESH]
        opened *= 0.5
        opened += 0.5
        np.subtract(memories[:, before] if begin else 0.0, now[FRESH], out=memory)
        memory *= now[KEEPING]
        memory += now[FRESH]
        np.tanh(memory, out=state)
        state *= now[LEAVING]
        last = begin
    return states, memories


def word_buckets(table: TokenTable) -> Codes:
    """The bucket of each field of each token, shape (fields, tokens)."""
    return TEMPLATES.hash(table.codes.take(_ROWS, axis=0))


def beside(edges: Integers) -> Integers:
    """The tokens on both sides of where spans begin, or of where they end: half of the `VIEWS`, shape (edges, 2)."""
    return np.array((edges - 1, edges)).T


class Seen:
    """A table of tokens as some networks have read it: the states of each at each token."""

    def __init__(self, networks: Sequence[Network], table: TokenTable) -> None:
        self._networks = networks
        self._states = np.zeros((len(networks), len(table), 2, CELLS), dtype=np.float32)  # zeros between sentences
        buckets = word_buckets(table)
        begins, ends = stretches(table.offsets, table.sentence_ends)
        block = ends // _AT_ONCE
        cuts = [0, *((block[1:] != block[:-1]).nonzero()[0] + 1).tolist(), len(ends)]
        for first, last in pairwise(cuts):
            if first < last:
                self._read(buckets, begins[first:last], ends[first:last])

    def _read(self, buckets: Codes, begins: Integers, ends: Integers) -> None:
        """Fill in the states of the tokens of some sentences that stand beside each other."""
        block = slice(int(begins[0]), int(ends[-1]))
        its = walk(begins - block.start, ends - block.start)
        for network, out in zip(self._networks, self._states[:, block], strict=True):
            rows = network.places.take(buckets[:, block])
            gates = network.vectors(rows).take(its.places, axis=0) @ network.inputs
            gates += network.input_bias
            states, _ = remembered(gates, its.bounds, network.recurrent)
            its.lay(states, out)

    def logits(self, firsts: Integers, lasts: Integers) -> Floats:
        """The mean logits of spans, shape (spans, OUTPUTS); they hold the tokens `firsts` up to but without `lasts`.

        They are rounded, since their last digits hang on what is read together.
        """
        return np.asarray(self.exact_logits(firsts, lasts), dtype=np.float64).round(2)

    def exact_logits(self, firsts: Integers, lasts: Integers) -> Array:
        """The logits as they come out."""
        lengths = np.minimum(lasts - firsts, LONGEST) - 1
        edges = [np.unique(places, return_inverse=True) for places in (firsts, lasts)]  # spans share them
        told = np.zeros((len(firsts), OUTPUTS), dtype=np.float32)
        for network, states in zip(self._networks, self._states, strict=True):
            hidden = network.lengths.take(lengths, axis=0) + network.view_bias
            for (places, which), views in zip(edges, np.split(network.views, len(edges)), strict=True):
                seen = states.take(beside(places), axis=0).reshape(len(places), len(views))
                hidden += (seen @ views).take(which, axis=0)
            told += np.maximum(hidden, 0.0, out=hidden) @ network.outputs + network.output_bias
        return told / np.float32(len(self._networks))
