from functools import cache
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import NEVER, all_pairs, reading_of

from stance import analyze
from stance.cues import read
from stance.document import TargetKind
from stance.labelled import load_records
from stance.lexicon import load_lexicon
from stance.model import shipped_model
from stance.naming import make_target
from stance.segmentation import segment
from stance.span_features import BUCKETS, PAIR_FIELDS, probability, token_features
from stance.targets import FinderWeights, decode, weighed
from stance.token_table import token_table

TRILATERAL = (
    "They criticised the trilateral security partnership between Australia, the United Kingdom "
    "and the United States (AUKUS)."
)


def find(table, finder):
    """The targets that a finder finds by itself."""
    pairs, logits = weighed(table, finder)
    return decode(table, pairs, probability(logits), float(finder.thresholds[2]))


@cache
def sample():
    return [reading_of(record.text) for record in load_records()[::25]]


@cache
def found():
    return find(token_table(sample()), shipped_model().finder)


def kinds_and_ids(text):
    return {(judgement.target.text, judgement.target.kind, judgement.target.id) for judgement in analyze(text)}


def test_no_sentences_have_no_targets():
    assert find(token_table([]), shipped_model().finder) == []


@pytest.mark.parametrize(
    "text",
    [
        "We condemn the attack and welcome the truce.",
        "We reject the attack on the port, and support the talks.",
        "We note the attack, the talks and welcome their end.",
    ],
)
def test_no_target_runs_on_into_the_next_clause(text):
    table = token_table([reading_of(text)])
    pairs = all_pairs(table)
    ends = pairs.ends[pairs.starts == table.offsets[0] + 3] - table.offsets[0]
    assert ends.max() == reading_of(text).keys.index("and")


def test_joined_verbs_stay_within_one_target():
    text = "We back efforts to defend the ports and support the talks."
    table = token_table([reading_of(text)])
    pairs = all_pairs(table)
    assert len(table.sentence) - 2 * 3 in pairs.ends[pairs.starts == table.offsets[0] + 2] - table.offsets[0] + 1


@pytest.mark.parametrize(("text", "cut"), [
    ("the so-called “dual containment” of us", "“dual containment"),
    ("the so-called “dual containment” of us", "containment” of us"),
    ("the so-called ‘dual containment’ of us", "so-called ‘dual"),
    ("the so-called ‘dual containment’ of us", "dual containment’ of us"),
    ("the partnership (AUKUS) of three", "partnership (AUKUS"),
    ("the partnership (AUKUS) of three", "AUKUS)"),
])  # fmt: skip
def test_no_target_cuts_a_quotation_or_bracket(text, cut):
    reading = reading_of(text)
    pairs = all_pairs(token_table([reading]))
    offset = token_table([reading]).offsets[0]
    held = {
        text[reading.tokens[i - offset].start : reading.tokens[j - offset].end]
        for i, j in zip(pairs.starts.tolist(), pairs.ends.tolist(), strict=True)
    }
    assert {text, text[4:]} <= held
    assert cut not in held


def test_a_long_way_over_unlikely_gaps_is_no_candidate():
    table = token_table([reading_of("We welcome cooperation on trade and energy.")])
    broken = np.where(np.arange(len(table)) == table.offsets[0] + 4, -9.0, 3.0)
    pairs = all_pairs(table, joins=broken)
    crossed = (pairs.starts < table.offsets[0] + 4) & (pairs.ends >= table.offsets[0] + 4)
    assert len(pairs.starts)
    assert not crossed.any()


def test_a_pair_knows_the_weakest_gap_that_it_runs_over():
    text = "We back trade and peace."
    table = token_table([reading_of(text)])
    joins, cut = np.full(len(table), 3.0), table.offsets[0] + reading_of(text).keys.index("and")
    joins[cut] = -3.0
    whole, split = all_pairs(table), all_pairs(table, joins=joins)
    over, weakest = (whole.starts < cut) & (whole.ends >= cut), PAIR_FIELDS.index("weakest_join")
    assert (whole.values[weakest] != split.values[weakest]).tolist() == over.tolist()


def test_sentence_without_words_has_no_targets():
    assert find(
        token_table([reading_of(""), reading_of("We condemn the attack."), reading_of("")]), shipped_model().finder
    )[::2] == [[], []]


def test_targets_lie_in_their_sentence_and_are_likely():
    for reading, spans in zip(sample(), found(), strict=True):
        assert all(0 <= span.first < span.last <= len(reading) for span in spans)
        assert all(0 < span.probability <= 1 for span in spans)


def test_targets_nest_and_never_cross():
    for spans in found():
        for a, b in combinations(spans, 2):
            apart = a.last <= b.first or b.last <= a.first
            nested = (a.first <= b.first and b.last <= a.last) or (b.first <= a.first and a.last <= b.last)
            assert apart or nested


