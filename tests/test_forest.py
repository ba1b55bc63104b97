from functools import cache

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from stance.finder_training import grow
from stance.forest import Forest


@cache
def drawn(rows=4000):
    """Values of which two together decide, as no linear model could tell."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(rows, 6)).astype(np.float32)
    values[:, 5] = np.round(values[:, 5])
    flags = (values[:, 0] > 0) != (values[:, 5] > 0)
    return values, flags ^ (rng.random(rows) < 0.05)


def grown(weights=None):
    values, flags = drawn()
    return grow(values, flags, np.ones(len(flags)) if weights is None else weights)


def boosted(monkeypatch):
    """A forest, and the booster of scikit-learn that it was made of."""
    made = []

    class Kept(GradientBoostingClassifier):
        def fit(self, *arguments, **named):
            made.append(self)
            return super().fit(*arguments, **named)

    monkeypatch.setattr("stance.finder_training.GradientBoostingClassifier", Kept)
    return grown(), made[0]


def test_forest_says_what_its_booster_says(monkeypatch):
    forest, booster = boosted(monkeypatch)
    unseen = np.random.default_rng(4).normal(scale=3, size=(500, 6)).astype(np.float32)
    for values in (drawn()[0], unseen, np.round(unseen)):
        assert np.abs(forest.logits(values) - booster.decision_function(values)).max() < 1e-5


def test_forest_learns_what_two_values_say_together():
    values, flags = drawn()
    assert ((grown().logits(values) > 0) == flags).mean() > 0.9


def test_value_at_a_bound_goes_left():
    forest = Forest(np.zeros((1, 1), np.uint8), np.ones((1, 1), np.float32), np.array([[2, 3]], np.float32))
    assert forest.logits(np.array([[0.5], [1.0], [1.5]], np.float32)).tolist() == [2.0, 2.0, 3.0]


def test_second_level_is_reached_and_trees_are_summed():
    columns = np.array([[0, 1, 2], [2, 2, 2]], np.uint8)
    bounds = np.zeros((2, 3), np.float32)
    leaves = np.array([[1, 2, 3, 4], [10, 20, 30, 40]], np.float32)
    values = np.array([[-1, -1, -1], [-1, 1, -1], [1, -1, 1], [1, 1, -1]], np.float32)
    assert Forest(columns, bounds, leaves).logits(values).tolist() == [11.0, 12.0, 44.0, 13.0]


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_things_go_through_in_parts(monkeypatch, rows):
    values = drawn()[0][:rows]
    whole = grown().logits(values)
    monkeypatch.setattr("stance.forest._AT_ONCE", 150)  # of 60 trees
    assert np.array_equal(grown().logits(values), whole)
    assert whole.shape == (rows,)


def test_weights_count():
    values, flags = drawn()
    heavy = grown(np.where(flags, 20.0, 1.0))
    assert (heavy.logits(values) > 0).mean() > (grown().logits(values) > 0).mean() + 0.1


def test_trees_that_stop_early_are_completed():
    values, flags = drawn()
    few = grow(values[:80], flags[:80], np.ones(80))
    assert few.columns.shape == (60, 15)
    assert np.isfinite(few.leaves).all()
    assert np.isfinite(few.bounds).all()
