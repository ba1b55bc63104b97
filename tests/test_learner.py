from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from stance.learner import AveragedLogisticRegression
from stance.model import softmax

CLASSES = ("condemn", "neutral", "support")


@cache
def drawn(rows=600, classes=3):
    """Rows of 0 and 1 of which the first columns tell the class, most of the time."""
    rng = np.random.default_rng(1)
    y = rng.integers(classes, size=rows)
    X = rng.random((rows, 12)) < 0.2
    X[np.arange(rows), np.where(rng.random(rows) < 0.8, y, 11)] = True
    return csr_matrix(X.astype(np.float64)), np.array(CLASSES)[y]


@pytest.mark.parametrize("classes", [2, 3])
def test_guesses_are_those_of_logistic_regression(classes):
    X, y = drawn(classes=classes)
    averaged, exact = AveragedLogisticRegression(C=1.0, passes=30).fit(X, y), LogisticRegression(C=1.0).fit(X, y)
    assert (averaged.predict(X) == exact.predict(X)).mean() > 0.97


def test_two_classes_have_a_row_each_and_the_probabilities_of_one_logit():
    X, y = drawn(classes=2)
    learner = AveragedLogisticRegression().fit(X, y)
    assert learner.coef_.shape == (2, 12)
    logit = learner.decision_function(X)
    assert logit.shape == (600,)
    assert np.abs(learner.predict_proba(X)[:, 1] - 1 / (1 + np.exp(-logit))).max() < 1e-12


def test_probabilities_are_the_softmax_of_the_logits():
    X, y = drawn()
    learner = AveragedLogisticRegression().fit(X, y)
    assert learner.classes_.tolist() == list(CLASSES)
    logits = X @ learner.coef_.T + learner.intercept_
    assert np.abs(learner.predict_proba(X) - softmax(logits)).max() < 1e-12
    assert (learner.predict(X) == np.array(CLASSES)[logits.argmax(axis=1)]).all()


def test_the_same_rows_give_the_same_weights():
    X, y = drawn()
    assert (AveragedLogisticRegression().fit(X, y).coef_ == AveragedLogisticRegression().fit(X, y).coef_).all()


def test_weights_and_wide_indices_are_taken():
    X, y = drawn()
    wide = X.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    heavy = np.where(y == "support", 30.0, 1.0)
    shares = [(AveragedLogisticRegression().fit(wide, y, w).predict(X) == "support").mean() for w in (None, heavy)]
    assert shares[1] > shares[0] + 0.2
    assert wide.indices.dtype == np.int64  # what was given is left as it was


def test_clone_keeps_the_settings():
    copy = clone(AveragedLogisticRegression(C=2.0, passes=3, step=0.1, most_steps=9))
    assert copy.get_params() == {"C": 2.0, "passes": 3, "step": 0.1, "most_steps": 9}


def test_many_rows_are_seen_less_often():
    X, y = drawn()
    short, whole = (AveragedLogisticRegression(most_steps=most).fit(X, y) for most in (len(y), 10**9))
    once = AveragedLogisticRegression(passes=1).fit(X, y)
    assert np.array_equal(short.coef_, once.coef_)
    assert not np.array_equal(short.coef_, whole.coef_)


@pytest.mark.parametrize(
    ("settings", "got"), [({"C": 0}, "C=0, pas"), ({"C": -1.5}, "C=-1.5"), ({"passes": 0}, "passes=0")]
)
def test_settings_that_are_not_positive_are_refused(settings, got):
    with pytest.raises(ValueError, match=rf"C must be a positive number and passes at least 1, got .*{got}"):
        AveragedLogisticRegression(**settings).fit(*drawn())


def test_no_rows_are_refused():
    X, y = drawn()
    with pytest.raises(ValueError, match="X must have at least one row, got none; give more records"):
        AveragedLogisticRegression().fit(X[:0], y[:0])


def test_two_classes_can_be_scored_by_rank():
    X, y = drawn(classes=2)
    assert cross_val_score(AveragedLogisticRegression(), X, y == "neutral", cv=3, scoring="roc_auc").min() > 0.7
