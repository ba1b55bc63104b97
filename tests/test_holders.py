import pytest

from stance import analyze, judge
from stance.records import parse_marked


def holder_of(marked):
    text, targets = parse_marked(marked)
    return judge(text, [(target.start, target.end) for target in targets])[0].holder


@pytest.mark.parametrize(
    ("marked", "holder", "identity"),
    [
        ("Iran condemned the [-attack].", "Iran", "IRN"),
        ("Beijing firmly opposes the [-sanctions].", "Beijing", "CHN"),
        ("The European Union has repeatedly welcomed the [+truce].", "European Union", "eu"),
        ("The African Union does not support the [-plan].", "African Union", "au"),
        ("President Zorblat rejected the [-ultimatum].", "President Zorblat", None),
    ],
)
def test_holder_is_the_named_subject_of_the_judging_verb(marked, holder, identity):
    found = holder_of(marked)
    assert found.text == holder
    assert found.id == identity


@pytest.mark.parametrize(
    "marked",
    [
        "We condemn the [-attack].",
        "They welcomed the [+truce].",
        "[-Such attacks] are unacceptable.",
        "[=Delegates] arrived.",
    ],
)
def test_without_a_named_subject_it_is_the_speaker(marked):
    found = holder_of(marked)
    assert (found.text, found.start, found.end, found.id) == ("the speaker", None, None, None)


def test_a_target_does_not_hold_the_view_on_itself():
    assert holder_of("[=Iran] condemned the attack.").text == "the speaker"


def test_holder_of_a_reported_view_is_the_one_who_holds_it():
    assert holder_of("We note that Russia supports the [+plan].").text == "Russia"


@pytest.mark.parametrize("before", ["", "It rained. ", "Le café fut fermé.\r\n\r\n", "\ud800 said it.\n\n"])
def test_span_of_the_holder_indexes_the_text_as_given(before):
    text = f"{before}At the end of its long meeting on Tuesday, the European\nUnion condemned the attack."
    start = text.index("attack")
    (judgement,) = judge(text, [(start, start + 6)])
    assert text[judgement.holder.start : judgement.holder.end] == "European\nUnion"


def test_every_holder_found_in_a_text_stands_there():
    text = "Iran rejected the plan. France and Japan welcomed it. The U.S. deplored the attack on Israel."
    found = [judgement.holder for judgement in analyze(text) if judgement.holder.start is not None]
    assert found
    assert all(text[holder.start : holder.end].split() == holder.text.split() for holder in found)


@pytest.mark.xfail(reason="find_holder looks before the verb only, although _subject promises the one behind 'by'")
def test_holder_of_a_passive_stands_behind_by():
    assert holder_of("The [-attack] was condemned by Iran.").text == "Iran"
