"""Examples -> LinearScorer: a scikit-learn pipeline is fitted, scored on held-out statements, and kept as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed

from stance.bootstrap import class_f1, interval, macro_f1
from stance.document import STANCES
from stance.examples import Examples
from stance.finder_training import folds
from stance.hashing import Floats, Integers
from stance.learner import AveragedLogisticRegression
from stance.model import LinearScorer, softmax

_WORKERS, _MANY = 2, 10_000  # so many models are fitted at once where there are so many examples
_MOST_WORTH = 5.0  # of the logits of one model
Progress = Callable[[float, str], None]  # is told the share of the work that is done, and what has been


class FrequentFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Keeps the columns of a sparse matrix that are filled in at least `min_count` rows."""

    def __init__(self, min_count: int = 2) -> None:
        self.min_count = min_count

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002
        """Learn which columns are frequent."""
        counts = np.asarray((X != 0).sum(axis=0)).ravel()
        self.columns_ = np.flatnonzero(counts >= self.min_count)
        if not len(self.columns_):
            raise ValueError(f"X must have a feature that fills {self.min_count} rows, got none; give more records")
        return self

    def transform(self, X: Any) -> Any:
        """The frequent columns."""
        return X[:, self.columns_]


def make_steps(C: float = 0.3, min_count: int = 3) -> Pipeline:
    """What is fitted: an untrained scikit-learn pipeline from features (`examples(records).X`) to stances.

    Parameters
    ----------
    C
        Inverse strength of the L2 penalty.
    min_count
        Rows in which a feature must occur to count.
    """
    return Pipeline(
        [
            ("frequent", FrequentFeatures(min_count)),
            ("classifier", AveragedLogisticRegression(C)),
        ]
    )


def check_steps(pipeline: Pipeline) -> None:
    """Check that a pipeline has the steps that are fitted, by their names.

    Raises
    ------
    ValueError
        Where it has others.
    """
    names = [name for name in pipeline.named_steps if name != "features"]
    if names != ["frequent", "classifier"]:
        got = ", ".join(pipeline.named_steps)
        raise ValueError(f"pipeline must have the steps frequent and classifier, got {got}; take make_pipeline's")


class Steps:
    """Tells a caller how far training is; the numbers are parts of the time that the shipped model took."""

    total = 21

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.so_far = 0

    def done(self, seconds: int, what: str) -> None:
        """Tell that a step is done."""
        self.so_far += seconds
        if self.progress is not None:
            self.progress(min(self.so_far / self.total, 1.0), what)


def scorer_and_probabilities(
    made: Examples, pipeline: Pipeline | None = None, steps: Steps | None = None
) -> tuple[LinearScorer, Floats]:
    """The scorer of all examples, and the probabilities of each from models that did not see its statement.

    The probabilities have the shape (examples, 3).
    """
    held_out = np.full((len(made.y), len(STANCES)), 1 / len(STANCES))
    parts = [(learned, held) for learned, held in folds(made.groups) if set(made.y[learned]) >= set(map(str, STANCES))]
    # what takes long in scikit-learn lets others run meanwhile, and threads need no copies of the features
    threads = Parallel(n_jobs=processes(len(made.y)), prefer="threads", return_as="generator")
    results = threads(_fits(made, pipeline, parts))
    whole: LinearScorer = next(results)
    for number, ((_, held), its) in enumerate(zip(parts, results, strict=True), 1):
        held_out[held] = its
        if steps is not None:
            counts = confusion(columns_of(made.y[held]), held_out[held].argmax(axis=1))
            steps.done(1, f"fold {number} of {len(parts)}, macro-F1 {float(macro_f1(counts)):.3f}")
    return whole, held_out


def fitted(made: Examples, pipeline: Pipeline | None = None) -> Pipeline:
    """A pipeline fitted on the examples."""
    return _fit(pipeline, made.X, made.y, made.weights)


