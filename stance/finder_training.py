"""Records -> FinderWeights: the three linear models of the finder, fitted with scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from stance import span_features, targets
from stance.cues import Reading
from stance.span_features import BUCKETS, Floats, Integers
from stance.targets import FinderWeights

FOLDS = 4
C_TOKENS, C_PAIRS = 0.3, 0.3
THRESHOLDS = np.array([0.04, 0.04, 0.46])

Spans = Sequence[tuple[int, int]]


def matrix(features: Integers) -> csr_matrix:
    """The sparse indicator matrix (rows, BUCKETS) of rows of hashed features."""
    rows, width = features.shape
    indices = features.ravel().astype(np.int32)
    made = csr_matrix(
        (np.ones(rows * width, dtype=np.float64), indices, np.arange(0, rows * width + 1, width, dtype=np.int32)),
        shape=(rows, BUCKETS),
    )
    made.sum_duplicates()
    return made


def _fit(features: Integers, flags: NDArray[np.bool_], strength: float) -> Floats:
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=300, random_state=0, tol=1e-3)
    model.fit(matrix(features), flags)
    return np.append(model.coef_[0], model.intercept_[0])


def folds(groups: Sequence[str], number: int = FOLDS) -> Iterator[tuple[Integers, Integers]]:
    """Train and test indices that keep the sentences of one statement together."""
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    yield from GroupKFold(min(number, int(codes.max()) + 1)).split(codes, groups=codes)


def train_finder(readings: Sequence[Reading], spans: Sequence[Spans], groups: Sequence[str]) -> FinderWeights:
    """The finder's weights; pairs are learned from the start and end scores of models that did not see the sentence.

    Parameters
    ----------
    readings, spans, groups
        One a sentence: its reading, its targets as half-open token spans, its statement.
    """
    table = span_features.token_table(readings)
    features = span_features.token_features(table)
    starts, ends = np.zeros((2, len(features)), dtype=bool)
    gold = set()
    for offset, labelled in zip(table.offsets, spans, strict=True):
        for first, last in labelled:
            starts[offset + first] = ends[offset + last - 1] = True
            gold.add((offset + first, offset + last - 1))
    sentence = np.full(len(features), -1)
    for number, (offset, reading) in enumerate(zip(table.offsets, readings, strict=True)):
        sentence[offset : offset + len(reading)] = number
    start_scores, end_scores = np.full((2, len(features)), -9.0)
    for train, test in folds(groups):
        learned, held = np.isin(sentence, train), np.isin(sentence, test)
        start_scores[held] = targets.scores(features[held], _fit(features[learned], starts[learned], C_TOKENS))
        end_scores[held] = targets.scores(features[held], _fit(features[learned], ends[learned], C_TOKENS))
    pairs = span_features.candidate_pairs(table, readings, start_scores, end_scores, THRESHOLDS)
    right = np.array([pair in gold for pair in zip(pairs.starts.tolist(), pairs.ends.tolist(), strict=True)])
    words = sentence >= 0
    return FinderWeights(
        _fit(features[words], starts[words], C_TOKENS),
        _fit(features[words], ends[words], C_TOKENS),
        _fit(pairs.features, right, C_PAIRS),
        THRESHOLDS,
    )


def held_out_spans(
    readings: Sequence[Reading], spans: Sequence[Spans], groups: Sequence[str]
) -> list[list[tuple[int, int]]]:
    """The targets of each sentence, as half-open token spans, by finders trained on the other statements."""
    found: list[list[tuple[int, int]]] = [[] for _ in readings]
    for learned, held in folds(groups, 2):
        finder = train_finder([readings[i] for i in learned], [spans[i] for i in learned], [groups[i] for i in learned])
        for i, its in zip(held, targets.find([readings[i] for i in held], finder), strict=True):
            found[i] = [(span.first, span.last) for span in its]
    return found
