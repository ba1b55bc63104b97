import numpy as np
import pytest
from marked import mentions_of, naming_coder

from stance.examples import examples, read_marked
from stance.features import BUCKETS, feature_names, features
from stance.labelled import load_records
from stance.rules import votes
from stance.surroundings import NOTHING, Surroundings
from stance.token_table import token_table

FORMS = [
    "We condemn [-[-{}]'s attack on [=Israel]].",
    "We condemn the [-attack on [={}]] and urge [=Kenya] to help.",
    "We welcome [+cooperation with [+{}]] in all fields.",
    "[=Ministers] of [={}] met in the capital, and [-it] was condemned.",
    "The war in [={}] goes on; [={}] and [=Kenya] are not alone.",
]


def place_in_parent(mention):
    """Where a target stands in the one around it, worked out from the links that the features do without."""
    parent = mention.parent
    if parent is None:
        return "none"
    if mention.first == parent.first:
        return "first"
    return "head" if mention.first <= parent.head < mention.last else mention.masked_before


def rows_of(marked):
    """The names of the features of each target."""
    coder, texts = naming_coder()
    within = mentions_of(marked)
    table = token_table([within[0].reading], coder)
    return feature_names(table, [within], coder, texts)


def sample():
    return load_records()[::40]


@pytest.mark.parametrize("state", ["China", "Russia", "France", "Iran", "Ukraine", "Türkiye", "Tuvalu"])
@pytest.mark.parametrize("form", FORMS)
def test_swapping_one_state_for_another_changes_no_feature(form, state):
    assert rows_of(form.replace("{}", state)) == rows_of(form.replace("{}", "Peru"))


@pytest.mark.parametrize("state", ["United States", "Papua New Guinea", "South Korea"])
@pytest.mark.parametrize("form", FORMS[:4])
def test_state_of_several_words_votes_and_is_classed_like_any_other(form, state):
    long, short = (mentions_of(form.replace("{}", name)) for name in (state, "Peru"))
    assert [(m.group, place_in_parent(m), m.masked_before) for m in long] == [
        (m.group, place_in_parent(m), m.masked_before) for m in short
    ]


@pytest.mark.parametrize("one", ["the Houthis", "Hamas", "Hezbollah"])
def test_no_feature_holds_the_name_of_an_actor(one):
    bare = one.removeprefix("the ")
    for row in rows_of(f"We condemn [-[-{bare}] attacks] and the crimes of [-{bare}]."):
        assert [name for name in row if bare.lower() in name.lower()] == []


def test_unknown_names_are_masked():
    (row,) = rows_of("We thank [+Zorblat Vint] for it.")
    assert [name for name in row if "orblat" in name or "vint" in name.lower()] == []


def test_features_are_buckets_and_as_many_for_each_target():
    marked, made = read_marked(sample()), examples(sample())
    buckets = features(token_table(marked.readings), marked.mentions)
    assert buckets.shape[1] == len(made.y) == made.X.shape[0]
    assert buckets.max() < BUCKETS


def test_matrix_counts_the_features_and_the_words_around():
    marked = read_marked(sample())
    table = token_table(marked.readings)
    own, around = features(table, marked.mentions), Surroundings(table, marked.mentions)
    _, bucket, value = around.listed()
    assert examples(sample()).X.sum() == own.size + value[bucket != NOTHING].sum()


def test_features_of_a_batch_are_those_of_each_sentence():
    marked = read_marked(sample())
    whole = features(token_table(marked.readings), marked.mentions)
    alone = [
        features(token_table([reading]), [within])
        for reading, within in zip(marked.readings, marked.mentions, strict=True)
    ]
    assert np.array_equal(whole, np.concatenate(alone, axis=1))


def test_place_of_the_features_is_that_of_the_links():
    marked = read_marked(sample())
    coder, texts = naming_coder()
    rows = feature_names(token_table(marked.readings, coder), marked.mentions, coder, texts)
    places = [next(name for name in row if name.startswith("place=") and " " not in name) for row in rows]
    everyone = [mention for within in marked.mentions for mention in within]
    assert places == [f"place={place_in_parent(mention) or 'none'}" for mention in everyone]


def test_numbers_of_features_are_told_as_numbers():
    names = rows_of("We condemn [-[-Iran]'s attack].")[1]
    assert [name.split()[-1] for name in names if name.startswith("left_tone") and "right" in name] == ["top=0"]


def test_names_stand_for_the_buckets_one_to_one():
    rows = rows_of("We condemn [-[-Iran]'s attack on [=Israel]] and oppose [-attempts to undermine the [+UN Charter]].")
    assert "verdict=condemn rule=object_of_predicate" in rows[0]
    assert "governor1=condemn preposition1=none" in rows[0]


def test_no_mentions_have_no_features():
    within = mentions_of("We met.")
    assert features(token_table([]), []).shape[1] == len(within) == 0


def test_features_are_the_same_each_time():
    marked = "We condemn [-[-Iran]'s attack on [=Israel]] and oppose [-attempts to undermine the [+UN Charter]]."
    assert rows_of(marked) == rows_of(marked)


def test_votes_are_features():
    (mention,) = mentions_of("We condemn the [-attack].")
    (row,) = rows_of("We condemn the [-attack].")
    assert {f"{rule}={vote}" for rule, vote in votes(mention).items()} <= set(row)


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
