from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import analyze, evaluate, judge
from stance.document import Stance
from stance.evaluation import (
    RuleScore,
    calibration,
    calibration_error,
    changes,
    coverage,
    differences,
    macro_f1,
    match_spans,
    measure,
    rule_scores,
    scores_of,
)
from stance.labelled import load_records
from stance.model import shipped_model
from stance.records import LabelledTarget, Record, parse_marked
from stance.rules import RULES

SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1])), max_size=8, unique=True
)


def marked(*lines):
    return [Record(str(n), *parse_marked(line)) for n, line in enumerate(lines)]


def answers(lines):
    """Records whose labels are what the model finds."""
    found = {line: analyze(line).judgements for line in lines}
    return [
        Record(line, line, tuple(LabelledTarget(j.target.start, j.target.end, j.stance) for j in judgements))
        for line, judgements in found.items()
    ]


@cache
def sample():
    return load_records()[::60]


@cache
def scores():
    return evaluate(shipped_model(), sample())


def test_all_scores_are_shares_and_count_what_was_given():
    shares = [value for value in map(scores().__getattribute__, type(scores()).__slots__) if isinstance(value, float)]
    assert len(shares) == 9
    assert all(0 <= share <= 1 for share in [*shares, *scores().judge_f1.values()])
    assert (scores().sentences, scores().targets) == (len(sample()), sum(len(record.targets) for record in sample()))


def test_macro_f1_is_the_mean_over_the_stances():
    assert set(scores().judge_f1) == set(Stance)
    assert scores().judge_macro_f1 == pytest.approx(sum(scores().judge_f1.values()) / 3)


def test_finding_and_judging_is_no_easier_than_finding():
    assert scores().end_to_end_f1 <= scores().extract_f1
    assert scores().extract_f1 == pytest.approx(2 / (1 / scores().extract_precision + 1 / scores().extract_recall))


def test_accuracy_is_the_share_of_targets_judged_right():
    pairs = [
        (target.stance, judgement.stance)
        for record in sample()
        for target, judgement in zip(record.targets, judge(record.text, record.spans), strict=True)
    ]
    assert scores().judge_accuracy == pytest.approx(sum(a is b for a, b in pairs) / len(pairs))


def test_model_that_answers_as_labelled_scores_one():
    perfect = evaluate(
        shipped_model(), answers(["We condemn the attack.", "We welcome the truce and took note of the report."])
    )
    assert perfect.extract_f1 == perfect.end_to_end_f1 == perfect.verdict_f1 == perfect.extract_recall == 1
    assert perfect.judge_accuracy == 1


def test_wrong_labels_cost_end_to_end_but_not_extraction():
    record = answers(["We condemn the attack."])[0]
    turned = Record("1", record.text, tuple(LabelledTarget(t.start, t.end, t.stance.opposite) for t in record.targets))
    wrong = evaluate(shipped_model(), [turned])
    assert wrong.extract_f1 == 1
    assert wrong.end_to_end_f1 == wrong.verdict_f1 == wrong.judge_accuracy == 0


def test_order_of_the_records_does_not_matter():
    assert evaluate(shipped_model(), sample()[::-1][:20]) == evaluate(shipped_model(), sample()[-20:])


@pytest.mark.parametrize("records", [[], [Record("1", "We met.", ())]])
def test_records_without_targets_are_refused(records):
    with pytest.raises(ValueError, match=r"records must hold targets, got none; label some"):
        evaluate(shipped_model(), records)


def test_what_is_no_record_is_refused():
    with pytest.raises(TypeError, match=r"record must be a Record, got str; read labels with load_records"):
        evaluate(shipped_model(), ["We met."])


def test_rules_are_counted_most_often_first():
    table = rule_scores(shipped_model(), sample())
    assert [row.fired for row in table] == sorted((row.fired for row in table), reverse=True)
    assert {row.rule for row in table} <= {rule.__name__ for rule in RULES}
    assert all(row.correct <= row.fired and row.overruled <= row.fired for row in table)


def test_rule_is_counted_where_it_votes_and_correct_where_the_label_agrees():
    table = {row.rule: row for row in rule_scores(shipped_model(), marked("We condemn [-it].", "We condemn [+him]."))}
    row = table["object_of_predicate"]
    assert (row.fired, row.correct) == (2, 1)
    assert row.precision == 0.5


def test_no_records_give_no_rules():
    assert rule_scores(shipped_model(), []) == []


def test_precision_of_a_rule_that_never_voted_is_zero():
    assert RuleScore("never", 0, 0, 0).precision == 0


@pytest.mark.parametrize(
    ("labelled", "found", "pairs"),
    [
        ([(0, 10)], [(0, 10)], [(0, 0)]),
        ([(0, 10)], [(0, 5)], [(0, 0)]),
        ([(0, 10)], [(0, 4)], []),
        ([(0, 10)], [(10, 20)], []),
        ([(0, 10)], [(5, 15)], []),
        ([(0, 10)], [(0, 9), (0, 10)], [(0, 1)]),
        ([(0, 10), (0, 8)], [(0, 8), (0, 10)], [(1, 0), (0, 1)]),
        ([(0, 10), (0, 9)], [(0, 10)], [(0, 0)]),
        ([], [(0, 1)], []),
        ([(0, 1)], [], []),
    ],
)
def test_spans_match_that_overlap_by_half_the_best_first(labelled, found, pairs):
    assert sorted(match_spans(labelled, found)) == sorted(pairs)


@given(SPANS, SPANS)
def test_spans_are_matched_one_to_one(labelled, found):
    pairs = match_spans(labelled, found)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


@given(SPANS)
def test_spans_match_themselves(spans):
    assert sorted(match_spans(spans, spans)) == [(n, n) for n in range(len(spans))]


