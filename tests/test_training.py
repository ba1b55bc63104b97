import os
from dataclasses import replace
from functools import cache
from itertools import chain

import numpy as np
import pytest
from marked import finder_arrays
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from stance import analyze, evaluate, judge, load, make_pipeline, save, train
from stance.document import STANCES, Stance
from stance.examples import examples
from stance.fitting import FrequentFeatures, fitted, freeze, make_steps, scorer_and_probabilities
from stance.labelled import load_records
from stance.lexicon import Lexicon, load_lexicon
from stance.model import shipped_model, softmax
from stance.records import LabelledTarget, Record, parse_marked
from stance.trainable import checked_weights, digest_of, shuffled
from stance.word_tables import TABLES

TEXT = "We condemn Iran's attack on Israel, welcome the truce and took note of the report."


def some():
    """A few hundred records of all families, all of one weight."""
    return [replace(record, weight=1.0) for record in load_records()[::50]]


def others():
    """Records of other statements."""
    seen = {record.statement for record in some()}
    return [record for record in load_records()[7::20] if record.statement not in seen][:150]


@cache
def trained():
    return train(some())


@cache
def made():
    return examples(some())


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads of the linear algebra fight each other for the few cores of a shared machine."""
    with threadpool_limits(1):
        yield


def arrays_of(model):
    return [
        model.scorer.buckets,
        model.scorer.weights,
        *finder_arrays(model.finder),
        *chain.from_iterable(model.networks),
    ]


def marked(*lines, statements=None):
    texts = [parse_marked(line) for line in lines]
    return [Record(str(n), *pair, (statements or lines)[n]) for n, pair in enumerate(texts)]


# examples


def test_examples_have_one_row_a_target_in_order():
    found = examples(marked("We condemn [-[-Iran]'s attack] and note the [=plan].", "We welcome the [+truce]."))
    assert found.y.tolist() == ["condemn", "condemn", "neutral", "support"]
    assert found.X.shape[0] == len(found.groups) == 4
    assert [len(spans) for spans in found.spans] == [3, 1]


def test_examples_keep_the_sentences_of_a_statement_together():
    found = examples(marked("We condemn [-it].", "We welcome [+it].", "We note [=it].", statements=["a", "b", "a"]))
    assert found.groups == ["a", "b", "a"]


def test_target_that_ends_within_a_word_is_widened_to_it():
    record = Record("1", "We condemn attacks.", (LabelledTarget(11, 14, Stance.CONDEMN),))
    assert examples([record]).spans == [[(2, 3)]]


def test_records_without_targets_give_no_rows():
    assert examples(marked("We met.")).X.shape[0] == 0


@pytest.mark.parametrize("processes", [1, 2])
def test_examples_read_in_parts_are_those_read_together(processes, monkeypatch):
    records = load_records()[::400]
    together = examples(records)
    monkeypatch.setattr("stance.examples._TOGETHER", 70)
    apart = examples(records, None, processes)
    assert (apart.X != together.X).nnz == 0
    assert (apart.groups, apart.spans, apart.y.tolist()) == (together.groups, together.spans, together.y.tolist())
    for ours, theirs in zip(apart.table, together.table, strict=True):
        assert np.array_equal(ours, theirs)


# the pipeline


def test_pipeline_works_in_cross_validation():
    folds = GroupKFold(3)
    scores = cross_val_score(
        make_steps(), made().X, made().y, groups=made().groups, cv=folds, scoring="f1_macro", error_score="raise"
    )
    assert (scores > 0.45).all()


def test_pipeline_works_in_a_grid_search():
    grid = {"classifier__C": [0.01, 0.25], "frequent__min_count": [1, 3]}
    search = GridSearchCV(make_steps(), grid, cv=GroupKFold(2), scoring="f1_macro", error_score="raise")
    search.fit(made().X[:300], made().y[:300], groups=made().groups[:300])
    assert search.best_params_.keys() == grid.keys()
    assert set(search.predict(made().X[300:310])) <= set(STANCES)


def test_clone_keeps_the_settings_and_forgets_what_was_learned():
    fitted = make_steps(C=0.5, min_count=3).fit(made().X, made().y)
    copy = clone(fitted)
    assert copy["classifier"].C == 0.5
    assert copy["frequent"].get_params() == {"min_count": 3}
    assert not hasattr(copy["frequent"], "columns_")


def test_rare_features_are_left_out():
    rows = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1]])
    fitted = FrequentFeatures(min_count=2).fit(rows)
    assert fitted.columns_.tolist() == [0, 1]
    assert fitted.transform(rows).shape == (3, 2)


def test_features_that_are_all_rare_are_refused():
    with pytest.raises(ValueError, match=r"X must have a feature that fills 2 rows, got none; give more records"):
        FrequentFeatures(min_count=2).fit(np.eye(3))


@pytest.mark.parametrize("settings", [{}, {"C": 2.0}, {"min_count": 5}])
def test_frozen_scorer_gives_the_probabilities_of_the_pipeline(settings):
    pipeline = make_steps(**settings).fit(made().X, made().y)
    scorer = freeze(pipeline)
    unseen = made().X[::9]
    logits = unseen[:, scorer.buckets] @ scorer.weights.astype(np.float64) + scorer.intercept
    assert np.abs(softmax(logits) - pipeline.predict_proba(unseen)).max() < 1e-6


def test_only_linear_classifiers_are_frozen():
    linear = make_steps()
    tree = Pipeline([*linear.steps[:-1], ("classifier", DecisionTreeClassifier(max_depth=2))]).fit(made().X, made().y)
    with pytest.raises(
        ValueError,
        match=r"classifier must be linear with a row of coef_ for each stance, got DecisionTreeClassifier; use",
    ):
        freeze(tree)


def test_pipeline_with_other_steps_is_refused():
    pipeline = Pipeline([("scale", FrequentFeatures()), ("svm", LinearSVC())])
    with pytest.raises(ValueError, match="pipeline must have the steps frequent and classifier, got scale, svm; take"):
        train(some(), pipeline=pipeline)


def test_model_reads_with_the_tables_of_its_pipeline(tmp_path):
    row = "zembla\tstate\tZembla\tZemblan\tOnhava\t\tWe thank [+Zembla]."
    (tmp_path / "actors.tsv").write_text("\t".join(TABLES["actors"]) + f"\n{row}\n", encoding="utf-8")
    lexicon = Lexicon.read(tmp_path)
    assert train(some()[:60], pipeline=make_pipeline(lexicon=lexicon)).lexicon is lexicon


def test_classifier_that_knows_two_stances_is_not_frozen():
    loud = made().y != "neutral"
    pipeline = make_steps().fit(made().X[loud], made().y[loud])
    with pytest.raises(
        ValueError, match=r"classifier must be linear with a row of coef_ for each stance, got Averaged"
    ):
        freeze(pipeline)


def test_held_out_probabilities_sum_to_one_and_beat_chance():
    scorer, chances = scorer_and_probabilities(made())
    assert np.array_equal(scorer.weights, freeze(fitted(made())).weights)
    assert chances.shape == (len(made().y), 3)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (np.array(STANCES)[chances.argmax(axis=1)] == made().y).mean() > 0.5


# the model


def test_model_trained_on_a_few_hundred_records_beats_chance():
    scores = evaluate(trained(), others())
    assert scores.judge_macro_f1 > 0.5
    assert scores.extract_f1 > 0.4
    assert scores.end_to_end_f1 > 0.25


def test_training_is_deterministic():
    again = train(some())
    assert again.card == trained().card
    assert again.blend == trained().blend
    assert all(np.array_equal(a, b) for a, b in zip(arrays_of(again), arrays_of(trained()), strict=True))


def test_trained_model_scores_the_same_once_saved_and_loaded(tmp_path):
    save(trained(), tmp_path)
    assert analyze(TEXT, model=load(tmp_path)) == analyze(TEXT, model=trained())


def test_training_changes_no_shipped_model():
    before = judge(TEXT, [(3, 10)])
    trained()
    assert judge(TEXT, [(3, 10)]) == before


@cache
def otherwise():
    """A model trained with every option, and what the progress was told."""
    table = "\t".join(TABLES["actors"]) + "\nzembla\tstate\tZembla\tZemblan\t\t\tWe thank [+Zembla].\n"
    lexicon = load_lexicon((("actors.tsv", table),))
    told = []
    records = some()[::2]
    model = train(
        records,
        lexicon=lexicon,
        weights=[2.0] * 50 + [1.0] * (len(records) - 50),
        pipeline=make_pipeline().set_params(classifier=LinearSVC(C=0.01)),
        seed=3,
        progress=lambda share, what: told.append((share, what)),
    )
    return model, told


def test_progress_tells_the_score_of_each_fold_and_ends_at_one():
    shares = [share for share, _ in otherwise()[1]]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    folds = [what for _, what in otherwise()[1] if "macro-F1" in what]
    assert [what.split(",")[0] for what in folds] == [f"fold {n} of 2" for n in range(1, 3)]


def test_other_linear_classifiers_take_the_last_place():
    scores = evaluate(otherwise()[0], others())
    assert scores.judge_macro_f1 > 0.4


def test_weights_given_are_times_those_of_the_records():
    records = [Record(str(n), "We met.", (), weight=weight) for n, weight in enumerate((1.0, 0.25))]
    assert checked_weights(records, None).tolist() == [1.0, 0.25]
    assert checked_weights(records, [2.0, 2.0]).tolist() == [2.0, 0.5]
    with pytest.raises(ValueError, match=r"weights must be positive numbers, got .*0\.0.*; leave out"):
        checked_weights([replace(records[0], weight=0.0)], [2.0])


def test_card_tells_the_seed_the_weights_and_the_tables():
    card = otherwise()[0].card
    assert card["seed"] == 3
    assert {name: part["records"] for name, part in card["parts"].items()} == {
        "weight 2": 50,
        "weight 1": len(some()[::2]) - 50,
    }
    assert "Zembla" in card["tables"]["actors.tsv"]
    assert card["lexicon"] == otherwise()[0].lexicon.digest != load_lexicon().digest
    low, high = card["cross_validated_macro_f1_95"]
    assert low < card["cross_validated_macro_f1"] < high
    assert set(card["cross_validated_f1"]) == {"condemn", "neutral", "support"}


def test_own_tables_travel_with_the_model(tmp_path):
    save(otherwise()[0], tmp_path)
    assert judge("We condemn Zembla.", [(11, 17)], model=load(tmp_path))[0].target.id == "zembla"


def test_own_tables_can_be_added_to_any_model():
    model = shipped_model().with_lexicon(otherwise()[0].lexicon)
    assert judge("We condemn Zembla.", [(11, 17)], model=model)[0].target.id == "zembla"
    assert judge("We condemn Zembla.", [(11, 17)])[0].target.id is None
    assert model.with_lexicon(load_lexicon()).card["tables"] is None


def test_weights_change_what_is_learned():
    heavy = [_fit_weight(weight) for weight in (1.0, 30.0)]
    assert heavy[1] > heavy[0]


def _fit_weight(weight):
    """The probability of support for a target that only the weighted record supports."""
    made = examples(marked(*["We condemn the [-raid]."] * 8, "We note the [=raid].", "We condemn the [+raid]."))
    weighted = made._replace(weights=np.append(np.ones(9), weight))
    return float(fitted(weighted, pipeline=make_steps(min_count=1)).predict_proba(made.X[:1])[0, 2])


def test_seed_changes_the_folds_and_nothing_else():
    groups = [f"s{n % 7}" for n in range(30)]
    assert shuffled(groups, 0) == shuffled(groups, 0)
    assert shuffled(groups, 1) != shuffled(groups, 0)
    assert len(set(zip(groups, shuffled(groups, 1), strict=True))) == 7


def test_card_tells_what_the_model_was_trained_on():
    card = trained().card
    targets = [target.stance for record in some() for target in record.targets]
    assert (card["records"], card["lexicon"], card["tables"]) == (len(some()), load_lexicon().digest, None)
    assert card["targets"] <= len(targets)
    assert card["shares"]["neutral"] == pytest.approx(targets.count(Stance.NEUTRAL) / len(targets), abs=0.01)
    assert 0.4 < card["cross_validated_macro_f1"] < 1
    assert all(0 <= worth <= 5 for worths in trained().blend for worth in worths)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, text=record.text + " "),
        lambda record: replace(record, targets=record.targets[1:]),
        lambda record: replace(record, targets=tuple(replace(t, stance=t.stance.opposite) for t in record.targets)),
    ],
    ids=["text", "target", "stance"],
)
def test_digest_of_the_data_changes_with_any_label(change):
    records = marked("We condemn [-it].", "We welcome [+it].")
    assert digest_of([change(records[0]), records[1]]) != digest_of(records)
    assert digest_of(marked("We condemn [-it].", "We welcome [+it].")) == digest_of(records)


@pytest.mark.parametrize("absent", Stance)
def test_records_without_a_stance_are_refused(absent):
    lines = {"condemn": "We condemn [-it].", "neutral": "We note [=it].", "support": "We welcome [+it]."}
    records = marked(*(line for stance, line in lines.items() if stance != absent))
    with pytest.raises(ValueError, match=rf"records must hold every stance, got none with {absent}; label some"):
        train(records)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0], r"weights must be one a record, 3, got the shape \(1,\); give one each"),
        ([1.0, 0.0, 1.0], r"weights must be positive numbers, got .*0\.0.*; leave out what should not count"),
        ([1.0, float("nan"), 1.0], r"weights must be positive numbers, got .*nan"),
    ],
)
def test_bad_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        train(marked("We condemn [-it].", "We note [=it].", "We welcome [+it]."), weights=weights)


def test_sentence_in_two_statements_is_refused():
    lines = [
        "We condemn the [-attack] on them.",
        "We note [=it].",
        "We welcome [+it].",
        "We CONDEMN the [-attack] on them!",
    ]
    with pytest.raises(
        ValueError,
        match=r"record 3: a sentence must stand in one statement, got it in 'a' and 'd'; remove one, or cross-",
    ):
        train(marked(*lines, statements="abcd"))


def test_classifier_that_is_not_linear_is_refused_before_the_long_work():
    told = []
    pipeline = make_pipeline().set_params(classifier=DecisionTreeClassifier(max_depth=2))
    with pytest.raises(ValueError, match=r"classifier must be linear .*, got DecisionTreeClassifier; use LogisticRegr"):
        train(some()[:60], pipeline=pipeline, progress=lambda share, what: told.append(what))
    assert told == []


def test_no_records_are_refused_with_every_stance_named():
    with pytest.raises(ValueError, match="got none with condemn, neutral, support; label some"):
        train([])


def test_too_few_statements_are_refused():
    records = marked("We condemn [-it].", "We note [=it].", "We welcome [+it].", statements=["a", "a", "b"])
    with pytest.raises(
        ValueError, match=r"records must come from at least 3 statements, got 2; give each record its stat"
    ):
        train(records)


# the shipped model


def test_shipped_model_was_trained_on_the_sentences_and_the_tables_of_today():
    card = shipped_model().card
    retrain = "run `make train`"
    assert card["data"] == digest_of(load_records()), retrain
    assert card["lexicon"] == load_lexicon().digest, retrain
    assert (card["records"], card["tables"]) == (len(load_records()), None)


@pytest.mark.slow
@pytest.mark.skipif("STANCE_RETRAIN" not in os.environ, reason="takes minutes; set STANCE_RETRAIN to run it")
def test_shipped_model_is_what_training_on_all_sentences_gives():
    again, shipped = train(load_records()), shipped_model()
    told = {name for name in again.card if not name.startswith("cross_validated")}
    assert {name: again.card[name] for name in told} == {name: shipped.card[name] for name in told} | {
        name: again.card[name] for name in ("package", "scikit-learn", "numpy")
    }
    linear = len(arrays_of(again)) - sum(map(len, again.networks))
    pairs = list(zip(arrays_of(again), arrays_of(shipped), strict=True))
    assert max(np.abs(a - b).max() for a, b in pairs[:linear]) < 1e-6
    # Sums of single precision hang on the processor, and thousands of steps make much of little: networks come out
    # the same on the same machine, and as good on any.
    assert np.array(again.blend) == pytest.approx(np.array(shipped.blend), abs=0.05)
    ours, theirs = evaluate(again, others()), evaluate(shipped, others())
    assert ours.judge_macro_f1 == pytest.approx(theirs.judge_macro_f1, abs=0.02)
    assert ours.end_to_end_f1 == pytest.approx(theirs.end_to_end_f1, abs=0.02)
