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
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stance.cues import Reading, read
from stance.document import STANCES, Sentence
from stance.features import BUCKETS, features
from stance.finder_training import folds, held_out_spans, indicators, train_finder
from stance.hashing import Floats, Integers
from stance.joint import Neighbours
from stance.lexicon import load_lexicon
from stance.mentions import Mention, mentions
from stance.model import LinearScorer, Model, as_shipped, softmax
from stance.records import Record
from stance.rules import cast_in_order
from stance.segmentation import token_span, tokenize
from stance.targets import match_spans
from stance.token_table import token_table

_FEWEST = 3  # statements; grouped cross-validation needs as many
_FOLDS = 5
_FOUND_WEIGHT = 0.5  # of a found target beside a labelled one's 1


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


class Examples(NamedTuple):
    """What a classifier is trained on: `X` features, `y` stances, `groups` statements, `weights`, one an element.

    `X` is a sparse matrix of the shape (elements, BUCKETS). An element that has weight 0 has no stance (""): a target
    that was found but is not labelled, and is there for its neighbours' sake. `mentioned` are the same elements by
    sentence; `readings` and `spans` the sentences and their labelled token spans.
    """

    X: csr_matrix
    y: NDArray[np.str_]
    groups: list[str]
    weights: Floats
    mentioned: list[list[Mention]]
    readings: list[Reading]
    spans: list[list[tuple[int, int]]]


def make_pipeline(C: float = 0.3, min_count: int = 3) -> Pipeline:
    """An untrained scikit-learn pipeline from features (`examples(records).X`, or any sparse matrix) to stances.

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
            ("classifier", LogisticRegression(C=C, max_iter=500, tol=1e-3)),
        ]
    )


def examples(records: Sequence[Record], tables: str | None = None) -> Examples:
    """The records as features, stances and groups for scikit-learn.

    Targets that begin or end within a word are widened to it.
    """
    lexicon = load_lexicon(tables)
    stances, groups, readings, spans, mentioned = [], [], [], [], []
    for record in records:
        reading = read(Sentence(record.text, 0, len(record.text), tokenize(record.text)), lexicon)
        touched = ((token_span(reading.tokens, t.start, t.end), t.stance) for t in record.targets)
        labelled = {span: stance for span, stance in touched if span is not None}
        within = mentions(reading, list(labelled))
        stances += [str(stance) for stance in labelled.values()]
        groups += [record.statement or record.id] * len(within)
        readings.append(reading)
        spans.append(list(labelled))
        mentioned.append(within)
    X = _matrix(readings, mentioned)
    return Examples(X, np.array(stances, dtype=np.str_), groups, np.ones(X.shape[0]), mentioned, readings, spans)


def _matrix(readings: Sequence[Reading], mentioned: Sequence[Sequence[Mention]]) -> csr_matrix:
    """The features of all mentions, shape (mentions, BUCKETS)."""
    cast_in_order(mentioned)
    return indicators(features(token_table(readings), mentioned), BUCKETS + 1)[:, :BUCKETS]


def with_found(made: Examples, groups: Sequence[str]) -> Examples:
    """The examples, and behind them the same sentences as the finder sees them.

    The classifier meets targets with other edges and other neighbours than the labelled ones when it is used; here it
    learns from such. The targets come from finders that did not see the sentence, each takes the stance of the
    labelled target that it overlaps by half.
    """
    stances, statements, mentioned = [], [], []
    for reading, labelled, group, found in zip(
        made.readings, made.mentioned, groups, held_out_spans(made.readings, made.spans, groups), strict=True
    ):
        within = mentions(reading, found)
        pairs = match_spans([_characters(m) for m in labelled], [_characters(m) for m in within])
        partner = {j: labelled[i] for i, j in pairs}
        stances += [id(partner[j]) if j in partner else 0 for j in range(len(within))]
        statements += [group] * len(within)
        mentioned.append(within)
    known = {
        id(mention): stance
        for mention, stance in zip((m for group in made.mentioned for m in group), made.y.tolist(), strict=True)
    }
    y = np.array([known.get(stance, "") for stance in stances], dtype=np.str_)
    return made._replace(
        X=vstack([made.X, _matrix(made.readings, mentioned)], format="csr"),
        y=np.concatenate([made.y, y]),
        groups=made.groups + statements,
        mentioned=made.mentioned + mentioned,
        weights=np.concatenate([made.weights, np.where(y == "", 0.0, _FOUND_WEIGHT)]),
    )


def _characters(mention: Mention) -> tuple[int, int]:
    tokens = mention.reading.tokens
    return tokens[mention.first].start, tokens[mention.last - 1].end


def train(records: Sequence[Record], *, tables: str | None = None) -> Model:
    """A model trained on labelled records.

    The classifier is fitted twice: on the features of each target alone, then with the probabilities of its
    neighbours, which for this come from models that did not see the sentence. It learns from the labelled targets
    and, with less weight, from those that a finder would have found. The temperature is fitted on held-out folds.

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
        raise ValueError(
            f"records must come from at least {_FEWEST} statements, got {len(set(made.groups))}; "
            "give each record its statement"
        )
    sentence_groups = [record.statement or record.id for record in records]
    with threadpool_limits(1):  # the matrices are sparse: more threads only wait for each other
        widened = with_found(made, sentence_groups)
        together = _with_neighbours(widened, cross_probabilities(widened))
        joint = freeze(_fitted(together))
        alone = freeze(_fitted(widened))
        logits = np.log(np.maximum(cross_probabilities(together)[: len(made.y)], 1e-12))
        finder = train_finder(made.readings, made.spans, sentence_groups)
    temperature = _temperature(logits, made.y)
    guessed = np.array(STANCES)[logits.argmax(axis=1)]
    card = {
        "package": _version("joint-stance"),
        "scikit-learn": _version("scikit-learn"),
        "lexicon": load_lexicon(tables).digest,
        "records": len(records),
        "targets": len(made.y),
        "statements": len(set(made.groups)),
        "data": _digest(records),
        "tables": tables,
        "shares": {stance: round(shares[stance] / len(made.y), 4) for stance in map(str, STANCES)},
        "cross_validated_macro_f1": round(float(f1_score(made.y, guessed, average="macro")), 4),
        "folds": _FOLDS,
    }
    return as_shipped(Model(alone, joint, temperature, finder, card))


