from functools import cache

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from stance import Stance, load_records, make_pipeline
from stance.estimator import TargetFeatures, records_to_rows
from stance.examples import examples
from stance.fitting import freeze
from stance.lexicon import load_lexicon
from stance.records import LabelledTarget, Record


@cache
def data():
    rows, stances, groups = records_to_rows(load_records()[::60])
    return rows, np.array(stances), groups


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads of the linear algebra fight each other for the few cores of a shared machine."""
    with threadpool_limits(1):
        yield


def same(first, second):
    return first.shape == second.shape and (first != second).nnz == 0


def test_features_are_those_that_training_sees():
    records = [record for record in load_records()[::200] if record.targets]
    rows, _, _ = records_to_rows(records)
    assert same(TargetFeatures().fit_transform(rows), examples(records).X)
    assert same(TargetFeatures().transform(rows[::-1]), examples(records).X[::-1])


def test_targets_of_one_text_are_neighbours():
    text = "We condemn Iran's attack."
    alone = TargetFeatures().transform([(text, 11, 15)])
    assert not same(TargetFeatures().transform([(text, 11, 15), (text, 11, 24)])[0], alone[0])


def test_same_target_twice_has_the_same_features():
    text = "We condemn attacks."
    rows = TargetFeatures().transform([(text, 11, 18), (text, 11, 18), (text, 11, 14)])
    assert same(rows[0], rows[1])
    assert same(rows[0], rows[2])


def test_grid_search_and_cross_validation_work():
    rows, stances, groups = data()
    grid = {"classifier__C": [0.02, 0.3], "frequent__min_count": [1, 3]}
    search = GridSearchCV(make_pipeline(), grid, cv=GroupKFold(2), scoring="f1_macro", error_score="raise")
    search.fit(rows, stances, groups=groups)
    assert search.best_params_.keys() == grid.keys()
    assert set(search.predict(rows[:9])) <= set(map(str, Stance))
    scores = cross_val_score(make_pipeline(), rows, stances, groups=groups, cv=GroupKFold(2), error_score="raise")
    assert (scores > 0.4).all()


def test_clone_and_set_params_work():
    pipeline = make_pipeline(C=0.5, min_count=2).set_params(classifier__C=0.25, frequent__min_count=4)
    copy = clone(pipeline)
    assert (copy["classifier"].C, copy["frequent"].min_count) == (0.25, 4)
    assert copy.get_params()["features__lexicon"] is None


def test_sample_weights_count():
    text = "We condemn the raid."
    rows, stances = [(text, 15, 19)] * 3, ["condemn", "support", "neutral"]
    chances = [
        make_pipeline(min_count=1).fit(rows, stances, classifier__sample_weight=[1, weight, 1]).predict_proba(rows[:1])
        for weight in (1, 20)
    ]
    assert chances[1][0, 2] > chances[0][0, 2]


def test_pandas_goes_in():
    pandas = pytest.importorskip("pandas")
    rows, stances, groups = data()
    frame = pandas.DataFrame(rows, columns=["text", "start", "end"]).assign(more=1)
    labels = pandas.Series(stances)
    pipeline = make_pipeline().fit(frame, labels)
    assert (pipeline.predict(frame[:30]) == make_pipeline().fit(rows, stances).predict(rows[:30])).all()
    scores = cross_val_score(make_pipeline(), frame, labels, groups=groups, cv=GroupKFold(2), error_score="raise")
    assert (scores > 0.4).all()
    with pytest.raises(
        ValueError, match=r"X: must have the columns text, start and end, got \['text', 'end'\]; add \['st"
    ):
        pipeline.predict(frame[["text", "end"]])


@pytest.mark.parametrize(
    "classifier",
    [
        LogisticRegression(solver="saga", max_iter=20, tol=0.1),
        LinearSVC(C=0.01),
        SGDClassifier(random_state=0),
        RidgeClassifier(),
    ],
    ids=lambda classifier: type(classifier).__name__,
)
def test_other_linear_classifiers_are_frozen_as_they_are(classifier):
    rows, stances, _ = data()
    pipeline = make_pipeline().set_params(classifier=classifier).fit(rows, stances)
    scorer = freeze(pipeline)
    unseen = TargetFeatures().transform(rows[:40])
    logits = unseen[:, scorer.buckets] @ scorer.weights.astype(np.float64) + scorer.intercept
    assert np.array(list(map(str, Stance)))[logits.argmax(axis=1)].tolist() == pipeline.predict(rows[:40]).tolist()


def test_classifier_that_is_not_linear_is_refused_at_freezing():
    rows, stances, _ = data()
    pipeline = make_pipeline().set_params(classifier=DecisionTreeClassifier(max_depth=2)).fit(rows[:80], stances[:80])
    with pytest.raises(
        ValueError,
        match=r"classifier must be linear with a row of coef_ for each stance, got DecisionTreeClassifier; "
        r"use LogisticRegression, LinearSVC, SGDClassifier or RidgeClassifier as the last step",
    ):
        freeze(pipeline)


def test_own_tables_are_read():
    table = (
        "actors.tsv",
        "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\nzembla\tstate\tZembla\t\t\t\t[=Zembla].\n",
    )
    row = [("They met Zembla.", 9, 15)]
    assert not same(TargetFeatures(load_lexicon((table,))).transform(row), TargetFeatures().transform(row))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("We met.", 0), r"X: row 1: must be text, start and end, got \('We met\.', 0\); fix the row"),
        (7, r"X: row 1: must be text, start and end, got 7; fix the row"),
        (("We met.", "a", 2), r"X: row 1: must be text, start and end"),
        (
            ("We met.", 3, 3),
            r"X: row 1: span must satisfy 0 <= start < end <= length of the text, got \(3, 3\); fix it",
        ),
        (("We met.", 0, 99), r"X: row 1: span must satisfy .*, got \(0, 99\)"),
        ((None, 0, 2), r"X: row 1: span must satisfy 0 <= start < end <= length of the text, got \(0, 2\)"),
        (("We met.", 2, 3), r"X: row 1: span must hold a word, got \(2, 3\); fix start and end"),
    ],
)
def test_bad_rows_are_refused_with_their_number(row, message):
    with pytest.raises(ValueError, match=message):
        TargetFeatures().transform([("We met.", 3, 6), row])


def test_rows_may_be_mappings():
    rows = [{"text": "We met.", "start": 3, "end": 6, "stance": "x"}]
    assert same(TargetFeatures().transform(rows), TargetFeatures().transform([("We met.", 3, 6)]))


def test_records_become_rows():
    record = Record("r", "We condemn it.", (LabelledTarget(11, 13, Stance.CONDEMN),), "s")
    assert records_to_rows([record]) == ([("We condemn it.", 11, 13)], ["condemn"], ["s"])
