"""Records -> FinderWeights: the linear models and the trees of the finder, fitted with scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from sklearn.utils.parallel import Parallel, delayed

from stance.forest import Forest
from stance.hashing import Codes, Floats, Integers
from stance.learner import AveragedLogisticRegression
from stance.rivals import rival_values
from stance.span_features import BUCKETS, Pairs, TokenScores, candidate_pairs, probability, token_features
from stance.targets import UNLIKELY, FinderWeights, in_rows, rounded, scores
from stance.token_table import TokenTable

FOLDS = 2  # of the statements: each is told by what has learned from the others
_C = 0.3  # inverse strength of the penalty, of tokens and of pairs
_DEPTH = 4  # of the trees
_SURE = 9.0  # the logit where all examples are alike
# With the last one targets have the best F1 on held-out statements of datasets/; `analysis` looks at their stance too.
THRESHOLDS = np.array([0.02, 0.02, 0.38])
_SHARE, _ENOUGH = 0.15, 5_000  # of the pairs that each tree sees, and so many if there are
_PLENTY = 400_000  # pairs; of twice as many the trees are grown from every second, and so on

Spans = Sequence[tuple[int, int]]


class Guess(NamedTuple):
    """All `pairs` of a sentence that may be targets, half-open token spans, and the `logits` a finder gives them."""

    pairs: Spans
    logits: Sequence[float]


def indicators(features: Codes, buckets: int) -> csr_matrix:
    """The sparse matrix (things, buckets) with a 1 for each feature; `features` has the shape (templates, things).

    Where two features of a thing share a bucket it stands there twice, which counts as their sum.
    """
    width, rows = features.shape
    starts = np.arange(0, rows * width + 1, width)
    return csr_matrix((np.ones(rows * width), features.T.ravel(), starts), shape=(rows, buckets))


def _fit(rows: csr_matrix, flags: NDArray[np.bool_], weights: Floats) -> Floats:
    """One weight a bucket, the intercept last, of a logistic regression with L2 penalty (averaged SGD)."""
    if certain := _certainty(flags):
        return np.append(np.zeros(BUCKETS), certain)
    learner = AveragedLogisticRegression(_C, passes=8, step=0.05, most_steps=4_000_000)
    learner.fit(rows, flags, sample_weight=weights)
    learned = np.diff(np.column_stack([learner.coef_, learner.intercept_]), axis=0)[0]
    return np.asarray(rounded(learned))


def _certainty(flags: NDArray[np.bool_]) -> float:
    """The logit of all where there is nothing to tell apart (targets of one word run over no gap), else 0."""
    if not flags.any():
        return -_SURE
    return _SURE if flags.all() else 0.0


def _learned(
    features: Codes,
    truth: Sequence[NDArray[np.bool_]],
    weights: Floats,
    sentence: Integers,
    parts: Sequence[tuple[Integers, Integers]],
    threads: Parallel,
) -> tuple[list[Floats], list[Floats]]:
    """For each truth about things its weights, and the logits from models that did not see a thing's statement.

    `sentence` is the number of that of each thing, `parts` are the `folds` of sentences.
    """
    rows = indicators(features, BUCKETS)
    learned = [np.flatnonzero(sentence >= 0), *(np.flatnonzero(np.isin(sentence, train)) for train, _ in parts)]
    fits = threads(
        delayed(_fit)(its, flags[part], weights[part])
        for part, its in zip(learned, map(rows.__getitem__, learned), strict=True)
        for flags in truth
    )
    logits = [np.full(len(flags), -_SURE) for flags in truth]
    for number, (_, test) in enumerate(parts, 1):
        held = np.isin(sentence, test)
        for told, its in zip(logits, fits[number * len(truth) :], strict=False):
            told[held] = scores(features[:, held], its)
    return fits[: len(truth)], logits


def folds(groups: Sequence[str], number: int = FOLDS) -> Iterator[tuple[Integers, Integers]]:
    """Train and test indices that keep the sentences of one statement together, where there are several."""
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    if codes.max() == 0:
        codes = np.arange(len(codes))
    if len(codes) == 1:
        yield codes, codes
        return
    yield from GroupKFold(min(number, int(codes.max()) + 1)).split(codes, groups=codes)


def train_finders(
    table: TokenTable, spans: Sequence[Spans], groups: Sequence[str], weights: Floats, processes: int = 1
) -> tuple[FinderWeights, list[Guess]]:
    """The finder, and what finders say of each sentence which were trained on the other statements.

    Each of its models learns from what those before it say of statements that they did not see. So what is said of a
    sentence hangs on its own labels at most through the scores of tokens that the pairs of others were learned with.

    Parameters
    ----------
    table
        The tokens of the sentences.
    spans, groups, weights
        One a sentence: its targets as half-open token spans, its statement, and how much it counts.
    processes
        How many models are trained at once.
    """
    parts = list(folds(groups))
    threads = Parallel(n_jobs=processes, prefer="threads")  # what takes long in scikit-learn lets others run meanwhile
    truth = starts, ends, joins = list(np.zeros((3, len(table)), dtype=bool))
    gold = set()
    for offset, labelled in zip(table.offsets.tolist(), spans, strict=True):
        for first, last in labelled:
            starts[offset + first] = ends[offset + last - 1] = True
            joins[offset + first + 1 : offset + last] = True
            gold.add((offset + first, offset + last - 1))
    worth = weights[table.sentence]
    of_tokens, told = _learned(token_features(table), truth, worth, table.sentence, parts, threads)
    pairs = candidate_pairs(table, TokenScores(*told), THRESHOLDS)
    right = np.array(
        [pair in gold for pair in zip(pairs.starts.tolist(), pairs.ends.tolist(), strict=True)], dtype=bool
    )
    sentence, worth = table.sentence[pairs.starts], worth[pairs.starts]
    (of_pairs,), (alone,) = _learned(pairs.features, [right], worth, sentence, parts, threads)
    likely = probability(alone) >= UNLIKELY
    pairs, sentence = pairs.take(likely), sentence[likely]
    values, right, worth = rival_values(table, pairs, alone[likely]), right[likely], worth[likely]
    learned = [np.isin(sentence, train) for train, _ in parts]
    rivals, *apart = threads(
        delayed(grow)(values[its], right[its], worth[its]) for its in (np.ones(len(right), dtype=bool), *learned)
    )
    logits = np.full(len(right), -_SURE)
    for (_, test), forest in zip(parts, apart, strict=True):
        held = np.isin(sentence, test)
        logits[held] = forest.logits(values[held])
    return FinderWeights(in_rows(np.array(of_tokens)), of_pairs, rivals, THRESHOLDS), _guesses(table, pairs, logits)


def _guesses(table: TokenTable, pairs: Pairs, logits: Floats) -> list[Guess]:
    """What the logits of pairs say of each sentence of a table."""
    sentence = table.sentence[pairs.starts]
    offsets = table.offsets[sentence]
    spans = list(zip((pairs.starts - offsets).tolist(), (pairs.ends - offsets + 1).tolist(), strict=True))
    order = np.argsort(sentence, kind="stable").tolist()
    ends = np.bincount(sentence, minlength=len(table.offsets)).cumsum().tolist()
    parts = (order[begin:end] for begin, end in pairwise([0, *ends]))
    return [Guess([spans[n] for n in own], logits[own].tolist()) for own in parts]


def grow(values: NDArray[np.float32], flags: NDArray[np.bool_], weights: Floats) -> Forest:
    """The trees of a stochastic gradient boosting (Friedman 2002); `values` has the shape (things, columns)."""
    if certain := _certainty(flags):
        nodes = np.zeros((1, 2**_DEPTH - 1), np.float32)
        return Forest(nodes.astype(np.uint8), nodes, np.full((1, 2**_DEPTH), certain, np.float32))
    step = max(1, len(flags) // _PLENTY)
    values, flags, weights = values[::step], flags[::step], weights[::step]
    booster = GradientBoostingClassifier(
        n_estimators=60,
        learning_rate=0.15,
        max_depth=_DEPTH,
        min_samples_leaf=30,
        subsample=min(1.0, max(_SHARE, _ENOUGH / len(flags))),
        max_features=0.4,
        random_state=0,
    ).fit(values, flags, sample_weight=weights)
    trees = [_completed(tree.tree_) for (tree,) in booster.estimators_]
    columns, bounds, leaves = (np.array(parts) for parts in zip(*trees, strict=True))
    forest = Forest(columns.astype(np.uint8), bounds, (leaves * booster.learning_rate).astype(np.float32))
    forest.leaves[0] += booster.decision_function(values[:1])[0] - forest.logits(values[:1])[0]  # where boosting began
    return forest


def _completed(tree: Any) -> tuple[Integers, NDArray[np.float32], Floats]:
    """The columns, bounds and leaves of a tree of scikit-learn, with nodes below its leaves where it is less deep."""
    inner = 2**_DEPTH - 1
    columns, bounds = np.zeros(inner, dtype=np.int64), np.full(inner, np.finfo(np.float32).max)
    nodes = [0]  # of the tree, for each of the complete one
    for place in range(inner):
        node = nodes[place]
        left, right = tree.children_left[node], tree.children_right[node]
        if left == right:  # a leaf
            nodes += [node, node]
        else:
            columns[place], bounds[place] = tree.feature[node], _rounded_down(tree.threshold[node])
            nodes += [left, right]
    return columns, bounds, tree.value[nodes[inner:], 0, 0]


def _rounded_down(bound: float) -> np.float32:
    """In single precision, and not above: what was above it stays above."""
    rounded = np.float32(bound)
    return rounded if rounded <= bound else np.nextafter(rounded, np.float32(-np.inf))