@cache
def measured():
    return measure(shipped_model(), sample())


def swapped():
    """A model that says support where the shipped one says condemn, and the other way round."""
    model = shipped_model()
    scorer = replace(model.scorer, weights=model.scorer.weights[:, [2, 1, 0]])
    outputs, bias = model.networks.outputs, model.networks.output_bias
    networks = model.networks._replace(outputs=outputs[..., [2, 1, 0, 3]], output_bias=bias[..., [2, 1, 0, 3]])
    return replace(model, scorer=scorer, networks=networks)


def test_sentences_of_one_statement_are_drawn_together():
    lines = ["We condemn the [-attack].", "We welcome the [-attack]."] * 12
    alone = measure(shipped_model(), marked(*lines))
    paired = [replace(one, record=replace(one.record, statement=str(n // 2))) for n, one in enumerate(alone)]
    few = [replace(one, record=replace(one.record, statement=str(n % 2))) for n, one in enumerate(alone)]
    wide, narrow = (scores_of(each, rounds=200).intervals["end_to_end_f1"] for each in (alone, paired))
    assert narrow[0] == narrow[1]  # each pair is half right
    assert wide[0] < narrow[0] < wide[1]
    assert scores_of(few, rounds=200).intervals["end_to_end_f1"] == wide


def test_intervals_hold_their_scores_and_come_from_the_seed():
    found = scores_of(measured(), rounds=200)
    assert all(low < getattr(found, name) < high for name, (low, high) in found.intervals.items())
    assert "judge_macro_f1" in found.intervals
    assert scores_of(measured(), rounds=200) == found
    assert scores_of(measured(), rounds=200, seed=1).intervals != found.intervals


def test_confusion_counts_every_target_by_label_and_answer():
    labelled = [str(target.stance) for record in sample() for target in record.targets]
    assert {label: sum(row.values()) for label, row in scores().confusion.items()} == {
        label: labelled.count(label) for label in Stance
    }
    right = sum(scores().confusion[label][label] for label in Stance)
    assert right / len(labelled) == pytest.approx(scores().judge_accuracy)


def test_sentences_with_several_targets_are_scored_apart():
    lines = ["We condemn the [-attack].", "We met [=Iran] and [=Oman].", "We welcome the [+truce] and met [=Iran]."]
    found = evaluate(shipped_model(), marked(*lines))
    assert (found.targets, found.several_targets, found.mixed_targets) == (5, 4, 2)
    assert evaluate(shipped_model(), marked(lines[0])).several_macro_f1 == 0


def test_targets_on_which_annotators_differed_count_for_nothing():
    record = answers(["We strongly condemn the attacks and welcome the truce."])[0]
    without = replace(record, targets=record.targets[1:], optional=record.targets[:1])
    assert evaluate(shipped_model(), [without]).extract_precision == 1
    assert evaluate(shipped_model(), [replace(without, optional=())]).extract_precision < 1


def test_progress_is_told_after_each_record():
    told = []
    measure(shipped_model(), marked("We condemn [-it].", "We left."), told.append)
    assert told == [1, 2]


def test_model_is_no_better_than_itself():
    found = differences(measured(), measured())
    assert {(d.value, d.low, d.high, d.p) for d in found.values()} == {(0, 0, 0, 1)}
    assert changes(measured(), measured()) == ([], [])


def test_worse_model_is_told_with_what_it_gets_wrong():
    worse = measure(swapped(), sample())
    found = differences(measured(), worse)["judge_macro_f1"]
    assert found.low < found.value < found.high < 0
    assert found.p < 0.01
    gains, losses = changes(measured(), worse)
    assert len(losses) > len(gains)
    assert all(change.first == change.labelled != change.second and change.target in change.text for change in losses)
    assert (len(losses) - len(gains)) / scores().targets == pytest.approx(
        scores().judge_accuracy - scores_of(worse, rounds=10).judge_accuracy
    )
    assert changes(worse, measured())[0] == [c._replace(first=c.second, second=c.first) for c in losses]


def test_other_sentences_cannot_be_compared():
    with pytest.raises(ValueError, match=r"counts must be of the same units, got .* and .*; score the same records"):
        differences(measured(), measured()[1:])


def test_bins_hold_every_target_and_confidence_is_near_the_share_that_is_right():
    bins = calibration(measured())
    assert sum(each.targets for each in bins) == scores().targets
    assert all(each.low <= each.confidence <= each.high and 0 <= each.right <= 1 for each in bins)
    assert sum(each.targets * each.right for each in bins) / scores().targets == pytest.approx(scores().judge_accuracy)
    assert calibration_error(bins) < 0.2
    assert calibration_error([]) == 0


def test_coverage_falls_as_more_confidence_is_asked_for_and_what_is_left_is_more_often_right():
    points = coverage(measured())
    assert points[0][:3] == (0.0, scores().targets, 1.0)
    assert points[0].right == pytest.approx(scores().judge_accuracy)
    assert [p.coverage for p in points] == sorted((p.coverage for p in points), reverse=True)
    assert points[-1].right > points[0].right
    assert coverage(measured(), least=(0.5, 1.1)) == coverage(measured(), least=(0.5,))


def test_macro_f1_of_counts_is_that_of_scikit_learn():
    from sklearn.metrics import f1_score

    pairs = [(t.stance, j.stance) for one in measured() for t, j in zip(one.record.targets, one.judged, strict=True)]
    labelled, given = (list(map(str, column)) for column in zip(*pairs, strict=True))
    counts = np.sum([one.counts for one in measured()], axis=0)
    assert float(macro_f1(counts)) == pytest.approx(f1_score(labelled, given, average="macro"))