def cross_probabilities(made: Examples) -> Floats:
    """The probabilities of each example from models that did not see its statement, shape (examples, 3)."""
    held_out = np.full((len(made.y), len(STANCES)), 1 / len(STANCES))
    for learned, held in folds(made.groups, _FOLDS):
        if set(made.y[learned]) >= set(map(str, STANCES)):
            held_out[held] = _fitted(made, learned).predict_proba(made.X[held])
    return held_out


def _fitted(made: Examples, rows: Integers | None = None) -> Pipeline:
    """A pipeline fitted on the labelled ones of the given examples, of all if None."""
    rows = np.arange(len(made.y)) if rows is None else rows
    rows = rows[made.weights[rows] > 0]
    return make_pipeline().fit(made.X[rows], made.y[rows], classifier__sample_weight=made.weights[rows])


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
            "use LogisticRegression"
        )
    weights = np.zeros((BUCKETS + 1, len(STANCES)), dtype=np.float32)
    weights[pipeline["frequent"].columns_] = classifier.coef_.T
    return LinearScorer(weights, classifier.intercept_)


def _with_neighbours(made: Examples, chances: Floats) -> Examples:
    """The examples with the probabilities of each mention's neighbours as features."""
    buckets, values = Neighbours(made.mentioned).features(chances)
    width, rows = buckets.shape
    indices, starts = buckets.T.ravel().astype(np.int32), np.arange(0, rows * width + 1, width, dtype=np.int32)
    near = csr_matrix((values.T.ravel(), indices, starts), shape=(rows, BUCKETS + 1))[:, :BUCKETS]
    return made._replace(X=csr_matrix(made.X + near))


def _temperature(logits: Floats, y: NDArray[np.str_]) -> float:
    """What to divide logits by so that the probabilities are as often right as they say (Guo et al. 2017)."""
    right = np.searchsorted(np.array(STANCES, dtype=np.str_), y)

    def loss(temperature: float) -> float:
        return -float(np.log(softmax(logits / temperature)[np.arange(len(y)), right] + 1e-12).mean())

    return float(minimize_scalar(loss, bounds=(0.3, 5.0), method="bounded").x)


def _digest(records: Sequence[Record]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(
            repr((record.text, [(t.start, t.end, str(t.stance)) for t in record.targets])).encode(
                "utf-8", "surrogatepass"
            )
        )
    return digest.hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
