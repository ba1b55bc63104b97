"""Records -> Model: scikit-learn fits it, grouped cross-validation scores and calibrates it, arrays keep it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from importlib import metadata
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline

from stance.cues import Reading, read
from stance.document import STANCES, Sentence
from stance.features import features
from stance.finder_training import folds, train_finder
from stance.joint import neighbour_features
from stance.lexicon import load_lexicon
from stance.mentions import Mention, mentions
from stance.model import LinearScorer, Model, as_shipped, softmax
from stance.records import Record
from stance.rules import votes
from stance.segmentation import tokenize
from stance.targets import Floats

_FEWEST = 3  # statements; grouped cross-validation needs as many
_FOLDS = 5


class FrequentFeatures(TransformerMixin, BaseEstimator):
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


class Examples(NamedTuple):
    """What a classifier is trained on: `X` feature dicts, `y` stances, `groups` statements, one an element; and where they come from."""

    X: list[dict[str, float]]
    y: NDArray[np.str_]
    groups: list[str]
    readings: list[Reading]
    spans: list[list[tuple[int, int]]]
    mentioned: list[list[Mention]]


def make_pipeline(C: float = 0.3, min_count: int = 2) -> Pipeline:
    """An untrained scikit-learn pipeline from feature dicts to stances.

    Parameters
    ----------
    C
        Inverse strength of the L2 penalty.
    min_count
        Rows in which a feature must occur to count.
    """
    return Pipeline(
        [
            ("vectorizer", DictVectorizer(sort=True)),
            ("frequent", FrequentFeatures(min_count)),
            ("classifier", LogisticRegression(C=C, max_iter=500, tol=1e-3)),
        ]
    )


def examples(records: Sequence[Record], tables: str | None = None) -> Examples:
    """The records as features, stances and groups for scikit-learn.

    Targets that begin or end within a word are widened to it.
    """
    lexicon = load_lexicon(tables)
    rows, stances, groups, readings, spans, mentioned = [], [], [], [], [], []
    for record in records:
        reading = read(Sentence(record.text, 0, len(record.text), tokenize(record.text)), lexicon)
        labelled = {_token_span(reading, t.start, t.end): t.stance for t in record.targets}
        labelled.pop((0, 0), None)
        within = mentions(reading, list(labelled))
        rows += [features(mention, votes(mention)) for mention in within]
        stances += [str(stance) for stance in labelled.values()]
        groups += [record.statement or record.id] * len(within)
        readings.append(reading)
        spans.append(list(labelled))
        mentioned.append(within)
    return Examples(rows, np.array(stances, dtype=np.str_), groups, readings, spans, mentioned)


def train(records: Sequence[Record], *, tables: str | None = None) -> Model:
    """A model trained on labelled records.

    The classifier is fitted twice: on the features of each target alone, then with the probabilities of its neighbours, which for
    this come from models that did not see the sentence. The temperature is fitted on held-out folds.

    Parameters
    ----------
    records
        Labelled sentences; sentences of one statement are kept in one fold.
    tables
        A folder with tables of your own, read beside those of the package.

    Raises
    ------
    ValueError
        Where a stance has no target, or fewer than three statements are given.
    """
    made = examples(records, tables)
    shares = Counter(made.y.tolist())
    missing = [str(stance) for stance in STANCES if not shares[stance]]
    if missing:
        raise ValueError(f"records must hold every stance, got none with {', '.join(missing)}; label some")
    if len(set(made.groups)) < _FEWEST:
        raise ValueError(f"records must come from at least {_FEWEST} statements, got {len(set(made.groups))}; give each record its statement")
    held_out = cross_probabilities(made)
    together = _with_neighbours(made, held_out)
    joint = freeze(make_pipeline().fit(together.X, made.y))
    alone = _with_vocabulary(freeze(make_pipeline().fit(made.X, made.y)), joint.vocabulary)
    logits = np.log(np.maximum(cross_probabilities(together), 1e-12))
    temperature = _temperature(logits, made.y)
    sentence_groups = [record.statement or record.id for record in records]
    finder = train_finder(made.readings, made.spans, sentence_groups)
    guessed = np.array(STANCES)[logits.argmax(axis=1)]
    card = {
        "package": _version("joint-stance"), "scikit-learn": _version("scikit-learn"), "lexicon": load_lexicon(tables).digest,
        "records": len(records), "targets": len(made.y), "statements": len(set(made.groups)), "data": _digest(records), "tables": tables,
        "shares": {stance: round(shares[stance] / len(made.y), 4) for stance in map(str, STANCES)},
        "cross_validated_macro_f1": round(float(f1_score(made.y, guessed, average="macro")), 4), "folds": _FOLDS,
    }  # fmt: skip
    return as_shipped(Model(alone, joint, temperature, finder, card))


def cross_probabilities(made: Examples) -> Floats:
    """The probabilities of each example from models that did not see its statement, shape (examples, 3)."""
    held_out = np.full((len(made.y), len(STANCES)), 1 / len(STANCES))
    for learned, held in folds(made.groups, _FOLDS):
        if len(set(made.y[learned])) == len(STANCES):
            pipeline = make_pipeline().fit([made.X[i] for i in learned], made.y[learned])
            held_out[held] = pipeline.predict_proba([made.X[i] for i in held])
    return held_out


def freeze(pipeline: Pipeline) -> LinearScorer:
    """The arrays of a fitted pipeline, which score as it does.

    Raises
    ------
    ValueError
        Where the classifier is not linear.
    """
    classifier = pipeline[-1]
    if getattr(classifier, "coef_", np.zeros(0)).shape[:1] != (len(STANCES),):
        raise ValueError(f"classifier must be linear with a row of coef_ for each stance, got {type(classifier).__name__}; use LogisticRegression")
    names = np.array(pipeline["vectorizer"].feature_names_)[pipeline["frequent"].columns_]
    weights = np.vstack([classifier.coef_.T, classifier.intercept_])
    return LinearScorer({str(name): number for number, name in enumerate(names)}, weights)


def _with_vocabulary(scorer: LinearScorer, vocabulary: dict[str, int]) -> LinearScorer:
    """The same scorer over a vocabulary that holds its own and more."""
    weights = np.zeros((len(vocabulary) + 1, len(STANCES)))
    weights[[vocabulary[name] for name in scorer.vocabulary]] = scorer.weights[:-1]
    weights[-1] = scorer.weights[-1]
    return LinearScorer(vocabulary, weights)


def _with_neighbours(made: Examples, chances: Floats) -> Examples:
    rows, position = [], 0
    for group in made.mentioned:
        for more in neighbour_features(group, chances[position : position + len(group)]):
            rows.append(made.X[position] | more)
            position += 1
    return made._replace(X=rows)


def _temperature(logits: Floats, y: NDArray[np.str_]) -> float:
    """What to divide logits by so that the probabilities are as often right as they say (Guo et al. 2017)."""
    right = np.searchsorted(np.array(STANCES, dtype=np.str_), y)

    def loss(temperature: float) -> float:
        return -float(np.log(softmax(logits / temperature)[np.arange(len(y)), right] + 1e-12).mean())

    return float(minimize_scalar(loss, bounds=(0.3, 5.0), method="bounded").x)


def _token_span(reading: Reading, start: int, end: int) -> tuple[int, int]:
    touched = [n for n, token in enumerate(reading.tokens) if token.end > start and token.start < end]
    return (touched[0], touched[-1] + 1) if touched else (0, 0)


def _digest(records: Sequence[Record]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(repr((record.text, [(t.start, t.end, str(t.stance)) for t in record.targets])).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
