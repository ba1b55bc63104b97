"""Records -> Model: scikit-learn fits it, grouped cross-validation scores and calibrates it, arrays keep it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, vstack
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from stance.bootstrap import class_f1, interval, macro_f1
from stance.cues import Reading, read
from stance.document import STANCES, Sentence
from stance.features import BUCKETS, features
from stance.finder_training import folds, indicators, train_finders
from stance.hashing import Floats, Integers
from stance.joint import Neighbours
from stance.learner import AveragedLogisticRegression
from stance.lexicon import Lexicon, load_lexicon
from stance.mentions import Mention, mentions
from stance.model import LinearScorer, Model, as_shipped, softmax
from stance.records import Record
from stance.rules import cast_in_order
from stance.segmentation import token_span, tokenize
from stance.surroundings import Surroundings
from stance.targets import match_spans
from stance.token_table import token_table

_FEWEST = 3  # statements; grouped cross-validation needs as many
FOLDS = 5
_WORKERS, _MANY = 2, 10_000  # so many models are fitted at once where there are so many examples
_FOUND_WEIGHT = 0.5  # of a found target beside a labelled one's 1
_MOST_PARTS = 20  # of the data that the card tells of
_TELLING = 5  # words from which the same sentence in two statements is no chance

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


def examples(records: Sequence[Record], lexicon: Lexicon | None = None) -> Examples:
    """The records as features, stances and groups for scikit-learn.

    Targets that begin or end within a word are widened to it.
    """
    lexicon = lexicon or load_lexicon()
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
    table = token_table(readings)
    own = indicators(features(table, mentioned), BUCKETS + 1)[:, :BUCKETS]
    mention, bucket, value = Surroundings(table, mentioned).listed()
    around = csr_matrix((value, (mention, bucket)), shape=(own.shape[0], BUCKETS + 1))[:, :BUCKETS]
    return csr_matrix(own + around)


def with_found(
    made: Examples, spans: Sequence[Sequence[tuple[int, int]]], groups: Sequence[str], record_weights: Floats
) -> Examples:
    """The examples, and behind them the same sentences as the finder sees them, each with the weight of its record.

    The classifier meets targets with other edges and other neighbours than the labelled ones when it is used; here it
    learns from such. The `spans` of each sentence come from finders that did not see it, each takes the stance of the
    labelled target that it overlaps by half.
    """
    stances, statements, mentioned = [], [], []
    for reading, labelled, group, found in zip(made.readings, made.mentioned, groups, spans, strict=True):
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
    found_weights = np.repeat(record_weights, [len(within) for within in mentioned])
    y = np.array([known.get(stance, "") for stance in stances], dtype=np.str_)
    return made._replace(
        X=vstack([made.X, _matrix(made.readings, mentioned)], format="csr"),
        y=np.concatenate([made.y, y]),
        groups=made.groups + statements,
        mentioned=made.mentioned + mentioned,
        weights=np.concatenate([made.weights, np.where(y == "", 0.0, _FOUND_WEIGHT * found_weights)]),
    )


def _characters(mention: Mention) -> tuple[int, int]:
    return mention.reading.tokens.span(mention.first, mention.last)


def train(
    records: Sequence[Record],
    *,
    lexicon: Lexicon | None = None,
    weights: Sequence[float] | None = None,
    pipeline: Pipeline | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """A model trained on labelled records.

    The classifier is fitted twice: on the features of each target alone, then with the probabilities of its
    neighbours, which for this come from models that did not see the sentence. It learns from the labelled targets
    and, with less weight, from those that a finder would have found. The temperature is fitted on held-out folds.

    Parameters
    ----------
    records
        Labelled sentences; sentences of one statement are kept in one fold.
    lexicon
        Word tables to read with, such as `Lexicon.read("my-tables")`; the model keeps them. The shipped ones if None.
    weights
        How much each record counts, one a record, times the weight that it has itself; 1 if None.
    pipeline
        What to fit, such as `make_pipeline(C=1)`; its last step must be a linear classifier.
    seed
        For the folds and for the intervals of the card.
    progress
        Called after each step with the share of the work that is done, 0..1, and with what has been done.

    Raises
    ------
    ValueError
        Where a stance has no target, fewer than three statements are given, a sentence stands in two statements, or
        the classifier is not linear.
    """
    steps = _Steps(progress)
    each_weight = checked_weights(records, weights)
    made = examples(records, lexicon)
    shares = Counter(made.y.tolist())
    check_stances(shares)
    check_statements(records)
    groups = shuffled([record.statement or record.id for record in records], seed)
    counts = [len(mentioned) for mentioned in made.mentioned]
    made = made._replace(groups=np.repeat(groups, counts).tolist(), weights=np.repeat(each_weight, counts))
    with threadpool_limits(1):  # the matrices are sparse: more threads only wait for each other
        if pipeline is not None:
            freeze(_fitted(made, pipeline=pipeline))  # before all the rest, so that one that is no use is told
        finder, found = train_finders(made.readings, made.spans, groups, each_weight, _processes(made))
        steps.done(9, "finder learned")
        widened = with_found(made, found, groups, each_weight)
        alone, first = scorer_and_probabilities(widened, pipeline, steps)
        together = with_neighbours(widened, first)
        steps.done(2, "stances learned once")
        joint, chances = scorer_and_probabilities(together, pipeline, steps, len(made.y))
    logits = np.log(np.maximum(chances[: len(made.y)], 1e-12))
    temperature = _temperature(logits, made.y)
    card = {
        "package": version_of("joint-stance"),
        "scikit-learn": version_of("scikit-learn"),
        "numpy": np.__version__,
        "lexicon": (lexicon or load_lexicon()).digest,
        "records": len(records),
        "targets": len(made.y),
        "statements": len(set(groups)),
        "data": digest_of(records),
        "parts": _parts(records, each_weight),
        "tables": dict(lexicon.tables) or None if lexicon else None,
        "shares": {stance: round(shares[stance] / len(made.y), 4) for stance in map(str, STANCES)},
        "folds": FOLDS,
        "seed": seed,
    }
    card |= cross_validated(made, logits, seed)
    return as_shipped(Model(alone, joint, temperature, finder, card))


class _Steps:
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


def checked_weights(records: Sequence[Record], weights: Sequence[float] | None) -> Floats:
    """The weight of each record, its own times the one given.

    Raises
    ------
    ValueError
        Where their number is another than that of the records, or one is not a positive number.
    """
    each = np.ones(len(records)) if weights is None else np.asarray(weights, dtype=np.float64)
    if each.shape != (len(records),):
        raise ValueError(f"weights must be one a record, {len(records)}, got the shape {each.shape}; give one each")
    own = np.array([record.weight for record in records], dtype=np.float64)
    both = each * own
    wrong = ~(np.isfinite(both) & (each > 0) & (own > 0))
    if wrong.any():
        raise ValueError(f"weights must be positive numbers, got {both[wrong][0]!r}; leave out what should not count")
    return both


def check_stances(shares: Counter[str]) -> None:
    """Raise a ValueError where a stance has no target."""
    missing = [str(stance) for stance in STANCES if not shares[stance]]
    if missing:
        raise ValueError(f"records must hold every stance, got none with {', '.join(missing)}; label some")


def check_statements(records: Sequence[Record]) -> None:
    """Raise a ValueError where there are too few statements, or one sentence stands in two."""
    statements = {record.statement or record.id for record in records}
    if not statements:
        raise ValueError("records must be labelled sentences, got none; `stance check FILE` tells what a file holds")
    if len(statements) < _FEWEST:
        raise ValueError(
            f"records must come from at least {_FEWEST} statements, got {len(statements)}; "
            "give each record its statement, or label some of others"
        )
    known: dict[str, Record] = {}
    for record in records:
        words = re.findall(r"\w+", record.text.casefold())
        first = known.setdefault(" ".join(words), record)
        there, here = (each.statement or each.id for each in (first, record))
        if len(words) >= _TELLING and there != here:
            raise ValueError(
                f"record {record.id}: a sentence must stand in one statement, got it in {there!r} and {here!r}; "
                "remove one, or cross-validation would be too kind"
            )


def shuffled(groups: Sequence[str], seed: int) -> list[str]:
    """The groups under other names, which decide in which fold each comes; seed 0 leaves them."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names)) if seed else np.arange(len(names))
    number = {name: f"{place:08}" for name, place in zip(names, order.tolist(), strict=True)}
    return [number[group] for group in groups]