def freeze(pipeline: Pipeline) -> LinearScorer:
    """The arrays of a fitted pipeline, which score as it does.

    Raises
    ------
    ValueError
        Where the classifier is not linear.
    """
    classifier = pipeline[-1]
    if getattr(classifier, "coef_", np.zeros(0)).shape[:1] != (len(STANCES),):
        raise ValueError(
            f"classifier must be linear with a row of coef_ for each stance, got {type(classifier).__name__}; "
            "use LogisticRegression, LinearSVC, SGDClassifier or RidgeClassifier as the last step"
        )
    buckets, weights = pipeline["frequent"].columns_, classifier.coef_.T.astype(np.float32)
    used = weights.any(axis=1)
    return LinearScorer(buckets[used].astype(np.uint32), weights[used], classifier.intercept_)


def probabilities(pipeline: Pipeline, X: Any) -> Floats:
    """The probabilities of condemn, neutral and support, shape (rows, 3), from any linear classifier."""
    if hasattr(pipeline[-1], "predict_proba"):
        return np.asarray(pipeline.predict_proba(X))
    return softmax(np.asarray(pipeline.decision_function(X)))


def processes(examples: int) -> int:
    """How many processes share the work on so many examples."""
    return _WORKERS if examples >= _MANY else 1


def cross_validated(y: NDArray[np.str_], groups: Sequence[str], logits: Floats, seed: int) -> dict[str, Any]:
    """The scores on held-out statements, the `groups`, with 95% intervals over these."""
    counts = _confusions(y, logits.argmax(axis=1), groups)
    total = counts.sum(axis=0)
    low, high = interval(counts, macro_f1, seed=seed)
    return {
        "cross_validated_macro_f1": round(float(macro_f1(total)), 4),
        "cross_validated_macro_f1_95": [round(low, 4), round(high, 4)],
        "cross_validated_f1": {
            str(stance): round(value, 4) for stance, value in zip(STANCES, class_f1(total).tolist(), strict=True)
        },
    }


def columns_of(y: NDArray[np.str_]) -> Integers:
    """The column of each stance in what has one for each of STANCES."""
    return np.searchsorted(np.array(STANCES, dtype=np.str_), y)


def confusion(labelled: Integers, given: Integers) -> Integers:
    """How often each stance is given where each is labelled, both told by column: shape (9,), labelled by given."""
    return np.bincount(3 * labelled + given, minlength=9)


def fitted_blend(first: Floats, second: Floats, right: Integers) -> tuple[float, float]:
    """How much the logits of two models count so that the probabilities of both are as often right as they say.

    With one model this is the scaling of Guo and others (2017). The logits have the shape (things, classes), `right` is
    the class of each thing.
    """
    rows = np.arange(len(right))

    def loss(worths: Floats) -> float:
        return -float(np.log(softmax(worths[0] * first + worths[1] * second)[rows, right] + 1e-12).mean())

    if not len(right):
        return 1.0, 0.0
    found = minimize(loss, (0.5, 0.5), bounds=[(0.05, _MOST_WORTH), (0.0, _MOST_WORTH)], method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])


def _confusions(y: NDArray[np.str_], answers: Integers, groups: Sequence[str]) -> Integers:
    """A confusion matrix a group, flattened: shape (groups, 9), labelled by given stance."""
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    cells = 3 * columns_of(y) + answers
    counts = np.zeros((int(codes.max()) + 1, 9), dtype=np.int64)
    np.add.at(counts, (codes, cells), 1)
    return counts


def _fits(made: Examples, pipeline: Pipeline | None, parts: Sequence[tuple[Integers, Integers]]) -> Iterator[Any]:
    """The fit of all examples, and that of each fold, to be done anywhere."""
    yield delayed(_frozen)(made, pipeline)
    for learned, held in parts:
        yield delayed(_held_out)(made, pipeline, learned, held)


def _frozen(made: Examples, pipeline: Pipeline | None) -> LinearScorer:
    return freeze(fitted(made, pipeline))


def _held_out(made: Examples, pipeline: Pipeline | None, learned: Integers, held: Integers) -> Floats:
    """The probabilities of the examples `held` from a pipeline fitted on those `learned`."""
    return probabilities(_fit(pipeline, made.X[learned], made.y[learned], made.weights[learned]), made.X[held])


def _fit(pipeline: Pipeline | None, X: Any, y: NDArray[np.str_], weights: Floats) -> Pipeline:
    fresh = make_steps() if pipeline is None else clone(Pipeline([s for s in pipeline.steps if s[0] != "features"]))
    return fresh.fit(X, y, classifier__sample_weight=weights)
