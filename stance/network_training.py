"""Tokens and the targets among them -> Networks: gradients, written out, and steps of Adam (Kingma and Ba 2015)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import ceil, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from stance.finder_training import folds
from stance.hashing import Codes, Floats, Integers, places_of
from stance.model import softmax
from stance.network import (
    BUCKETS,
    CELLS,
    FRESH,
    HIDDEN,
    KEEPING,
    LEAVING,
    LONGEST,
    SIZE,
    STANCE,
    TARGET,
    Array,
    Network,
    Seen,
    beside,
    remembered,
    shapes,
    stacked,
    stretches,
    vectors,
    walk,
    word_buckets,
)
from stance.token_table import TokenTable, runs

_RARE = 3  # words of fewer tokens have no row
_FEW = 10_000  # sentences
_PARTS, _PARTS_OF_FEW = 10, 3  # one of so many parts of the statements is held back from the last network
_TOGETHER, _TOGETHER_OF_FEW = 128, 16  # sentences a step, and where there are few
_PASSES, _PASSES_OF_FEW, _MOST_PASSES = 3, 8, 40  # how often each sentence is read, at least and at most
_STEPS, _FEWEST_STEPS = 600, 200  # that few sentences should be enough for, and that are taken in any case
_RATE = 6e-3  # the highest; it rises during the first tenth of the steps and then falls to zero
_DECAYS = (0.9, 0.999)  # of the means of the gradients and of their squares
_SHRINK = 0.1  # of the weights, a step and rate
_STEEPEST = 1.0  # the length to which longer gradients are cut
_LONGEST_SENTENCE = 2000  # tokens; nothing is learned of longer ones, which bounds memory
_DROPPED, _UNSEEN = 0.1, 0.1  # the shares of all values that are left out, and of words that count as never seen
_STANCE_WORTH = 1.7  # of a target's stance beside a span's being one
_AT_ONCE = 500  # sentences that are asked for together; bounds memory
_SPREADS = {"words": 0.15, "kernel": 0.07, "views": 0.08, "lengths": 0.1, "outputs": 0.1}  # at first
_NEAR = 6  # sentences whose lengths differ by less may come in any order


class Asked(NamedTuple):
    """The half-open token spans in a sentence that a network learns from.

    The first spans are targets and have `stances`, columns of STANCES; those behind them are none.
    """

    spans: Sequence[tuple[int, int]]
    stances: Sequence[int]


class _Spans(NamedTuple):
    """Spans by their place in a table: the tokens `firsts` up to but without `lasts` of the sentence `sentences`.

    `stances` holds columns of STANCES, or -1; `weights` how much each counts.
    """

    sentences: Integers
    firsts: Integers
    lasts: Integers
    stances: Integers
    weights: Array


class _Batch(NamedTuple):
    """Some sentences, with an empty place on both sides of each: `rows`, shape (fields, places), and their spans."""

    rows: NDArray[np.int32]
    begins: Integers
    ends: Integers
    firsts: Integers
    lasts: Integers
    stances: Integers
    weights: Array


def train_networks(
    table: TokenTable,
    asked: Sequence[Asked],
    others: Sequence[Sequence[tuple[int, int]]],
    groups: Sequence[str],
    weights: Floats,
    processes: int = 1,
) -> tuple[Network, dict[int, Floats]]:
    """Two networks, stacked, and what the second says of the `others` of sentences that it did not learn from.

    These are of statements held back from it. The networks begin with other random numbers; what is told has the number
    of the sentence and the shape (spans, OUTPUTS).

    Parameters
    ----------
    table
        The tokens of the sentences to learn from.
    asked
        What is learned from each.
    others
        The spans of each that are asked for.
    groups, weights
        The statement of each sentence, and how much it counts.
    processes
        How many networks are trained at once.
    """
    learned, held = next(folds(groups, _PARTS if len(asked) >= _FEW else _PARTS_OF_FEW))
    workers = Parallel(n_jobs=processes, max_nbytes=None)  # SciPy must be able to write to what they are given
    known = _frequent(table)
    each = (np.arange(len(asked)), learned)
    networks = workers(
        delayed(_trained)(*_tabled(table, asked, weights, its), known, seed) for seed, its in enumerate(each)
    )
    logits = network_logits(stacked(networks[-1:]), table, held, [others[i] for i in held])
    return stacked(networks), dict(zip(held.tolist(), logits, strict=True))


def network_logits(
    networks: Network, table: TokenTable, sentences: Integers, spans: Sequence[Sequence[tuple[int, int]]]
) -> Iterator[Floats]:
    """What networks, stacked, say of the half-open token spans of some sentences of a table: shape (spans, OUTPUTS)."""
    for start in range(0, len(sentences), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        its, sizes = table.taken(sentences[some]), [len(each) for each in spans[some]]
        logits = Seen(networks, its).logits(*its.edges(spans[some]))
        yield from np.split(logits, np.cumsum(sizes)[:-1])


def _tabled(
    table: TokenTable, asked: Sequence[Asked], weights: Floats, sentences: Integers
) -> tuple[TokenTable, _Spans]:
    """The table of some of the sentences, and what is learned from them."""
    table, learned = table.taken(sentences), [asked[i] for i in sentences]
    sizes = [len(each.spans) for each in learned]
    stances = [[*each.stances, *[-1] * (size - len(each.stances))] for each, size in zip(learned, sizes, strict=True)]
    firsts, lasts = table.edges([each.spans for each in learned])
    return table, _Spans(
        np.arange(len(learned)).repeat(sizes),
        firsts,
        lasts,
        np.array(list(chain.from_iterable(stances)), dtype=np.int64),
        weights[sentences].repeat(sizes).astype(np.float32),
    )


def _trained(table: TokenTable, spans: _Spans, known: Codes, seed: int) -> Network:
    """A network that has learned from the spans of a table, with rows for the `known` buckets of words."""
    rng = np.random.default_rng(seed)
    network = _untrained(known, rng)
    weights = network[1:]
    moments = [(np.zeros_like(each), np.zeros_like(each)) for each in weights]
    rows = network.places.take(word_buckets(table))
    network.words[np.bincount(rows.ravel(), minlength=len(network.words)) == 0] = 0.0  # nothing is learned of these
    told = np.unique(spans.sentences)
    told = told[(table.sentence_ends - table.offsets)[told] <= _LONGEST_SENTENCE]
    batches = [*_batches(table, told, rng)]
    with threadpool_limits(1):  # the matrices are small: more threads only wait for each other
        for number, sentences in enumerate(batches):
            met, slopes = _slopes(network, _batch(table, rows, spans, sentences), rng)
            _step(weights, moments, met, slopes, number, len(batches))
    return network


def _frequent(table: TokenTable) -> Codes:
    """The buckets of words that are not rare."""
    buckets, counts = np.unique(word_buckets(table)[:, table.sentence >= 0], return_counts=True)
    return buckets[counts >= _RARE]


def _untrained(buckets: Codes, rng: np.random.Generator) -> Network:
    """The arrays before the first step, drawn by chance."""
    arrays = {
        name: (rng.standard_normal(shape) * _SPREADS.get(name, 0.0)).astype(np.float32)
        for name, shape in shapes(len(buckets)).items()
    }
    arrays["words"][-1] = 0.0
    arrays["bias"][KEEPING] = 0.5  # to forget nothing at first
    return Network(places_of(buckets, BUCKETS), **arrays)


def _batches(table: TokenTable, told: Integers, rng: np.random.Generator) -> Iterator[Integers]:
    """The sentences of each step: so many of about one length together, in any order."""
    together, passes = (_TOGETHER, _PASSES) if len(told) >= _FEW else (_TOGETHER_OF_FEW, _PASSES_OF_FEW)
    a_pass = max(len(told) / together, 1)  # in steps
    passes = ceil(max(min(max(passes, _STEPS / a_pass), _MOST_PASSES), _FEWEST_STEPS / a_pass))
    sizes = (table.sentence_ends - table.offsets)[told]
    for _ in range(passes):
        order = told[np.argsort(sizes + rng.random(len(told)) * _NEAR)]
        groups = [order[i : i + together] for i in range(0, len(order), together)]
        yield from (groups[number] for number in rng.permutation(len(groups)))


def _batch(table: TokenTable, rows: NDArray[np.int32], spans: _Spans, sentences: Integers) -> _Batch:
    sentences = np.sort(sentences)
    offsets = table.offsets[sentences]
    sizes = table.sentence_ends[sentences] - offsets
    wide = sizes + 2
    begins = wide.cumsum() - wide + 1
    tokens = runs(offsets - 1, wide)
    low = spans.sentences.searchsorted(sentences)
    many = spans.sentences.searchsorted(sentences, side="right") - low
    own = runs(low, many)
    shift = (begins - offsets).repeat(many)
    firsts, lasts = spans.firsts[own] + shift, spans.lasts[own] + shift
    return _Batch(rows[:, tokens], begins, begins + sizes, firsts, lasts, spans.stances[own], spans.weights[own])


def _kept(shape: tuple[int, ...], dropped: float, rng: np.random.Generator) -> Array:
    """What to multiply values by, so that some are left out and the mean stays (Srivastava et al. 2014)."""
    chances = np.frombuffer(rng.bytes(prod(shape)), dtype=np.uint8).reshape(shape)
    least = round(256 * dropped)
    return (chances >= least) * np.float32(256 / (256 - least))


def _slopes(network: Network, batch: _Batch, rng: np.random.Generator) -> tuple[Codes, list[Array]]:
    """The gradient of the loss on a batch, one for each array of the network but its places.

    That of `words` is for the rows that are met in the batch, which come first.
    """
    size = batch.rows.shape[1]
    its = walk(*stretches(batch.begins, batch.ends))
    nothing = len(network.words) - 1
    rows = np.where((np.arange(len(batch.rows)) == 0)[:, None] & (rng.random(size) < _UNSEEN), nothing, batch.rows)
    word_kept, state_kept, view_kept = (
        _kept(shape, _DROPPED, rng) for shape in ((size, SIZE), (size, 2 * CELLS), (len(batch.firsts), HIDDEN))
    )
    # forwards
    brought: Array = (vectors(network.words, rows) * word_kept).take(its.places, axis=0)
    noted: list[tuple[Array, Array]] = []
    states = remembered(brought, its.bounds, network.kernel, network.bias, noted)
    known: Array = np.zeros((size, 2 * CELLS), dtype=np.float32)
    its.lay(states, known.reshape(size, 2, CELLS))
    known *= state_kept
    lengths = np.minimum(batch.lasts - batch.firsts, LONGEST) - 1
    hidden = network.lengths.take(lengths, axis=0) + network.view_bias
    edges = [np.unique(its, return_inverse=True) for its in (batch.firsts, batch.lasts)]  # spans share them
    views = np.split(network.views, len(edges))
    seen = [known.take(beside(places), axis=0).reshape(len(places), -1) for places, _ in edges]
    for (_, which), its_seen, its_views in zip(edges, seen, views, strict=True):
        hidden += (its_seen @ its_views).take(which, axis=0)
    alive = (hidden > 0) * view_kept
    hidden *= alive
    logits = hidden @ network.outputs + network.output_bias
    # backwards
    of_logits = _surplus(logits, batch)
    of_hidden = (of_logits @ network.outputs.T) * alive
    of_known, of_views = np.zeros_like(known), []
    for (places, which), its_seen, its_views in zip(edges, seen, views, strict=True):
        of_edges = _summed(which, of_hidden, len(places))
        of_views.append(its_seen.T @ of_edges)
        of_seen = (of_edges @ its_views.T).reshape(len(places), 2, -1)
        for side, at in enumerate(beside(places).T):
            of_known[at] += of_seen[:, side]
    of_known *= state_kept
    of_states = its.taken(of_known.reshape(size, 2, CELLS))
    inputs, recurrent = np.split(network.kernel, [SIZE], axis=2)
    of_gates, of_recurrent = _back_through(its.bounds, noted, states, of_states, recurrent)
    of_brought = (of_gates @ _turned(inputs)).sum(axis=0).reshape(its.places.size, -1)
    met = np.flatnonzero(np.bincount(rows.ravel())).astype(np.uint32)
    of_words = _summed(
        places_of(met, nothing + 1)[rows], _summed(its.places.ravel(), of_brought, size) * word_kept, len(met)
    )
    of_words[met == nothing] = 0.0
    return met, [
        of_words, np.concatenate([_turned(brought) @ of_gates, of_recurrent], axis=2), _total(of_gates),
        np.concatenate(of_views), _summed(lengths, of_hidden, LONGEST), _total(of_hidden),
        hidden.T @ of_logits, _total(of_logits),
    ]  # fmt: skip


def _turned(matrices: Array) -> Array:
    return matrices.swapaxes(-1, -2)


def _total(values: Array) -> Array:
    return np.asarray(values.sum(axis=-2, keepdims=True))


def _summed(rows: NDArray[Any], values: Array, size: int) -> Array:
    """The sums, shape (size, width), of the values that belong to each row, (values, width).

    `rows` tells the row of each value, or several, shape (several, values).
    """
    columns = np.atleast_2d(rows)
    several, count = columns.shape
    ones, ends = np.ones(rows.size, dtype=np.float32), np.arange(0, rows.size + 1, several)
    return np.asarray(csc_matrix((ones, columns.T.ravel(), ends), shape=(size, count)) @ values)


def _surplus(logits: Array, batch: _Batch) -> Array:
    """The gradient of the loss for the logits: by how much what is said is above what is true."""
    target = batch.stances >= 0
    surplus = np.empty_like(logits)
    surplus[:, STANCE] = softmax(logits[:, STANCE].astype(np.float64))
    surplus[target, batch.stances[target]] -= 1
    surplus[:, STANCE] *= _STANCE_WORTH * target[:, None]
    surplus[:, TARGET] = 1 / (1 + np.exp(-logits[:, TARGET])) - target
    return np.asarray(surplus * (batch.weights / batch.weights.sum())[:, None], dtype=np.float32)


def _back_through(
    bounds: Sequence[tuple[int, int]],
    noted: Sequence[tuple[Array, Array]],
    states: Array,
    of_states: Array,
    recurrent: Array,
) -> tuple[Array, Array]:
    """The gradients for what the words bring to the gates, and for the weights from state to state.

    Those for the states become those for them by way of all steps that follow.
    """
    of_gates, turned = np.empty((3, *states.shape), dtype=np.float32), np.ascontiguousarray(_turned(recurrent))
    of_memory = from_next = of_states[:, :0]
    for (begin, end), ((leaving, keeping, fresh), memory) in zip(reversed(bounds), reversed(noted), strict=True):
        state, of_state, its = states[:, begin:end], of_states[:, begin:end], of_gates[:, :, begin:end]
        still = of_memory.shape[1]  # so many sentences go on
        of_state[:, :still] += from_next
        of_here = (leaving - state * np.tanh(memory)) * of_state
        of_here[:, :still] += of_memory
        of_memory = of_here * keeping
        of_here -= of_memory
        its[LEAVING] = (2 - 2 * leaving) * state * of_state
        its[KEEPING] = 2 * (memory - fresh) * of_here
        its[FRESH] = (1 - fresh * fresh) * of_here
        from_next = (its @ turned).sum(axis=0)
    begins, ends = np.array(bounds).T
    before = runs(begins[:-1], (ends - begins)[1:])  # the place of the token before each but the first of a sentence
    return of_gates, _turned(states[:, before]) @ of_gates[:, :, int(ends[0]) :]


def _step(
    weights: Sequence[Array],
    moments: Sequence[tuple[Array, Array]],
    met: Codes,
    slopes: Sequence[Array],
    number: int,
    steps: int,
) -> None:
    """One step of Adam, in place; weights shrink by themselves too (Loshchilov and Hutter 2019).

    Of the words, the first of the weights, those in the rows `met` alone move, and only their moments fade.
    """
    length = np.sqrt(sum(float(np.vdot(slope, slope)) for slope in slopes))
    cut = np.float32(min(1.0, _STEEPEST / (length + 1e-6)))
    done = (number + 1) / steps
    rate = _RATE * (done / 0.1 if done < 0.1 else 0.5 * (1 + np.cos(np.pi * (done - 0.1) / 0.9)))
    (first, second), many = _DECAYS, number + 1
    scale = np.float32(rate * np.sqrt(1 - second**many) / (1 - first**many))
    places: list[Any] = [met, *[...] * (len(slopes) - 1)]
    for weight, (means, squares), slope, place in zip(weights, moments, slopes, places, strict=True):
        slope *= cut
        mean, square, its = means[place], squares[place], weight[place]
        mean += (1 - first) * (slope - mean)
        square += (1 - second) * (slope * slope - square)
        its *= 1 - rate * _SHRINK
        its -= scale * mean / (np.sqrt(square) + 1e-8)
        means[place], squares[place], weight[place] = mean, square, its