def _parts(records: Sequence[Record], weights: Floats) -> dict[str, dict[str, Any]]:
    """The size and digest of the records of each weight."""
    parts: dict[str, list[Record]] = {}
    for record, weight in zip(records, weights.tolist(), strict=True):
        parts.setdefault(f"weight {weight:g}", []).append(record)
    return {name: {"records": len(its), "data": digest_of(its)} for name, its in list(parts.items())[:_MOST_PARTS]}


def cross_validated(made: Examples, logits: Floats, seed: int) -> dict[str, Any]:
    """The scores on held-out folds, with 95% intervals over statements."""
    answers = logits.argmax(axis=1)
    counts = _confusions(made.y, answers, made.groups)
    total = counts.sum(axis=0)
    low, high = interval(counts, macro_f1, seed=seed)
    return {
        "cross_validated_macro_f1": round(float(macro_f1(total)), 4),
        "cross_validated_macro_f1_95": [round(low, 4), round(high, 4)],
        "cross_validated_f1": {
            str(stance): round(value, 4) for stance, value in zip(STANCES, class_f1(total).tolist(), strict=True)
        },
    }


def _confusions(y: NDArray[np.str_], answers: Integers, groups: Sequence[str]) -> Integers:
    """A confusion matrix a group, flattened: shape (groups, 9), labelled by given stance."""
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    cells = 3 * np.searchsorted(np.array(STANCES, dtype=np.str_), y) + answers
    counts = np.zeros((int(codes.max()) + 1, 9), dtype=np.int64)
    np.add.at(counts, (codes, cells), 1)
    return counts


