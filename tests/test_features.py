import math

import numpy as np
import pytest

from stance.document import Stance
from stance.features import features, place_in_parent
from stance.joint import neighbour_features
from stance.records import Record, load_records, parse_marked
from stance.training import examples

FORMS = [
    "We condemn [-[-{}]'s attack on [=Israel]].",
    "We condemn the [-attack on [={}]] and urge [=Kenya] to help.",
    "We welcome [+cooperation with [+{}]] in all fields.",
    "[=Ministers] of [={}] met in the capital, and [-it] was condemned.",
    "The war in [={}] goes on; [={}] and [=Kenya] are not alone.",
]


def mentions_of(marked):
    (within,) = examples([Record("1", *parse_marked(marked))]).mentioned
    return within


def rows_of(marked):
    return examples([Record("1", *parse_marked(marked))]).X


def sample():
    return examples(load_records()[::40])


@pytest.mark.parametrize("state", ["China", "Russia", "France", "Iran", "Ukraine", "Türkiye", "Tuvalu"])
@pytest.mark.parametrize("form", FORMS)
def test_swapping_one_state_for_another_changes_no_feature(form, state):
    assert rows_of(form.replace("{}", state)) == rows_of(form.replace("{}", "Peru"))


@pytest.mark.parametrize("state", ["United States", "Papua New Guinea", "South Korea"])
@pytest.mark.parametrize("form", FORMS[:4])
def test_state_of_several_words_votes_and_is_classed_like_any_other(form, state):
    long, short = (mentions_of(form.replace("{}", name)) for name in (state, "Peru"))
    assert [(m.group, place_in_parent(m), m.before) for m in long] == [
        (m.group, place_in_parent(m), m.before) for m in short
    ]


@pytest.mark.parametrize("one", ["the Houthis", "Hamas", "Hezbollah"])
def test_no_feature_holds_the_name_of_an_actor(one):
    bare = one.removeprefix("the ")
    for row in rows_of(f"We condemn [-[-{bare}] attacks] and the crimes of [-{bare}]."):
        assert [name for name in row if bare.lower() in name.lower()] == []


def test_unknown_names_are_masked():
    (row,) = rows_of("We thank [+Zorblat Vint] for it.")
    assert [name for name in row if "orblat" in name or "vint" in name.lower()] == []


def test_features_are_named_and_finite():
    for row in sample().X:
        assert row
        assert all(isinstance(name, str) and "\n" not in name for name in row)
        assert all(math.isfinite(value) for value in row.values())


def test_each_feature_of_a_target_counts_one():
    assert {value for row in sample().X for value in row.values()} == {1.0}


def test_features_are_the_same_each_time():
    marked = "We condemn [-[-Iran]'s attack on [=Israel]] and oppose [-attempts to undermine the [+UN Charter]]."
    assert rows_of(marked) == rows_of(marked)


def test_votes_are_features():
    (mention,) = mentions_of("We met [=Iran].")
    none, cast = features(mention, {}), features(mention, {"some_rule": Stance.CONDEMN})
    assert {name for name in cast if "some_rule" in name} - set(none)
    assert cast != features(mention, {"some_rule": Stance.SUPPORT})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("We condemn the [-plan].", "We welcome the [+plan]."),
        ("We support the [+plan].", "We do not support the [-plan]."),
        ("We condemn the [-attack] on it.", "They lived through the [=attack] on it."),
        ("[=Iran] condemned it.", "It condemned [-Iran]."),
    ],
)
def test_what_judges_a_target_shows_in_its_features(left, right):
    assert rows_of(left) != rows_of(right)


@pytest.mark.parametrize(
    ("marked", "target", "expected"),
    [
        ("We met [=Iran].", 0, "state"),
        ("We met the [=children of war].", 0, "object"),
        ("We discussed [=terrorism].", 0, "harm"),
        ("We discussed [=food security].", 0, "good"),
    ],
)
def test_class_stands_for_the_name(marked, target, expected):
    assert mentions_of(marked)[target].group == expected


@pytest.mark.parametrize(
    ("marked", "place"),
    [
        ("We fear [-[-Iran]'s rage].", "first"),
        ("We fear [-rage of [-Iran]].", "of"),
        ("We fear [-acts by the [-Houthis]].", "by"),
    ],
)
def test_place_in_parent(marked, place):
    outer, inner = mentions_of(marked)
    assert (place_in_parent(outer), place_in_parent(inner)) == ("none", place)


def test_neighbours_tell_their_stances_to_parent_child_and_sibling():
    within = mentions_of("We condemn [-[-Iran]'s attack] and [-[-Iraq]'s reply].")
    chances = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])
    outer, inner, second, _ = neighbour_features(within, chances)
    # in proportion to the neighbour's probabilities
    assert inner["parent condemn"] / inner["parent support"] == pytest.approx(7)
    assert outer["child condemn"] / outer["child neutral"] == pytest.approx(2)
    assert second["sibling condemn"] / second["sibling neutral"] == pytest.approx(3.5)
    assert outer["following sibling condemn"] / outer["following sibling support"] == pytest.approx(2.5)


def test_a_single_target_has_no_neighbours():
    assert neighbour_features(mentions_of("We met [=Iran]."), np.full((1, 3), 1 / 3)) == [{}]
    assert neighbour_features([], np.zeros((0, 3))) == []


def test_names_of_neighbour_features_are_no_names_of_other_features():
    made = sample()
    own = {name for row in made.X for name in row}
    more = {n for g in made.mentioned for row in neighbour_features(g, np.full((len(g), 3), 1 / 3)) for n in row}
    assert more
    assert own.isdisjoint(more)


def test_neighbour_features_are_finite():
    for group in sample().mentioned:
        for row in neighbour_features(group, np.full((len(group), 3), 1 / 3)):
            assert all(math.isfinite(value) for value in row.values())
