"""A model and labelled records -> the model moved towards them: labels of one's own at work within seconds.

The new weights make the records likely under a Gaussian prior around the old ones (Chelba and Acero 2004): what the
records do not speak of stays as it was. How strongly the prior holds is chosen on held-out statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from stance.document import STANCES
from stance.features import BUCKETS
from stance.finder_training import folds
from stance.hashing import Floats, Integers
from stance.model import LinearScorer, Model, as_shipped, shipped_model, softmax
from stance.records import Record
from stance.training import (
    FOLDS,
    Progress,
    check_statements,
    checked_weights,
    cross_validated,
    digest_of,
    examples,
    fitted_temperature,
    shuffled,
    version_of,
    with_neighbours,
)

# How strongly each target's worth of prior pulls back to the old weights: under the first they hardly move.
_PRIORS = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05)
_STEPS = 50  # of the optimiser at most
_PATIENCE = 2  # weaker priors that are tried beyond the best


class _Labels(NamedTuple):
    """Targets: `X` features, `logits` of the model as it was, shape (targets, 3), `y` columns of STANCES, weights."""

    X: csr_matrix
    logits: Floats
    y: Integers
    weights: Floats

    def take(self, rows: Integers) -> _Labels:
        """Some of them."""
        return _Labels(self.X[rows], self.logits[rows], self.y[rows], self.weights[rows])


class _Held(NamedTuple):
    """A prior, and what models moved under it say of statements that they did not see, with the loss on each target."""

    prior: float
    logits: Floats
    losses: Floats


def adapt(
    records: Sequence[Record],
    *,
    model: Model | None = None,
    weights: Sequence[float] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """A model moved towards labelled records: what `train` on all data takes minutes for, in seconds.

    Only the weights that give the stances move; which spans are targets stays as it is. The card keeps what it said and
    tells under `adapted` of the records, of the scores on held-out statements of theirs before and after, and of the
    digest of the model as it was.

    Parameters
    ----------
    records
        Labelled sentences, a few dozen at least; sentences of one statement are kept in one fold.
    model
        The model to move; the shipped one if None.
    weights
        How much each record counts, one a record, times the weight that it has itself; 1 if None.
    seed
        For the folds and for the intervals of the card.
    progress
        Called after each prior that is tried with the share of the work that is done, 0..1, and with the score.

    Raises
    ------
    ValueError
        Where fewer than three statements are given, no target is, or a sentence stands in two statements.
    """
    model = model or shipped_model()
    each_weight = checked_weights(records, weights)
    check_statements(records)
    if not any(record.targets for record in records):
        raise ValueError("records must hold a target, got none; label some")
    made = examples(records, model.lexicon)
    groups = shuffled([record.statement or record.id for record in records], seed)
    counts = [len(mentioned) for mentioned in made.mentioned]
    made = made._replace(groups=np.repeat(groups, counts).tolist(), weights=np.repeat(each_weight, counts))
    with threadpool_limits(1):
        alone = _logits(model.alone, made.X)
        X = with_neighbours(made, softmax(alone)).X
        stances = np.searchsorted(np.array(STANCES, dtype=np.str_), made.y)
        labels = _Labels(X, _logits(model.joint, X) / model.temperature, stances, made.weights)
        held = _chosen(labels, made.groups, progress)
        moved = _moved(labels, held.prior)
    before, after = (cross_validated(made, logits, seed) for logits in (labels.logits, held.logits))
    card = dict(model.card) | {
        "adapted": {
            "from": model.card.get("digest"),
            "package": version_of("joint-stance"),
            "records": len(records),
            "targets": len(made.y),
            "statements": len(set(groups)),
            "data": digest_of(records),
            "prior": held.prior,
            "seed": seed,
            "before": before,
            "after": after,
        }
    }
    joint = _added(model.joint, moved * model.temperature)
    temperature = model.temperature * fitted_temperature(held.logits, made.y)
    return as_shipped(replace(model, joint=joint, temperature=temperature, card=card))


def _logits(scorer: LinearScorer, X: csr_matrix) -> Floats:
    return np.asarray(X[:, scorer.buckets] @ scorer.weights + scorer.intercept, dtype=np.float64)


def _chosen(labels: _Labels, groups: Sequence[str], progress: Progress | None) -> _Held:
    """The strongest prior that is as good as the best on held-out statements, within one standard error."""
    tried: list[_Held] = []
    best = 0
    for number, prior in enumerate(_PRIORS):
        tried.append(_held_out(labels, groups, prior))
        if tried[number].losses.sum() < tried[best].losses.sum():
            best = number
        if progress is not None:
            right = float((tried[number].logits.argmax(axis=1) == labels.y).mean())
            progress((number + 1) / len(_PRIORS), f"prior {prior:g}: {right:.1%} right")
        if number - best >= _PATIENCE:
            break
    _, statement = np.unique(np.asarray(groups), return_inverse=True)
    for held in tried[:best]:
        excess = np.bincount(statement, held.losses - tried[best].losses)
        if excess.sum() <= np.sqrt(len(excess) * excess.var()):
            return held
    return tried[best]


def _held_out(labels: _Labels, groups: Sequence[str], prior: float) -> _Held:
    logits = labels.logits.copy()
    for learned, held in folds(groups, FOLDS):
        logits[held] += labels.X[held] @ _moved(labels.take(learned), prior)
    return _Held(prior, logits, _losses(logits, labels))


def _losses(logits: Floats, labels: _Labels) -> Floats:
    return np.asarray(-labels.weights * np.log(softmax(logits)[np.arange(len(labels.y)), labels.y] + 1e-12))


def _moved(labels: _Labels, prior: float) -> Floats:
    """How far the weights move, shape (BUCKETS, 3)."""
    seen = np.unique(labels.X.indices)
    X, shape = labels.X[:, seen], (len(seen), len(STANCES))
    pull = prior * labels.weights.sum()
    given = np.eye(len(STANCES))[labels.y]

    def loss(flat: Floats) -> tuple[float, Floats]:
        change = flat.reshape(shape)
        logits = labels.logits + X @ change
        slope = X.T @ (labels.weights[:, None] * (softmax(logits) - given)) + pull * change
        return float(_losses(logits, labels).sum() + pull / 2 * (change**2).sum()), slope.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    moved = np.zeros((BUCKETS, len(STANCES)))
    moved[seen] = found.x.reshape(shape)
    return moved


def _added(scorer: LinearScorer, moved: Floats) -> LinearScorer:
    """The scorer with its weights moved, shape (BUCKETS, 3)."""
    weights: NDArray[np.float32] = moved.astype(np.float32)
    weights[scorer.buckets] += scorer.weights
    used = np.flatnonzero(weights.any(axis=1))
    return LinearScorer(used.astype(np.uint32), weights[used], scorer.intercept)
