import numpy as np
import pytest

from stance.hashing import Templates, code

FIELDS = {"cue": np.array([3, 3, 5, 0]), "depth": np.array([0, 1, 0, 0])}


@pytest.mark.parametrize(("text", "number"), [("", 0), ("condemn", 2022952335), ("Türkiye", 3483701287)])
def test_code_of_a_text_is_the_same_everywhere(text, number):
    assert code(text) == number


def test_lone_surrogate_has_a_code():
    assert code("\ud800") != code("\udbff")


def test_equal_tuples_share_a_bucket_and_others_do_not():
    both, alone = Templates(("cue", "cue depth"), 1 << 20).hash(FIELDS, 4)
    assert alone[0] == alone[1]
    assert len({*both.tolist()}) == 4
    assert set(alone.tolist()).isdisjoint(both.tolist())


def test_bucket_does_not_depend_on_what_is_hashed_beside():
    templates = Templates(("cue", "cue depth", "depth"), 1 << 10)
    whole = templates.hash(FIELDS, 4)
    assert whole.shape == (len(templates), 4)
    assert whole.max() < 1 << 10
    for place in range(4):
        one = templates.hash({name: values[place : place + 1] for name, values in FIELDS.items()}, 1)
        assert np.array_equal(one[:, 0], whole[:, place])


def test_templates_numbered_apart_share_no_bucket():
    first, second = (Templates(("cue",), 1 << 20, first=number).hash(FIELDS, 4) for number in (0, 7))
    assert not np.intersect1d(first, second).size


def test_nothing_has_no_buckets():
    empty = {name: values[:0] for name, values in FIELDS.items()}
    assert Templates(("cue depth",), 8).hash(empty, 0).shape == (1, 0)


def test_templates_stand_in_the_order_of_their_fields_wherever_they_are_given():
    there, back = Templates(("cue", "cue depth"), 1 << 20), Templates(("cue depth", "cue"), 1 << 20)
    assert there.names == back.names == (("cue", "depth"), ("cue",))
    assert there.fields == ("cue", "depth")


def test_the_order_of_fields_counts():
    fields = {"cue": np.array([3]), "depth": np.array([5])}
    one, other = (Templates((names,), 1 << 20).hash(fields, 1)[0, 0] for names in ("cue depth", "depth cue"))
    assert one != other


def test_buckets_of_many_tuples_are_spread_evenly():
    numbers = np.arange(1 << 12)
    fields = {"cue": numbers % 64, "depth": numbers // 64}
    buckets = Templates(("cue depth", "depth cue"), 1 << 20).hash(fields, len(numbers))
    collisions = buckets.size - len(np.unique(buckets))
    assert collisions < 60  # 32 are to be expected of 8,192 drawn at random


def test_features_are_described_by_field_and_text():
    fields = {"cue": np.array([code("condemn")]), "depth": np.array([1])}
    assert Templates(("cue depth", "depth"), 8).describe(fields, {code("condemn"): "condemn"}) == [
        ["cue=condemn depth=1", "depth=1"]
    ]
