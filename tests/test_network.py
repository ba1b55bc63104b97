import numpy as np
import pytest
from marked import reading_of, small_network

from stance.hashing import places_of
from stance.model import shipped_model
from stance.network import (
    BUCKETS,
    CELLS,
    LONGEST,
    OUTPUTS,
    Network,
    Seen,
    shapes,
    stacked,
    stretches,
    walk,
    word_buckets,
)
from stance.token_table import token_table

TEXTS = (
    "We condemn the attack on the port of Odesa.",
    "They met.",
    "No one supports the sanctions against Peru.",
    "No.",
)


def table_of(*texts):
    return token_table([reading_of(text) for text in texts])


def some_network(table):
    """A network with any weights that knows every second word of a table."""
    rng = np.random.default_rng(1)
    buckets = np.unique(word_buckets(table)[:, table.sentence >= 0])[::2]
    arrays = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes(len(buckets)).items()}
    arrays["words"][-1] = 0
    return Network(places_of(buckets, BUCKETS), **arrays)


def logits_of(network, text, first, last):
    table = table_of(text)
    offset = table.offsets[0]
    return Seen(stacked([network]), table).exact_logits(np.array([first]) + offset, np.array([last]) + offset)[0]


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def read_one_by_one(network, vectors, direction):
    """The states after each token: the equations of the network, one token at a time."""
    state, memory, states = np.zeros(CELLS), np.zeros(CELLS), []
    kernel, bias = network.kernel[:, direction], network.bias[:, direction, 0]
    for vector in vectors if direction == 0 else vectors[::-1]:
        leaving, keeping, fresh = np.concatenate([vector, state]) @ kernel + bias
        kept = sigmoid(2 * keeping)
        memory = kept * memory + (1 - kept) * np.tanh(fresh)
        state = sigmoid(2 * leaving) * np.tanh(memory)
        states.append(state)
    return np.array(states if direction == 0 else states[::-1])


def told_by_equations(network, rows, first, last):
    """The logits of a span."""
    vectors = network.words[rows].sum(axis=0)
    states = np.concatenate([read_one_by_one(network, vectors, direction) for direction in (0, 1)], axis=1)
    hidden = network.lengths[last - first - 1] + network.view_bias[0]
    hidden = hidden + np.concatenate(states[[first - 1, first, last - 1, last]]) @ network.views
    return np.maximum(hidden, 0) @ network.outputs + network.output_bias[0]


@pytest.mark.parametrize("sizes", [[], [1], [3, 1, 5], [2, 2, 2], [7, 1]])
def test_walk_reads_each_token_once_from_both_ends(sizes):
    ends = np.cumsum(sizes, dtype=int)
    its = walk(ends - sizes, ends)
    forwards, backwards = its.places
    assert sorted(forwards) == sorted(backwards) == list(range(sum(sizes)))
    assert its.bounds == [
        (sum(min(size, step) for size in sizes), sum(min(size, step + 1) for size in sizes))
        for step in range(max(sizes, default=0))
    ]
    for begin, end in zip(ends - sizes, ends, strict=True):
        own = [place for place in forwards if begin <= place < end]
        assert own == sorted(own)
        assert [place for place in backwards if begin <= place < end] == own[::-1]


def test_logits_are_those_of_the_equations():
    table = table_of(TEXTS[0])
    network, first, last = some_network(table), 3, 9
    rows = network.places[word_buckets(table)][:, table.sentence == 0]
    expected = told_by_equations(network, rows, first, last)
    assert logits_of(network, TEXTS[0], first, last) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_nothing_stands_before_the_first_token_and_behind_the_last():
    table = table_of("Peace now")
    network = some_network(table)
    cut = network.views.copy()
    cut[: 2 * CELLS] = cut[3 * 2 * CELLS :] = 0  # what is seen of the tokens before and behind
    assert logits_of(network, "Peace now", 0, 2) == pytest.approx(
        logits_of(network._replace(views=cut), "Peace now", 0, 2), abs=1e-6
    )


