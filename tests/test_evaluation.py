from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance import analyze, evaluate, judge
from stance.document import Stance
from stance.evaluation import RuleScore, f1, match_spans, rule_scores
from stance.model import shipped_model
from stance.records import LabelledTarget, Record, load_records, parse_marked
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
    shares = [
        getattr(scores(), name) for name in type(scores()).__slots__ if name not in ("sentences", "targets", "judge_f1")
    ]
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


@pytest.mark.parametrize(
    ("right", "predicted", "wanted", "expected"), [(0, 0, 0, 0), (0, 5, 5, 0), (3, 3, 3, 1), (1, 3, 1, 0.5)]
)
def test_f1(right, predicted, wanted, expected):
    assert f1(right, predicted, wanted) == expected
