from typing import NamedTuple

import numpy as np
import pytest
from marked import reading_of

from stance import network_training as training
from stance.finder_training import folds
from stance.network import OUTPUTS, STANCE, TARGET, Network, Seen, stacked, word_buckets
from stance.network_training import Asked, network_logits, train_networks
from stance.token_table import token_table

PLACES = ("Aden", "Bari", "Cork", "Dakar", "Essen", "Fez", "Graz", "Homs", "Izmir", "Jena", "Kyoto", "Lima")
CONDEMN, NEUTRAL, SUPPORT = range(3)


class Told(NamedTuple):
    text: str
    spans: list
    stances: list


def asked(text, *targets, others=()):
    """A sentence with its targets, each as (first, last, stance), and with spans that are none."""
    spans = [(first, last) for first, last, _ in targets]
    return Told(text, [*spans, *others], [stance for *_, stance in targets])


def learned(made):
    """What is learned from the sentences, as a table and as what is asked of each."""
    return token_table([reading_of(each.text) for each in made]), [Asked(each.spans, each.stances) for each in made]


def networks_of(made, others, groups, weights):
    return train_networks(*learned(made), others, groups, weights)


def logits_of(networks, text, spans):
    (logits,) = network_logits(networks, token_table([reading_of(text)]), np.arange(1), [spans])
    return logits


def one_of(networks, number):
    """One of stacked networks, as a stack of its own."""
    return Network(networks.places, *(array[number : number + 1] for array in networks[1:]))


def sentences():
    made = []
    for place in PLACES:
        made += [
            asked(
                f"In {place} we deplored the raid, not the march.", (5, 6, CONDEMN), (9, 10, SUPPORT), others=[(3, 4)]
            ),
            asked(
                f"In {place} we deplored the march, not the raid.", (5, 6, CONDEMN), (9, 10, SUPPORT), others=[(2, 3)]
            ),
            asked(f"The report came to {place} late.", (1, 2, NEUTRAL), others=[(2, 3), (5, 6)]),
        ]
    return made, [f"s{number // 3}" for number in range(len(made))]


def trained():
    made, groups = sentences()
    return networks_of(made, [each.spans for each in made], groups, np.ones(len(made)))


def test_networks_learn_what_hangs_on_the_order_of_words():
    made, _ = sentences()
    networks, told = trained()
    assert told
    for number, logits in told.items():
        each = made[number]
        assert logits.shape == (len(each.spans), OUTPUTS)
        assert logits[: len(each.stances), STANCE].argmax(axis=1).tolist() == list(each.stances)
        assert (logits[:, TARGET] > 0).tolist() == [number < len(each.stances) for number in range(len(each.spans))]
    for some in (networks, one_of(networks, 0), one_of(networks, 1)):
        logits = logits_of(some, "In Riga we deplored the march, not the raid.", [(5, 6), (9, 10)])
        assert logits[:, STANCE].argmax(axis=1).tolist() == [CONDEMN, SUPPORT]


def test_what_is_told_of_a_statement_comes_from_a_network_that_did_not_see_it():
    made, groups = sentences()
    learned, held = next(folds(groups, training._PARTS_OF_FEW))
    turned = [each._replace(stances=[2 - stance for stance in each.stances]) for each in made]
    mixed = [turned[n] if n in held else made[n] for n in range(len(made))]
    _, told = networks_of(mixed, [each.spans for each in mixed], groups, np.ones(len(mixed)))
    assert set(told) == set(held) == set(range(len(made))) - set(learned)
    for number, logits in told.items():
        wanted = made[number].stances
        assert logits[: len(wanted), STANCE].argmax(axis=1).tolist() == list(wanted)


def test_networks_begin_with_other_numbers():
    networks, _ = trained()
    assert not np.allclose(*networks.outputs)


def test_training_is_the_same_each_time():
    (one, told), (other, told_again) = trained(), trained()
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert set(told) == set(told_again)
    assert all(np.array_equal(told[number], told_again[number]) for number in told)


def test_weights_count():
    made = [asked("They named it a raid.", (4, 5, number // 3 % 2 * 2)) for number in range(12)]
    groups = [f"s{number}" for number in range(len(made))]
    for heavy in (CONDEMN, SUPPORT):
        weights = np.array([9.0 if each.stances == [heavy] else 1.0 for each in made])
        networks, _ = networks_of(made, [each.spans for each in made], groups, weights)
        logits = logits_of(networks, "They named it a raid.", [(4, 5)])
        assert logits[0, STANCE].argmax() == heavy


def test_sentences_without_spans_and_spans_without_targets_do_no_harm():
    made, groups = sentences()
    more = [*made, asked("It rained."), asked("They came to a town.", others=[(4, 5)])]
    others = [[*each.spans, (0, 1)] for each in more]
    networks, told = networks_of(more, others, [*groups, "x", "y"], np.ones(len(more)))
    assert {number: len(its) for number, its in told.items()} == {number: len(others[number]) for number in told}
    assert all(np.isfinite(array).all() for array in networks)


def test_no_spans_at_all_leave_a_network_that_says_nothing_wild():
    made = [asked("It rained.") for _ in range(4)]
    networks, told = networks_of(made, [[] for _ in made], list("abcd"), np.ones(4))
    assert [its.shape for its in told.values()] == [(0, OUTPUTS)] * 2
    assert all(np.isfinite(array).all() for array in networks)


def loss(network, table, spans):
    """The loss that is made small, worked out from the logits as they are used."""
    logits = Seen(stacked([network]), table).exact_logits(spans.firsts, spans.lasts).astype(np.float64)
    target = spans.stances >= 0
    share = spans.weights / spans.weights.sum()
    chances = logits[target, STANCE] - np.log(np.exp(logits[target, STANCE]).sum(axis=1, keepdims=True))
    of_stance = -chances[np.arange(target.sum()), spans.stances[target]]
    of_target = np.log1p(np.exp(logits[:, TARGET])) - target * logits[:, TARGET]
    return training._STANCE_WORTH * (share[target] * of_stance).sum() + (share * of_target).sum()


@pytest.mark.parametrize("name", Network._fields[1:])
def test_slopes_are_those_of_the_loss(name, monkeypatch):
    monkeypatch.setattr(training, "_DROPPED", 0.0)
    monkeypatch.setattr(training, "_UNSEEN", 0.0)
    made = sentences()[0][:6]
    table, spans = training._tabled(*learned(made), np.array([1.0, 2.0, 0.5, 1.0, 1.0, 3.0]), np.arange(len(made)))
    rng = np.random.default_rng(4)
    network = training._untrained(training._frequent(table), rng)
    network = network._replace(**{each: 3 * getattr(network, each) for each in ("kernel", "outputs")})
    batch = training._batch(table, network.places[word_buckets(table)], spans, np.arange(len(made)))
    met, slopes = training._slopes(network, batch, rng)
    whole = np.zeros_like(network.words)
    whole[met] = slopes[0]
    slope = [whole, *slopes[1:]][Network._fields.index(name) - 1]
    # along the slope itself the loss rises by the square of its length
    size = np.sqrt((slope.astype(np.float64) ** 2).sum())
    step = 0.001 / size
    up, down = (
        loss(network._replace(**{name: getattr(network, name) + sign * step * slope}), table, spans) for sign in (1, -1)
    )
    assert (up - down) / (2 * step) == pytest.approx(size**2, rel=0.02)
