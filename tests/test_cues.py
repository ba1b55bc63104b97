from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import reading_of

from stance.cues import read, stem
from stance.document import Stance
from stance.lexicon import load_lexicon
from stance.segmentation import segment


def words_of(reading, match):
    return " ".join(token.text for token in reading.tokens[match.first : match.last])


def cues(text):
    reading = reading_of(text)
    return {words_of(reading, match): match.entry for match in reading.cues}


def names(text):
    reading = reading_of(text)
    return {words_of(reading, match): match.entry for match in reading.names}


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("We condemn Iran’s. (no) 12 [UN] of\x00\ud800é中\n-;,'"), max_size=120))
def test_every_list_runs_over_the_tokens_and_matches_stand_in_order_without_overlap(text):
    for sentence in segment(text).sentences:
        reading = read(sentence, load_lexicon())
        lists = (reading.keys, reading.tags, reading.masks, reading.tones, reading.senses)
        assert {len(reading)} == {len(values) for values in lists}
        for matches in (reading.names, reading.cues):
            assert all(0 <= match.first < match.last <= len(reading) for match in matches)
            assert all(left.last <= right.first for left, right in pairwise(matches))


def test_sentence_without_words_has_an_empty_reading():
    reading = reading_of("")
    assert (len(reading), reading.names, reading.cues) == (0, (), ())


def test_keys_are_lower_case_with_straight_apostrophes_and_plain_hyphens():
    assert reading_of("The EU’s Non‑Use").keys == ["the", "eu", "'s", "non-use"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2. Requests MINUSMA to withdraw.", ["MINUSMA"]),
        ("Urges the Secretary General to engage.", ["Secretary General"]),
        ("Welcoming ECOWAS efforts", ["ECOWAS"]),
        ("Bright Star Foundation met.", ["Bright Star Foundation"]),
        ("They return to order by March 2024.", []),
        ("They joined the Long March.", ["Long March"]),
    ],
)
def test_verb_that_opens_a_sentence_and_a_month_are_no_names(text, names):
    reading = reading_of(text)
    assert [
        " ".join(reading.tokens.words[m.first : m.last]) for m in reading.names if m.entry.table == "actors"
    ] == names


def test_hyphen_at_which_no_line_breaks_is_a_hyphen():
    (plain,), (unbroken,) = (
        reading_of(text).names
        for text in (
            "the Treaty on the Non-Proliferation of Nuclear Weapons",
            "the Treaty on the Non‑Proliferation of Nuclear Weapons",
        )
    )
    assert unbroken.entry == plain.entry


@pytest.mark.parametrize(
    ("text", "cue", "table", "stance"),
    [
        ("We condemn the attack.", "condemn", "predicates", Stance.CONDEMN),
        ("They CONDEMNED the attack.", "CONDEMNED", "predicates", Stance.CONDEMN),
        ("We welcome the truce.", "welcome", "predicates", Stance.SUPPORT),
        ("We take note of the report.", "take note of", "predicates", Stance.NEUTRAL),
        ("They undermine the Charter.", "undermine", "reversers", Stance.SUPPORT),
        ("They fear the undermining of the Charter.", "undermining", "reversers", Stance.SUPPORT),
    ],
)
def test_cue_is_found_with_its_stance(text, cue, table, stance):
    found = {words: entry for words, entry in cues(text).items() if words.split()[0] == cue.split()[0]}
    assert [(entry.table, entry.stance) for entry in found.values()] == [(table, stance)]


@pytest.mark.parametrize("verb", ["didn't", "doesn’t", "isn't", "wouldn't", "haven't"])
def test_a_contracted_auxiliary_is_one_with_its_negation_behind_it(verb):
    reading = reading_of(f"The government {verb} back the plan.")
    assert reading.tags[2:4] == ["auxiliary", "negation"]


@pytest.mark.parametrize(
    ("compound", "part"),
    [("war-torn", "torn"), ("oil-rich", "rich")],
)
def test_an_unlisted_compound_is_read_by_its_last_part(compound, part):
    reading = reading_of(f"They met in the {compound} land and in the {part} land.")
    first, second = reading.keys.index(compound), reading.keys.index(part)
    assert reading.tags[first] == reading.tags[second]
    assert (reading.tones[first], reading.senses[first]) == (reading.tones[second], reading.senses[second])


def test_what_opposes_a_thing_has_not_its_tone():
    reading = reading_of("They met at an anti-torture rally.")
    assert reading.tones[4] == ""


def test_longest_cue_wins():
    assert "note with concern" in cues("We note with concern the report.")
    assert "note" not in cues("We note with concern the report.")


