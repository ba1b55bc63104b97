import pytest

from stance.agreement import agreement, confusion
from stance.records import Record, parse_marked

A = ["We condemn the [-attack] on [=Iran].", "We welcome the [+truce].", "They met [=Oman]."]
B = ["We condemn the [-attack] on [-Iran].", "We welcome the [+truce].", "They met Oman."]


def annotator(lines):
    return [Record(str(n), *parse_marked(line)) for n, line in enumerate(lines)]


def test_annotators_who_agree_have_alpha_and_kappa_of_one():
    made, differences = agreement({"a": annotator(A), "b": annotator(A), "c": annotator(A)})
    assert (made.stance_alpha, made.span_alpha, made.sentences, made.targets) == (1, 1, 3, 4)
    assert [(pair.first, pair.second, pair.stance_kappa, pair.span_f1) for pair in made.pairs] == [
        ("a", "b", 1, 1), ("a", "c", 1, 1), ("b", "c", 1, 1)
    ]  # fmt: skip
    assert differences == []


def test_disagreements_are_listed_with_what_each_said():
    made, differences = agreement({"a": annotator(A), "b": annotator(B)})
    assert [(d.target, d.said) for d in differences] == [
        ("Iran", {"a": "neutral", "b": "condemn"}),
        ("Oman", {"a": "neutral", "b": "none"}),
    ]
    assert confusion(differences) == {("condemn", "neutral"): 1, ("neutral", "none"): 1}
    (pair,) = made.pairs
    assert (pair.targets_first, pair.targets_second, pair.matched) == (4, 3, 3)
    assert (pair.span_f1, pair.end_to_end_f1) == pytest.approx((6 / 7, 4 / 7))


def test_kappa_is_cohens():
    # three items, two alike; expected agreement: condemn 1/3 * 2/3, neutral 1/3 * 0, support 1/3 * 1/3
    made, _ = agreement({"a": annotator(A), "b": annotator(B)})
    chance = 1 / 3 * 2 / 3 + 1 / 3 * 1 / 3
    assert made.pairs[0].stance_kappa == pytest.approx((2 / 3 - chance) / (1 - chance))


def test_alpha_is_krippendorffs():
    # three items with two answers each: condemn 3, neutral 1, support 2; observed disagreement 1/3
    made, _ = agreement({"a": annotator(A), "b": annotator(B)})
    expected = 1 - (3 * 2 + 1 * 0 + 2 * 1) / (6 * 5)
    assert made.stance_alpha == pytest.approx(1 - (1 / 3) / expected)


def test_alpha_of_spans_is_that_of_words():
    # of 16 words 4 and 3 stand in a target, all but one alike: inside 7, outside 25 of 32 answers
    made, _ = agreement({"a": annotator(A), "b": annotator(B)})
    assert made.span_alpha == pytest.approx(1 - (1 / 16) / (2 * 7 * 25 / (32 * 31)))


def test_spans_that_overlap_by_half_are_one_target():
    made, differences = agreement(
        {"a": annotator(["We condemn the [-attack on Iran]."]), "b": annotator(["We condemn [-the attack on Iran]."])}
    )
    assert (made.targets, differences, made.pairs[0].exact_span_f1) == (1, [], 0)


def test_only_common_sentences_count():
    made, _ = agreement({"a": annotator(A), "b": annotator(B[1:])})
    assert made.sentences == 2


@pytest.mark.parametrize("given", [{}, {"a": annotator(A)}])
def test_one_annotator_is_refused(given):
    with pytest.raises(ValueError, match=r"annotators must be at least two, got [01]; give a file of each"):
        agreement(given)


def test_annotators_of_other_texts_are_refused():
    with pytest.raises(
        ValueError, match=r"annotators must share sentences, got none in all of a, b; give files of the"
    ):
        agreement({"a": annotator(A[:1]), "b": annotator(A[1:])})
