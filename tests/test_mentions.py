import pytest
from marked import reading_of

from stance.mentions import is_negated, mentions
from stance.records import parse_marked


def mentions_of(marked):
    """The mentions of the targets of a marked sentence, by their words."""
    text, targets = parse_marked(marked)
    reading = reading_of(text)
    starts, ends = ([getattr(token, side) for token in reading.tokens] for side in ("start", "end"))
    spans = [(starts.index(target.start), ends.index(target.end) + 1) for target in targets]
    return {text[t.start : t.end]: mention for t, mention in zip(targets, mentions(reading, spans), strict=True)}


def governors_of(marked, target):
    mention = mentions_of(marked)[target]
    return [governor.cue.entry.id for governor in mention.above]


def test_no_spans_give_no_mentions():
    assert mentions(reading_of("We condemn it."), []) == []


@pytest.mark.parametrize("order", [[(5, 6), (2, 6), (2, 3)], [(2, 6), (2, 3), (5, 6)], [(2, 3), (5, 6), (2, 6)]])
def test_mentions_stand_in_the_order_of_the_spans(order):
    made = mentions(reading_of("We condemn Iran’s attack Israel."), order)
    assert [(mention.first, mention.last) for mention in made] == order
    by_span = {(mention.first, mention.last): mention for mention in made}
    assert by_span[2, 3].parent is by_span[5, 6].parent is by_span[2, 6]


def test_parent_is_the_smallest_target_around():
    found = mentions_of("We back [+efforts to end the [-recruitment of [=children] in [=Sudan]]].")
    inner, outer = (
        found["recruitment of children in Sudan"],
        found["efforts to end the recruitment of children in Sudan"],
    )
    assert found["Sudan"].parent is found["children"].parent is inner
    assert inner.parent is outer
    assert outer.parent is None
    assert inner.children == [found["children"], found["Sudan"]]


def test_crossing_targets_have_no_parent():
    made = mentions(reading_of("They fear war and hunger today."), [(1, 4), (2, 5)])
    assert [mention.parent for mention in made] == [None, None]


@pytest.mark.parametrize(
    ("marked", "target", "sibling"),
    [
        ("We combat [-piracy] and [-smuggling].", "smuggling", "piracy"),
        ("We combat [-piracy], [-smuggling] and the [-arms trade].", "arms trade", "smuggling"),
        ("We combat [-piracy] and [-smuggling].", "piracy", None),
        ("We combat [-piracy] but fund [+schools].", "schools", None),
    ],
)
def test_sibling_is_the_target_joined_by_comma_or_conjunction(marked, target, sibling):
    found = mentions_of(marked)
    assert found[target].sibling is (found[sibling] if sibling else None)


@pytest.mark.parametrize(
    ("marked", "target", "before", "after"),
    [
        ("We fear for the [=children] of it.", "children", "for", "of"),
        ("[=Delegates] met.", "Delegates", "", "met"),
        ("We met [=them]", "them", "met", ""),
        ("We thank its brave [=crew].", "crew", "brave", "."),
    ],
)
def test_before_and_after_pass_over_articles_and_end_at_the_edges(marked, target, before, after):
    mention = mentions_of(marked)[target]
    assert (mention.before, mention.after) == (before, after)


@pytest.mark.parametrize(
    ("marked", "head"),
    [
        ("We fear [-attacks on ships].", "attacks"),
        ("We fear [-cyber attacks].", "attacks"),
        ("We fear [-attempts to kill].", "attempts"),
        ("We fear [-it].", "it"),
    ],
)
def test_head_is_the_last_word_before_the_first_preposition(marked, head):
    (mention,) = mentions_of(marked).values()
    assert mention.reading.keys[mention.head] == head


@pytest.mark.parametrize(("target", "is_actor"), [("Iran", True), ("food security", False), ("oddity", False)])
def test_only_named_and_nameable_actors_are_actors(target, is_actor):
    (mention,) = mentions_of(f"We discussed [={target}].").values()
    assert mention.is_actor is is_actor


@pytest.mark.parametrize(
    ("marked", "target", "chain"),
    [
        ("We condemn the [-attack].", "attack", ["condemn"]),
        ("We reject attempts to undermine the [+Charter].", "Charter", ["undermine", "reject"]),
        ("We condemn it; the [=delegates] left.", "delegates", []),
        ("[=Delegates] condemn it.", "Delegates", []),
    ],
)
def test_governors_are_the_cues_to_the_left_the_nearest_first(marked, target, chain):
    found = governors_of(marked, target)
    assert [cue for cue in found if cue in chain] == chain
    assert bool(found) is bool(chain)


def test_a_target_beside_is_stepped_over_whole():
    marked = "We welcome [+progress in fighting [-piracy]] and [+new patrols]."
    assert governors_of(marked, "new patrols")[0] == "welcome"
    assert governors_of(marked, "piracy")[0] != "welcome"


def test_governors_inside_the_target_around_are_told_from_those_outside():
    mention = mentions_of("We condemn the [-attempt to undermine the [+Charter]].")["Charter"]
    assert "undermine" in {governor.cue.entry.id for governor in mention.governors}
    assert [governor.cue.entry.id for governor in mention.above[len(mention.governors) :]] == ["condemn"]


@pytest.mark.parametrize(
    ("marked", "preposition", "coordinated", "negated", "attached"),
    [
        ("We welcome the [+truce].", "", False, False, True),
        ("We do not welcome the [-truce].", "", False, True, True),
        ("We will never welcome the [-truce].", "", False, True, True),
        ("Not today, we welcome the [+truce].", "", False, False, True),
        ("We are committed to the [+truce].", "to", False, False, True),
        ("We welcome, and the [+truce].", "", True, False, True),
        ("We welcome beyond the [=truce].", "beyond", False, False, False),
    ],
)
def test_governor_tells_how_it_holds_the_target(marked, preposition, coordinated, negated, attached):
    nearest = mentions_of(marked)["truce"].governors[0]
    got = (nearest.preposition, nearest.coordinated, nearest.negated, nearest.attached)
    assert got == (preposition, coordinated, negated, attached)
    assert nearest.depth == 0


def test_depth_counts_the_phrases_between():
    shallow, deep = (
        mentions_of(marked)["truce"].governors
        for marked in ("We welcome the [+truce].", "We welcome the oddities of the [+truce].")
    )
    assert (shallow[0].depth, deep[-1].depth) == (0, 1)


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("We do not support it", True),
        ("We did not in fact support it", True),
        ("We support it", False),
        ("It is not so, we support it", False),
        ("Not that it matters a great deal we support it", False),
    ],
)
def test_negation_reaches_three_words_and_no_comma(text, negated):
    reading = reading_of(text)
    assert is_negated(reading, reading.keys.index("support")) is negated