def test_targets_are_ordered_by_start_the_longer_first_and_none_stands_twice():
    for spans in found():
        keys = [(span.first, -span.last) for span in spans]
        assert keys == sorted(set(keys))


def test_targets_are_the_same_each_time():
    assert find(token_table(sample()), shipped_model().finder) == found()


def test_a_batch_gives_the_same_as_one_by_one():
    finder = shipped_model().finder
    assert [span[:2] for spans in found() for span in spans] == [
        span[:2] for reading in sample() for span in find(token_table([reading]), finder)[0]
    ]


def test_order_of_a_batch_does_not_matter():
    backwards = find(token_table(sample()[::-1]), shipped_model().finder)[::-1]
    assert [[span[:2] for span in spans] for spans in backwards] == [[span[:2] for span in spans] for spans in found()]


def test_most_sentences_with_a_judgement_have_targets():
    assert sum(bool(spans) for spans in found()) > 0.8 * len(found())


def test_a_finder_that_knows_nothing_and_believes_nothing_finds_nothing():
    empty = np.append(np.zeros(BUCKETS), -20.0)
    assert find(
        token_table([reading_of("We condemn the attack.")]),
        FinderWeights(np.zeros((len(empty), 4)), empty, NEVER, np.array([0.1, 0.1, 0.5])),
    ) == [[]]


@pytest.mark.parametrize("lowest", [-1.0, 0.0, 2.0])
def test_any_bound_on_targets_can_be_worked_with(lowest):
    finder = shipped_model().finder
    spans = find(token_table(sample()[:5]), finder._replace(thresholds=np.array([0.04, 0.04, lowest])))
    assert sum(map(len, spans)) == 0 if lowest > 1 else sum(map(len, spans)) >= sum(map(len, found()[:5]))


def test_token_features_are_buckets():
    table = token_table([reading_of("We condemn the attack.")])
    made = token_features(table)
    assert made.shape[1] == len(table)
    assert made.min() >= 0
    assert made.max() < BUCKETS


@pytest.mark.parametrize("state", ["China", "France", "Kenya"])
def test_finder_does_not_see_which_state_it_is(state):
    form = "We condemn {}'s attack on Israel and welcome cooperation with {}."
    own, other = find(
        token_table([reading_of(form.replace("{}", name)) for name in (state, "Peru")]), shipped_model().finder
    )
    assert own == other


@settings(max_examples=30, deadline=None)
@given(st.text(st.sampled_from("We condemn Iran’s. (no) 12 [UN] of\x00\ud800é中\n-;,'"), max_size=150))
def test_any_text_gives_targets_that_stand_in_it(text):
    readings = [read(sentence, load_lexicon()) for sentence in segment(text).sentences]
    for reading, spans in zip(readings, find(token_table(readings), shipped_model().finder), strict=True):
        for span in spans:
            target = make_target(reading, span.first, span.last, load_lexicon(), text)
            assert text[target.start : target.end] == target.text


@pytest.mark.parametrize(
    ("text", "words", "identity"),
    [
        ("They condemned AUKUS.", "AUKUS", "aukus"),
        ("They condemned the AUKUS alliance.", "AUKUS", "aukus"),
        (TRILATERAL, "AUKUS", "aukus"),
        ("They deplored Washington's course.", "Washington", "USA"),
        ("They condemned the United States for it.", "United States", "USA"),
        ("We welcome China's efforts to mediate.", "China", "CHN"),
        ("We condemn Russian strikes on the port.", "Russian", "RUS"),
        ("We stand with Ukraine.", "Ukraine", "UKR"),
        ("We condemn the war in\r\nUkraine.", "Ukraine", "UKR"),
    ],
)
def test_actor_has_its_id(text, words, identity):
    assert any(
        words in target and kind == TargetKind.ACTOR and identity == id_ for target, kind, id_ in kinds_and_ids(text)
    )


@pytest.mark.parametrize(("chances", "chosen"), [((0.6, 0.1, 0.3), (0, 3)), ((0.35, 0.35, 0.3), (0, 5))])
def test_a_likely_span_is_told_in_the_place_of_one_between_two(chances, chosen):
    table = token_table([reading_of("aaaa bb cc dd eeee ff gggg hh")])
    every, first = all_pairs(table), table.offsets[0]
    ends = [first + end - 1 for end in (3, 5, 8)]
    numbers = [int(np.flatnonzero((every.starts == first) & (every.ends == end))[0]) for end in ends]
    pairs = every.take(np.isin(np.arange(len(every.starts)), numbers))
    (found,) = decode(table, pairs, np.array(chances), 0.38)
    assert (found[0].first, found[0].last) == chosen