def scorer_and_probabilities(
    made: Examples, pipeline: Pipeline | None = None, steps: _Steps | None = None, scored: int | None = None
) -> tuple[LinearScorer, Floats]:
    """The scorer of all examples, and the probabilities of each from models that did not see its statement.

    The probabilities have the shape (examples, 3). With `scored` the steps tell the score of each fold on the first so
    many examples.
    """
    held_out = np.full((len(made.y), len(STANCES)), 1 / len(STANCES))
    parts = [
        (learned[made.weights[learned] > 0], held)
        for learned, held in folds(made.groups, FOLDS)
        if set(made.y[learned]) >= set(map(str, STANCES))
    ]
    # SciPy must be able to write to what the processes are given: max_nbytes
    workers = Parallel(n_jobs=_processes(made), return_as="generator", max_nbytes=None)
    results = workers(_fits(made, pipeline, parts))
    whole: LinearScorer = next(results)
    for number, ((_, held), its) in enumerate(zip(parts, results, strict=True), 1):
        held_out[held] = its
        if steps is not None:
            own = held[held < (scored or 0)]
            counts = _confusions(made.y[own], held_out[own].argmax(axis=1), ["all"] * len(own)) if len(own) else None
            told = "" if counts is None else f", macro-F1 {float(macro_f1(counts.sum(axis=0))):.3f}"
            steps.done(1, f"fold {number} of {len(parts)}{told}")
    return whole, held_out


def _fits(made: Examples, pipeline: Pipeline | None, parts: Sequence[tuple[Integers, Integers]]) -> Iterator[Any]:
    """The fit of all examples, and that of each fold, to be done anywhere."""

    def learned_from(rows: Integers) -> tuple[Any, NDArray[np.str_], Floats]:
        return made.X[rows], made.y[rows], made.weights[rows]

    yield delayed(_frozen)(pipeline, *learned_from(np.flatnonzero(made.weights > 0)))
    for learned, held in parts:
        yield delayed(_held_out)(pipeline, *learned_from(learned), made.X[held])


def _processes(made: Examples) -> int:
    """How many models are fitted at once."""
    return _WORKERS if len(made.y) >= _MANY else 1


def _frozen(pipeline: Pipeline | None, X: Any, y: NDArray[np.str_], weights: Floats) -> LinearScorer:
    """The arrays of a pipeline fitted on some rows; it may run in a process of its own."""
    with threadpool_limits(1):
        return freeze(_fit(pipeline, X, y, weights))


def _held_out(pipeline: Pipeline | None, X: Any, y: NDArray[np.str_], weights: Floats, held: Any) -> Floats:
    """The probabilities of the rows `held` from a pipeline fitted on the others; it may run in a process of its own."""
    with threadpool_limits(1):
        return probabilities(_fit(pipeline, X, y, weights), held)


def probabilities(pipeline: Pipeline, X: Any) -> Floats:
    """The probabilities of condemn, neutral and support, shape (rows, 3), from any linear classifier."""
    if hasattr(pipeline[-1], "predict_proba"):
        return np.asarray(pipeline.predict_proba(X))
    return softmax(np.asarray(pipeline.decision_function(X)))


def _fitted(made: Examples, pipeline: Pipeline | None = None) -> Pipeline:
    """A pipeline fitted on the labelled ones of the examples."""
    rows = np.flatnonzero(made.weights > 0)
    return _fit(pipeline, made.X[rows], made.y[rows], made.weights[rows])


def _fit(pipeline: Pipeline | None, X: Any, y: NDArray[np.str_], weights: Floats) -> Pipeline:
    fresh = make_steps() if pipeline is None else clone(Pipeline([s for s in pipeline.steps if s[0] != "features"]))
    return fresh.fit(X, y, classifier__sample_weight=weights)


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


def with_neighbours(made: Examples, chances: Floats) -> Examples:
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


def digest_of(records: Sequence[Record]) -> str:
    """The digest of the labelled data, which changes with any label or weight."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(
            repr((record.text, [(t.start, t.end, str(t.stance)) for t in record.targets], record.weight)).encode(
                "utf-8", "surrogatepass"
            )
        )
    return digest.hexdigest()[:16]


def version_of(package: str) -> str:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
