import numpy as np
import pytest

from stance.hashing import Templates, code

VALUES = np.array([[3, 3, 5, 0], [0, 1, 0, 0]])  # of "cue" and "depth"


@pytest.mark.parametrize(("text", "number"), [("", 0), ("condemn", 2022952335), ("Türkiye", 3483701287)])
def test_code_of_a_text_is_the_same_everywhere(text, number):
    assert code(text) == number


def test_lone_surrogate_has_a_code():
    assert code("\ud800") != code("\udbff")


def test_equal_tuples_share_a_bucket_and_others_do_not():
    both, alone = Templates(("cue", "cue depth"), 1 << 20).hash(VALUES)
    assert alone[0] == alone[1]
    assert len({*both.tolist()}) == 4
    assert set(alone.tolist()).isdisjoint(both.tolist())


def test_bucket_does_not_depend_on_what_is_hashed_beside():
    templates = Templates(("cue", "cue depth", "depth"), 1 << 10)
    whole = templates.hash(VALUES)
    assert whole.shape == (len(templates), 4)
    assert whole.max() < 1 << 10
    for place in range(4):
        one = templates.hash(VALUES[:, place : place + 1])
        assert np.array_equal(one[:, 0], whole[:, place])


def test_templates_numbered_apart_share_no_bucket():
    first, second = (Templates(("cue",), 1 << 20, [number]).hash(VALUES[:1]) for number in (1, 8))
    assert not np.intersect1d(first, second).size


def test_templates_of_one_number_share_their_buckets():
    first, second = Templates(("cue@0", "cue@1"), 1 << 20, [5, 5]).hash(VALUES)
    assert first[3] == second[0]
    assert first[0] != second[0]


def test_nothing_has_no_buckets():
    assert Templates(("cue depth",), 8).hash(VALUES[:, :0]).shape == (1, 0)


def test_templates_stand_in_the_order_of_their_fields_wherever_they_are_given():
    there, back = Templates(("cue", "cue depth"), 1 << 20), Templates(("cue depth", "cue"), 1 << 20)
    assert there.names == back.names == (("cue", "depth"), ("cue",))
    assert there.fields == ("cue", "depth")


def test_fields_may_come_in_an_order_of_their_own():
    given = Templates(("cue", "cue depth"), 1 << 20, fields=("depth", "unused", "cue"))
    assert given.fields == ("depth", "unused", "cue")
    values = np.stack([VALUES[1], VALUES[0] + 7, VALUES[0]])
    assert np.array_equal(given.hash(values), Templates(("cue", "cue depth"), 1 << 20).hash(VALUES))


def test_the_order_of_fields_counts():
    templates = Templates(("cue depth", "depth cue"), 1 << 20, [1, 1])
    one, other = templates.hash(np.array([[3], [5]])).ravel().tolist()
    assert one != other


def test_buckets_of_many_tuples_are_spread_evenly():
    numbers = np.arange(1 << 12)
    buckets = Templates(("cue depth", "depth cue"), 1 << 20).hash(np.array([numbers % 64, numbers // 64]))
    collisions = buckets.size - len(np.unique(buckets))
    assert collisions < 60  # 32 are to be expected of 8,192 drawn at random


def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match="values must have 2 rows, got 1; give one a field, in order"):
        Templates(("cue", "cue depth"), 8).hash(VALUES[:1])


def test_numbers_are_described_as_they_are():
    templates = Templates(("cue depth",), 8, counted=("depth",))
    assert templates.describe(np.array([[0], [0]]), {0: "none"}) == [["cue=none depth=0"]]


def test_features_are_described_by_field_and_text():
    values = np.array([[code("condemn")], [1]])
    assert Templates(("cue depth", "depth"), 8).describe(values, {code("condemn"): "condemn"}) == [
        ["cue=condemn depth=1", "depth=1"]
    ]