@pytest.mark.parametrize(
    ("text", "word", "part_of_speech"),
    [
        ("We support the plan.", "support", "verb"),
        ("Our support for the plan grows.", "support", "noun"),
        ("They attack the convoy.", "attack", "verb"),
        ("The attack on the convoy failed.", "attack", "noun"),
    ],
)
def test_part_of_speech_of_a_cue_follows_the_words_around_it(text, word, part_of_speech):
    found = cues(text)
    assert word not in found or found[word].group == part_of_speech
    assert word in found or word == "attack"  # whether an attack is a cue is for the tables to say


def test_cues_are_found_by_their_first_token():
    reading = reading_of("We take note of the report.")
    (cue,) = (match for match in reading.cues if reading.keys[match.first] == "take")
    assert reading.cue_starting[cue.first] is cue


@pytest.mark.parametrize(
    ("text", "name", "group"),
    [
        ("We met President Xi Jinping.", "President Xi Jinping", "leader"),
        ("We met Foreign Minister Wang Yi.", "Foreign Minister Wang Yi", "leader"),
        ("We thanked Prime Minister Zorblat.", "Prime Minister Zorblat", "leader"),
        ("We thanked Zorblat Vint.", "Zorblat Vint", "name"),
        ("The UN Security Council met.", "UN Security Council", None),
        ("Relations with Washington suffer.", "Washington", "state"),
        ("The Norwegian offer stands.", "Norwegian", "state"),
    ],
)
def test_name_is_found_whole(text, name, group):
    found = names(text)
    assert name in found
    assert group in (None, found[name].group)


@pytest.mark.parametrize(
    ("text", "identities"),
    [
        ("He met President Mahamat Osei of the People's Republic of China.", {"leader", "CHN"}),
        ("The Panel of Experts on the Democratic People's Republic of Korea met.", {"un-experts", "PRK"}),
        ("They signed it in Kenya on May 4.", {"KEN"}),
        ("We thank Peru for the Lima Process.", {"PER", "unknown"}),
        ("They met, and then the United States left.", {"USA"}),
        ("Then the United States left.", {"USA"}),
        ("The Presidency of Bosnia and Herzegovina met.", {"unknown", "BIH"}),
        ("Experts of the European Bank for Reconstruction and Development met.", {"scientists", "ebrd"}),
    ],
)
def test_run_of_capitals_leaves_no_name_half_done(text, identities):
    assert {name.entry.id for name in reading_of(text).names} == identities


def test_currencies_are_no_names():
    assert reading_of("They pledged US$ 40 million and NZ$5.").names == ()


@pytest.mark.parametrize("number", ["1701", "2231", "9999"])
@pytest.mark.parametrize(
    "form", ["We uphold Resolution {}.", "We uphold UNSCR {}.", "We uphold UN Security Council Resolution {}."]
)
def test_resolution_is_known_whatever_its_number(form, number):
    (found,) = (entry for words, entry in names(form.format(number)).items() if number in words)
    assert (found.table, found.group) == ("actors", "treaty")


@pytest.mark.xfail(
    reason="_patterned starts at capitals only, so that a resolution in small letters has to be in the table"
)
def test_resolution_in_small_letters_is_known_whatever_its_number():
    assert {entry.group for words, entry in names("We uphold resolution 9999.").items() if "9999" in words} == {
        "treaty"
    }


@pytest.mark.parametrize("text", ["Delegates arrived.", "Yesterday they arrived.", "Such attacks fail."])
def test_first_word_of_a_sentence_is_no_name_for_its_capital(text):
    assert names(text).keys().isdisjoint({text.split()[0]})


@pytest.mark.parametrize("name", ["China", "France", "Kenya", "Papua New Guinea", "Türkiye"])
@pytest.mark.parametrize(
    "form", ["We condemn {}'s attack on Israel.", "{} welcomed the plan.", "We trade with {}, too."]
)
def test_what_a_model_may_see_does_not_tell_one_state_from_another(form, name):
    own, other = reading_of(form.format(name)), reading_of(form.format("Peru"))
    if len(name.split()) > 1:
        collapsed = [m for i, m in enumerate(own.masks) if i == 0 or (m, own.masks[i - 1]) != ("<state>", "<state>")]
        assert collapsed == other.masks
    else:
        assert (own.masks, own.tags, own.tones, own.senses) == (other.masks, other.tags, other.tones, other.senses)


@pytest.mark.parametrize("number", ["7", "1701", "3,5", "2026"])
def test_numbers_are_masked(number):
    assert number not in reading_of(f"They met {number} times.").masks


def test_unknown_names_are_masked():
    assert not {"zorblat", "vint"} & set(reading_of("We thanked Zorblat Vint for it.").masks)


@pytest.mark.parametrize(
    ("one", "other"), [("attacks", "attack"), ("condemned", "condemning"), ("supported", "supports")]
)
def test_forms_of_a_word_share_a_stem(one, other):
    assert stem(one) == stem(other)


def test_stem_of_an_endless_word_is_cheap():
    assert stem("a" * 1_000_000) == stem("b" * 1_000_000)
