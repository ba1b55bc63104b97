import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import analysed

from stance.comparison import compare


def changes(first, second, **options):
    return [(str(c.kind), c.target) for c in compare(analysed(first), analysed(second), **options)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("We regret the [-attack].", "We strongly condemn the [-attack].", [("hardened", "attack")]),
        ("We strongly condemn the [-attack].", "We regret the [-attack].", [("softened", "attack")]),
        ("We welcome the [+plan].", "We reject the [-plan].", [("reversed", "plan")]),
        ("We met.", "We welcome the [+truce].", [("new", "truce")]),
        ("We welcome the [+truce].", "We met.", [("dropped", "truce")]),
        ("We commend the [+work] of crews at sea.", "We applaud the [+work] of crews at sea.", [("reworded", "work")]),
        ("We noted the [=attack].", "We condemn the [-attack].", [("hardened", "attack")]),
        ("We condemn the [-attack].", "We noted the [=attack].", [("softened", "attack")]),
    ],
)
def test_each_kind_of_change(first, second, expected):
    assert changes(first, second) == expected


def test_passages_show_both_sides():
    (change,) = compare(analysed("We regret the [-attack]."), analysed("We condemn the [-attack]."), names=("a", "b"))
    assert (change.before.file, change.before.evidence) == ("a", "regret")
    assert (change.after.file, change.after.evidence) == ("b", "condemn")
    assert change.passages == (change.before, change.after)


def test_what_is_new_has_nothing_before_and_what_is_dropped_nothing_after():
    (new,) = compare(analysed("We met."), analysed("We welcome the [+truce]."))
    (dropped,) = compare(analysed("We welcome the [+truce]."), analysed("We met."))
    assert new.before is None
    assert dropped.after is None
    assert len(new.passages) == len(dropped.passages) == 1


def test_names_of_one_target_are_matched_by_id():
    assert changes("We welcome [+Iran].", "We condemn [-Tehran].") == [("reversed", "Tehran")]


def test_wordings_of_one_target_are_matched_by_their_words():
    first, second = "We regret the [-attacks by the rebels].", "We condemn the [-rebel attacks]."
    assert changes(first, second) == [("hardened", "rebel attacks")]


def test_a_target_with_one_more_word_is_the_same_target():
    first, second = (
        "We regret the [-widespread looting of shops].",
        "We regret the [-continuing widespread looting of shops].",
    )
    assert changes(first, second) == [("reworded", "continuing widespread looting of shops")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("We condemn the [-attack].", "We condemn the [=attack]."),
        ("We condemn the [-attack].", "Today, meeting in Rome, we condemn the [+attack]."),
        ("1. Urges all to stop the [-attack];", "7. Urges all to stop the [+attack];"),
    ],
)
def test_words_that_stand_in_both_texts_are_no_change_whatever_the_model_says(first, second):
    assert changes(first, second) == []


def test_a_negation_is_a_change_of_words():
    assert changes("We support the [+plan].", "We do not support the [-plan].") == [("reversed", "plan")]


@pytest.mark.parametrize("unmarked", ["The truce of Kivu holds.", "All kept to the Kivu truce."])
def test_a_target_is_not_new_where_the_other_text_holds_its_words(unmarked):
    assert changes(unmarked, "We welcome the [+truce in Kivu].") == []


def test_a_light_head_makes_no_new_target():
    assert changes("Gross banditry was told of.", "We condemn [-cases of gross banditry].") == []


def test_another_head_makes_a_new_target():
    first, second = "They met in Kivu on the river.", "We welcome the [+truce in Kivu]."
    assert changes(first, second) == [("new", "truce in Kivu")]


def test_what_is_only_noted_of_others_is_no_verdict_to_compare():
    assert changes("We met.", "Noting its support for [+126 reforms], we met.") == []


def test_another_name_of_the_tables_is_no_new_target():
    assert changes("We thank [+United Nations personnel].", "We honour [+all UN personnel].") in (
        [],
        [("reworded", "all UN personnel")],
    )


def test_an_actor_is_not_new_where_the_other_text_has_another_name_for_it():
    assert changes("They met in Tehran.", "We condemn [-Iran].") == []


def test_a_date_makes_no_new_target():
    assert changes("We support [+free elections].", "We support [+free elections in 2031].") == []


def test_a_verdict_beside_the_opposite_one_is_new():
    first = "We condemn [-Iran]."
    second = "We condemn [-Iran]. We thank [+Iran] for its help."
    assert changes(first, second) == [("new", "Iran")]
    assert changes(second, first) == [("dropped", "Iran")]


def test_a_verdict_beside_a_mention_that_stays_is_new():
    first = "They met in [=Iran]."
    second = "They met in [=Iran]. We thank [+Iran] for its help."
    assert changes(first, second) == [("new", "Iran")]
    assert changes(second, first) == [("dropped", "Iran")]


def test_uncertain_stances_give_no_change():
    sure, unsure = analysed("We welcome the [+plan]."), analysed("We reject the [-plan].", confidence=0.6)
    assert compare(sure, unsure) == compare(unsure, sure) == ()
    assert [c.kind for c in compare(sure, unsure, min_confidence=0.5)] == ["reversed"]


def test_strength_is_compared_only_where_the_speaker_says_it():
    first = "The Council requests him to improve, where necessary, the [+safety of crews] at sea."
    second = "The Council requests him to find the tools that promote the [+safety of crews] at sea."
    assert [kind for kind, _ in changes(first, second)] in ([], ["reworded"])


def test_words_that_only_point_are_no_targets_to_compare():
    assert changes("We met.", "We condemn [-such violations] and [-these acts].") == []
    assert changes("We met.", "We seek an [+end to such acts] and condemn those [-violations].") == []
    assert changes("We met.", "We honour [+all those who fled].") == [("new", "all those who fled")]


def test_a_list_of_targets_gives_way_to_its_parts():
    found = changes("We met.", "We condemn [-[-piracy], [-arson] and [-looting]].")
    assert sorted(found) == [("new", "arson"), ("new", "looting"), ("new", "piracy")]


def test_a_part_of_something_new_is_not_told_twice():
    assert changes("We met.", "We condemn the [-burning of [-village granaries]].") == [
        ("new", "burning of village granaries")
    ]


def test_verdicts_stand_before_mentions_and_the_strongest_first():
    first = "We welcome the [+harvest]."
    second = "They noted the [=rain]. We regret the [-frost]. We condemn the [-arson]. We reject the [-harvest]."
    assert [target for _, target in changes(first, second)] == ["harvest", "arson", "frost", "rain"]


MARKED = [
    "We condemn the [-attack].",
    "We welcome the [+truce].",
    "They noted the [=report].",
    "We regret the [-attack].",
]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(MARKED), max_size=4))
def test_a_text_has_not_changed_from_itself(sentences):
    text = " ".join(sentences)
    assert changes(text, text) == []


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(MARKED), max_size=3), st.lists(st.sampled_from(MARKED), max_size=3))
def test_changes_turn_round_with_the_texts(first, second):
    turned = {"new": "dropped", "dropped": "new", "hardened": "softened", "softened": "hardened"}
    there = changes(" ".join(first), " ".join(second))
    back = changes(" ".join(second), " ".join(first))
    assert sorted((turned.get(kind, kind), target) for kind, target in there) == sorted(back)
