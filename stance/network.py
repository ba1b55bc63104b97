"""Sentences -> what each span of them is worth as a target, and which stance it has: a small recurrent network.

The linear models see a target through features that were thought of before; this one reads the sentence word by word
from both ends (a bidirectional LSTM, Hochreiter and Schmidhuber 1997; Graves and Schmidhuber 2005) and learns itself
what to remember. Both are asked, and what they say is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Codes, Floats, Integers, Templates
from stance.token_table import ROW, TokenTable, counted

Array = NDArray[np.float32]

BUCKETS = 1 << 18
SIZE = CELLS = HIDDEN = 64  # of a word's vector, of the memory in each direction, of the layer that looks at spans
LONGEST = 33  # tokens; all longer spans count as so long
OUTPUTS = 4
STANCE, TARGET = slice(0, 3), 3  # of the outputs: the logits of the stances, and that of being a target at all
_FIELDS = ("mask", "tag", "tone", "sense", "suffix", "cue_label")
TEMPLATES = Templates(_FIELDS, BUCKETS, range(4001, 4001 + len(_FIELDS)), _FIELDS)
_ROWS = np.array([ROW[field] for field in _FIELDS])
_GATES = slice(0, 3 * CELLS)  # forget, input and output; behind them what is to be remembered


# Of the arrays that are learned; `words` has one row more than there are buckets.
SHAPES: dict[str, tuple[int, ...]] = {
    "words": (0, SIZE),
    "inputs": (SIZE, 8 * CELLS),
    "input_bias": (8 * CELLS,),
    "recurrent": (2, CELLS, 4 * CELLS),
    "views": (2 * CELLS, 5 * HIDDEN),
    "lengths": (LONGEST, HIDDEN),
    "view_bias": (HIDDEN,),
    "outputs": (HIDDEN, OUTPUTS),
    "output_bias": (OUTPUTS,),
}


class Network(NamedTuple):
    """The learned arrays, of the `SHAPES`.

    A token's vector is the sum of the rows of `words` of its fields, whose buckets in rising order are `buckets`; the
    last row, all zeros, stands for what was never seen. `inputs` and `input_bias` lead to the gates of both directions,
    `recurrent` from each direction's state to its own; `views` from the states to what a span sees of its first and
    last token, of the mean of all, and of the tokens before and behind; `lengths` and `view_bias` are added, and
    `outputs` and `output_bias` lead from there to the logits.
    """

    buckets: Codes
    words: Array
    inputs: Array
    input_bias: Array
    recurrent: Array
    views: Array
    lengths: Array
    view_bias: Array
    outputs: Array
    output_bias: Array


class Walk(NamedTuple):
    """The order in which sentences are read: the longest first, all at once, a token of each a step.

    `places`, shape (2, tokens), are the tokens read forwards and backwards, step by step; `bounds` tells where each
    step begins and ends among them.
    """

    places: Integers
    bounds: list[tuple[int, int]]


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

    `gates`, shape (2, tokens, 4 * CELLS), holds what the words bring to them, and in the end their values. A gate is
    the logistic function of twice its logit, a tangent like the rest: one operation for all four.
    """
    states, memories = np.empty((2, 2, gates.shape[1], CELLS), dtype=np.float32)
    last = 0
    for begin, end in bounds:
        now = gates[:, begin:end]
        its = slice(last, last + end - begin)
        if begin:
            now += states[:, its] @ recurrent
        np.tanh(now, out=now)
        opened = now[..., _GATES]
        opened *= 0.5
        opened += 0.5
        memory = memories[:, begin:end]
        np.multiply(now[..., CELLS : 2 * CELLS], now[..., 3 * CELLS :], out=memory)
        if begin:
            memory += now[..., :CELLS] * memories[:, its]
        state = states[:, begin:end]
        np.tanh(memory, out=state)
        state *= now[..., 2 * CELLS : 3 * CELLS]
        last = begin
    return states, memories


def word_buckets(table: TokenTable) -> Codes:
    """The bucket of each field of each token, shape (fields, tokens)."""
    return TEMPLATES.hash(table.codes.take(_ROWS, axis=0))


def token_rows(table: TokenTable, buckets: Codes) -> Integers:
    """The row of `words` of each field of each token, shape (fields, tokens)."""
    asked = word_buckets(table)
    places = np.minimum(buckets.searchsorted(asked), max(len(buckets) - 1, 0))
    return np.where(buckets.take(places) == asked, places, len(buckets)) if len(buckets) else np.zeros_like(asked)


class Seen:
    """A table of tokens as a network has read it: what spans see of each token."""

    def __init__(self, network: Network, table: TokenTable) -> None:
        self._network = network
        its = walk(table.offsets, table.sentence_ends)
        vectors = network.words.take(token_rows(table, network.buckets), axis=0).sum(axis=0)
        brought = (vectors @ network.inputs + network.input_bias).reshape(len(table), 2, 4 * CELLS)
        gates = np.array((brought[its.places[0], 0], brought[its.places[1], 1]))
        states, _ = remembered(gates, its.bounds, network.recurrent)
        known = np.zeros((len(table), 2, CELLS), dtype=np.float32)  # all zeros between the sentences
        known[its.places[0], 0], known[its.places[1], 1] = states
        self._views = (known.reshape(len(table), -1) @ network.views).reshape(len(table), 5, HIDDEN)
        self._sums = np.zeros((len(table) + 1, HIDDEN))
        self._views[:, 2].cumsum(axis=0, dtype=np.float64, out=self._sums[1:])

    def logits(self, firsts: Integers, lasts: Integers) -> Floats:
        """The logits of spans, shape (spans, OUTPUTS); they hold the tokens `firsts` up to but without `lasts`."""
        network, sums, sizes = self._network, self._sums, lasts - firsts
        hidden = ((sums.take(lasts, axis=0) - sums.take(firsts, axis=0)) / sizes[:, None]).astype(np.float32)
        hidden += self._views[firsts, 0] + self._views[lasts - 1, 1]
        hidden += self._views[firsts - 1, 3] + self._views[lasts, 4]
        hidden += network.lengths.take(np.minimum(sizes, LONGEST) - 1, axis=0) + network.view_bias
        return np.asarray(np.maximum(hidden, 0.0) @ network.outputs + network.output_bias, dtype=np.float64)