def test_sentences_of_a_batch_are_read_as_if_alone():
    table = table_of(*TEXTS)
    network = some_network(table)
    firsts, lasts = table.offsets, table.sentence_ends
    together = Seen(stacked([network]), table).exact_logits(firsts, lasts)
    alone = [logits_of(network, text, 0, last - first) for text, first, last in zip(TEXTS, firsts, lasts, strict=True)]
    assert together == pytest.approx(np.array(alone), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("state", ["China", "Russia", "Iran", "Ukraine", "Türkiye", "Tuvalu"])
def test_swapping_one_state_for_another_changes_nothing(state):
    text = "We condemn {}'s attack on the port."
    logits = [
        Seen(shipped_model().networks, table).exact_logits(table.offsets + 2, table.offsets + 5)
        for table in (table_of(text.format(each)) for each in (state, "Peru"))
    ]
    assert np.array_equal(*logits)


@pytest.mark.parametrize("changed", ["They condemn the attack again.", "We condemn the attack today."])
def test_words_on_both_sides_are_read(changed):
    network = some_network(table_of("We condemn the attack again.", changed))
    assert not np.allclose(logits_of(network, changed, 2, 4), logits_of(network, "We condemn the attack again.", 2, 4))


def test_words_that_were_never_seen_add_nothing():
    table = table_of("We condemn.")
    network = small_network()
    assert (network.places[word_buckets(table)] == 2).all()
    assert (places_of(np.zeros(0, np.uint32), BUCKETS) == 0).all()
    assert places_of(np.array([5, 9], np.uint32), BUCKETS)[[4, 5, 9]].tolist() == [2, 0, 1]


def test_spans_longer_than_the_longest_are_read():
    text = "Peace " * (2 * LONGEST)
    network = some_network(table_of(text))
    assert logits_of(network, text, 0, 2 * LONGEST).shape == (OUTPUTS,)


def test_what_is_too_long_for_a_sentence_is_read_in_stretches(monkeypatch):
    text = "We condemn the attack and welcome the truce today."  # ten tokens
    table = table_of(text)
    network = some_network(table)
    whole = logits_of(network, text, 4, 9)
    monkeypatch.setattr("stance.network._STRETCH", 4)
    assert not np.allclose(logits_of(network, text, 4, 9), whole)
    begins, ends = stretches(np.array([0, 20, 23]), np.array([10, 23, 27]))
    assert (begins.tolist(), ends.tolist()) == ([0, 4, 8, 20, 23], [4, 8, 10, 23, 27])


def test_tables_are_read_block_by_block(monkeypatch):
    table = table_of(*TEXTS * 3)
    network = some_network(table)
    whole = Seen(stacked([network]), table).exact_logits(table.offsets, table.sentence_ends)
    monkeypatch.setattr("stance.network._AT_ONCE", 16)
    parts = Seen(stacked([network]), table).exact_logits(table.offsets, table.sentence_ends)
    assert parts == pytest.approx(whole, rel=1e-4, abs=1e-5)


def test_what_several_networks_say_is_the_mean():
    table = table_of(*TEXTS)
    one = some_network(table)
    other = one._replace(outputs=-one.outputs, output_bias=one.output_bias + 1)
    edges = table.offsets, table.sentence_ends
    both, alone = (Seen(stacked(networks), table).exact_logits(*edges) for networks in ([one, other], [one]))
    expected = (alone + Seen(stacked([other]), table).exact_logits(*edges)) / 2
    assert both == pytest.approx(expected, abs=1e-5)
    assert not np.allclose(both, alone)


def test_no_sentences_and_no_spans_have_no_logits():
    nothing = np.zeros(0, dtype=np.int64)
    for table in (token_table([]), table_of("We met.")):
        assert Seen(stacked([small_network()]), table).logits(nothing, nothing).shape == (0, OUTPUTS)
