from importlib import resources
from itertools import pairwise

import pytest
from marked import mentions_of

from stance.document import Stance
from stance.records import parse_marked
from stance.strength import carrier_of, strength_of


def strength(marked):
    """The strength of the first target for the stance of its mark."""
    _, targets = parse_marked(marked)
    within = mentions_of(marked)
    return strength_of(within[0], targets[0].stance, carrier_of(within[0], targets[0].stance))


@pytest.mark.parametrize(
    "ladder",
    [
        ["We note the [=attack].", "We deplore the [-attack].", "We condemn the [-attack]."],
        ["We welcome the [+plan].", "We strongly support the [+plan]."],
        ["We welcome the [+plan].", "We fully endorse the [+plan]."],
        ["We regret the [-attack].", "We condemn in the strongest terms the [-attack]."],
        ["We condemn the [-attack].", "We strongly condemn the [-attack]."],
        ["We condemn the [-attack].", "We condemn in the strongest terms the [-attack]."],
        ["We endorse the [+plan].", "We fully endorse the [+plan]."],
    ],
)
def test_ladder_rises(ladder):
    steps = [strength(marked) for marked in ladder]
    assert all(lower < higher for lower, higher in pairwise(steps))


@pytest.mark.parametrize(
    ("plain", "raised"),
    [
        ("We support the [+plan].", "We strongly support the [+plan]."),
        ("We oppose the [-plan].", "We strongly oppose the [-plan]."),
        ("We deplore the [-plan].", "We deplore in the strongest terms the [-plan]."),
    ],
)
def test_intensifier_beside_the_predicate_raises_it(plain, raised):
    assert strength(plain) < strength(raised) <= 5


INTENSIFIERS = [
    line.split("\t")
    for line in resources.files("stance").joinpath("data/intensifiers.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


@pytest.mark.parametrize(("word", "rise", "example"), INTENSIFIERS, ids=[row[0] for row in INTENSIFIERS])
def test_adjective_raises_the_noun_of_its_example(word, rise, example):
    assert strength(example) == min(strength(example.replace(f"{word} ", "")) + int(rise), 5)


def test_a_carried_noun_says_more_than_the_noun():
    ladder = ["Our commitment to the [+plan].", "We reaffirm our commitment to the [+plan]."]
    ladder += ["We reaffirm our strong commitment to the [+plan]."]
    steps = [strength(marked) for marked in ladder]
    assert steps == sorted(set(steps))


def test_intensifier_far_away_does_not_raise():
    far = "We regret the [-attack], and on the other matter of the day spoke in the strongest terms."
    assert strength(far) == strength("We regret the [-attack].")


def test_top_of_the_ladder_is_five():
    assert strength("We condemn in the strongest possible terms the [-attack].") == 5


def test_what_a_reverser_turns_has_the_strength_of_the_predicate_over_it():
    plain, strong = "We regret the {}.", "We strongly condemn the {}."
    reversed_target = "lack of [+transparency]"
    assert strength(strong.format(reversed_target)) == strength(strong.format("[-attack]")) == 5
    assert strength(plain.format(reversed_target)) == strength(plain.format("[-attack]")) < 5


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("We condemn reports of [-torture].", "condemn"),
        ("We condemn attempts to undermine [+democracy].", "undermine"),
        ("We take note of the [=report].", "take note"),
        ("[=Iran] spoke.", None),
    ],
)
def test_carrier_is_the_predicate_of_the_verdict_or_the_reverser_beneath_it(marked, expected):
    _, targets = parse_marked(marked)
    within = mentions_of(marked)
    carrier = carrier_of(within[0], targets[0].stance)
    words = [token.text for token in within[0].reading.tokens]
    assert (" ".join(words[carrier.first : carrier.last]) if carrier else None) == expected


@pytest.mark.parametrize(
    "marked", ["We once again deplore the [-attack].", "We deplore the [-attack] and strongly urge [+talks]."]
)
def test_words_that_only_repeat_or_raise_another_predicate_leave_it_as_it_is(marked):
    assert strength(marked) == strength("We deplore the [-attack].")


@pytest.mark.parametrize("marked", ["We note the [=report].", "We condemn the [=report]."])
def test_neutral_stance_has_strength_one(marked):
    assert strength(marked) == 1


@pytest.mark.parametrize("marked", ["[-Odd things] arrived.", "We welcome the [-attack].", "[+Odd things] arrived."])
def test_verdict_without_a_predicate_of_its_stance_has_the_middle_strength(marked):
    assert strength(marked) == 2


@pytest.mark.parametrize("stance", Stance)
def test_strength_stays_on_the_ladder_whatever_the_stance(stance):
    within = mentions_of("We strongly and unreservedly condemn in the strongest terms the [=attack on the [=UN]].")
    assert all(1 <= strength_of(mention, stance, carrier_of(mention, stance)) <= 5 for mention in within)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [("We met troubled [+partners].", None), ("We condemn the [+plan].", "condemn"), ("We met [+partners].", "meet")],
)
def test_cue_that_says_something_else_carries_a_verdict_only_where_the_target_is_attached(marked, expected):
    carrier = carrier_of(mentions_of(marked)[0], Stance.SUPPORT)
    assert (carrier.entry.id if carrier else None) == expected
