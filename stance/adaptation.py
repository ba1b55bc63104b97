"""A model and labelled records -> the model moved towards them: labels of one's own at work within seconds.

The new weights make the records likely under a Gaussian prior around the old ones (Chelba and Acero 2004), so that
features of which the records do not speak keep theirs. How strongly the prior holds is chosen on held-out statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from stance.bootstrap import macro_f1
from stance.document import STANCES
from stance.examples import examples
from stance.features import BUCKETS
from stance.finder_training import folds
from stance.fitting import Progress, columns_of, confusion, cross_validated
from stance.hashing import Floats, Integers
from stance.model import LinearScorer, Model, as_shipped, given_model, softmax
from stance.network import STANCE
from stance.network_training import network_logits
from stance.records import Record
from stance.trainable import check_stances, check_statements, checked_weights, digest_of, shuffled
from stance.training import version_of

# How strongly each target's worth of prior pulls back to the old weights: under the first they hardly move.
_PRIORS = (16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05)
_FOLDS = 3  # of the labelled statements: they are few, so that more are left to learn from than in training
_LEAST_PULL = 32.0  # of all targets together, or a dozen sentences would turn the whole model
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
    """A prior, None for the model as it was, and what models moved under it say of statements that they did not see."""

    prior: float | None
    logits: Floats

    def macro_f1(self, y: Integers) -> float:
        """The mean F1 of the stances."""
        return float(macro_f1(confusion(y, self.logits.argmax(axis=1))))


def adapt(
    records: Sequence[Record],
    *,
    model: Model | None = None,
    weights: Sequence[float] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """A model for texts whose stances are told otherwise than in those it was trained on, made in seconds.

    Only the weights of the last step of judging move, no further than makes the model more often right on held-out
    statements of the records; else it stays as it was. Which spans are targets, the rules and the word tables stay. On
    texts unlike the records it becomes worse. For other spans, and for many records, `train`.

    The card tells under `adapted` of the records, of how strongly the prior held (None where nothing moved) and of the
    scores `before` and `after` on held-out statements, the latter a little too good, since they chose the prior; under
    `from` stands the card of the model that was moved.

    Parameters
    ----------
    records
        Labelled sentences, a few dozen at least; sentences of one statement are kept in one fold.
    model
        The model to move; the shipped one if None.
    weights
        How much each record counts beside the others, one a record, times the weight that it has itself; 1 if None.
    seed
        For the intervals of the card, and for the folds where statements are of one size.
    progress
        Called after each prior that is tried with the share of the work that is done, 0..1, and with the score.

    Raises
    ------
    ValueError
        Where a stance has no target, fewer than three statements are given, a sentence stands in two statements, or
        the model has learned from these records already.
    """
    model = given_model(model)
    each_weight = checked_weights(records, weights)
    told = [number for number, record in enumerate(records) if record.targets]
    records, each_weight = [records[number] for number in told], each_weight[told]
    check_statements(records)
    digest = digest_of(records)
    if digest in _learned(model.card):
        raise ValueError("records must be others than the model has learned from, got the same; adapt it to new ones")
    made = examples(records, model.lexicon)
    check_stances(Counter(made.y.tolist()))
    groups = shuffled([record.statement or record.id for record in records], seed)
    made = made.told_by_record(groups, _scaled(each_weight))
    with threadpool_limits(1):
        buckets = np.unique(made.X.indices)
        by_features, by_network = model.blend.stances
        answers = network_logits(model.networks, made.table, np.arange(len(made.spans)), made.spans)
        by_words = np.concatenate([its[:, STANCE] for its in answers])
        logits = by_features * _logits(model.scorer, made.X) + by_network * by_words
        labels = _Labels(made.X[:, buckets], logits, columns_of(made.y), made.weights)
        held = _chosen(labels, made.groups, progress)
        scorer = model.scorer if held.prior is None else _added(model, buckets, _change(labels, held.prior))
    if progress is not None:
        progress(1.0, "adapted")
    learned = {
        "records": len(records),
        "targets": len(made.y),
        "statements": len(set(groups)),
        "data": digest,
        "prior": held.prior,
        "seed": seed,
        "before": cross_validated(made.y, made.groups, labels.logits, seed),
        "after": cross_validated(made.y, made.groups, held.logits, seed),
    }
    card = {
        "package": version_of("joint-stance"),
        "lexicon": model.card.get("lexicon"),
        "tables": model.card.get("tables"),
        "adapted": learned,
        "from": {name: value for name, value in model.card.items() if name != "tables"},
    }
    return as_shipped(replace(model, scorer=scorer, card=card))


def _learned(card: Mapping[str, Any]) -> Iterator[Any]:
    """The digests of all data that a model has learned from."""
    known: object = card
    while isinstance(known, Mapping):
        adapted = known.get("adapted")
        yield known.get("data")
        yield adapted.get("data") if isinstance(adapted, Mapping) else None
        known = known.get("from")


def _scaled(weights: Floats) -> Floats:
    """Weights with the mean 1, whatever their size."""
    shares = weights / weights.max()
    return np.asarray(shares / shares.mean())


def _logits(scorer: LinearScorer, X: csr_matrix) -> Floats:
    return np.asarray(X[:, scorer.buckets] @ scorer.weights + scorer.intercept, dtype=np.float64)


def _chosen(labels: _Labels, groups: Sequence[str], progress: Progress | None) -> _Held:
    """The strongest prior that is as good as the best on held-out statements, within one standard error.

    None where macro-F1 is no higher under it than before.
    """
    before, best = _Held(None, labels.logits), 0
    tried: list[_Held] = []
    losses: list[Floats] = []
    for number, prior in enumerate(_PRIORS):
        tried.append(_held_out(labels, groups, prior))
        losses.append(_losses(tried[number].logits, labels))
        if losses[number].sum() < losses[best].sum():
            best = number
        if progress is not None:
            progress((number + 1) / len(_PRIORS), f"prior {prior:g}: macro-F1 {tried[number].macro_f1(labels.y):.3f}")
        if number - best >= _PATIENCE:
            break
    _, statement = np.unique(np.asarray(groups), return_inverse=True)
    excess = (np.bincount(statement, its - losses[best]) for its in losses)
    chosen = next(held for held, its in zip(tried, excess, strict=True) if its.sum() <= np.sqrt(len(its) * its.var()))
    return chosen if chosen.macro_f1(labels.y) > before.macro_f1(labels.y) else before


def _held_out(labels: _Labels, groups: Sequence[str], prior: float) -> _Held:
    logits = labels.logits.copy()
    for learned, held in folds(groups, _FOLDS):
        logits[held] += labels.X[held] @ _change(labels.take(learned), prior)
    return _Held(prior, logits)


def _losses(logits: Floats, labels: _Labels) -> Floats:
    given = logits[np.arange(len(labels.y)), labels.y]
    return np.asarray(labels.weights * (logsumexp(logits, axis=1) - given))


def _change(labels: _Labels, prior: float) -> Floats:
    """By how much the weights change under a prior, shape (features, 3)."""
    start = np.zeros(labels.X.shape[1] * len(STANCES))
    pull = max(prior * float(labels.weights.sum()), _LEAST_PULL)
    options = {"maxiter": _STEPS}
    found = minimize(_loss_and_slope, start, args=(labels, pull), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x.reshape(-1, len(STANCES)))


def _loss_and_slope(flat: Floats, labels: _Labels, pull: float) -> tuple[float, Floats]:
    """What is made small, and its gradient: the loss on the labels and half the pull times the squared change."""
    change = flat.reshape(-1, len(STANCES))
    logits = labels.logits + labels.X @ change
    surplus = labels.weights[:, None] * (softmax(logits) - np.eye(len(STANCES))[labels.y])
    loss = float(_losses(logits, labels).sum() + pull / 2 * (change**2).sum())
    return loss, (labels.X.T @ surplus + pull * change).ravel()


def _added(model: Model, buckets: Integers, change: Floats) -> LinearScorer:
    """The scorer with the weights of some buckets changed; the change is that of logits as they count in the model."""
    weights = np.zeros((BUCKETS, len(STANCES)), dtype=np.float32)
    weights[model.scorer.buckets] = model.scorer.weights
    weights[buckets] += change / model.blend.stances[0]
    used = np.flatnonzero(weights.any(axis=1))
    return LinearScorer(used.astype(np.uint32), weights[used], model.scorer.intercept)
