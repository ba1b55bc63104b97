import numpy as np
import pytest

from stance.cues import read
from stance.document import Sentence
from stance.hashing import code
from stance.lexicon import load_lexicon
from stance.segmentation import tokenize
from stance.token_table import COLUMNS, EDGE, Looks, following, joined, latest, token_table, trait_bits

TEXTS = ("We condemn Iran's attack.", "", "They took note of the UN Charter.")


def table_of(*texts):
    sentences = [Sentence(text, 0, len(text), tokenize(text)) for text in texts]
    return token_table([read(sentence, load_lexicon()) for sentence in sentences])


def test_sentences_stand_apart_by_empty_tokens():
    table = table_of(*TEXTS)
    sizes = [len(tokenize(text)) for text in TEXTS]
    assert len(table) == sum(sizes) + EDGE * (len(TEXTS) + 1)
    assert table.offsets.tolist() == [EDGE, EDGE * 2 + sizes[0], EDGE * 3 + sizes[0]]
    assert (table.sentence_ends - table.offsets).tolist() == sizes
    assert [(table.sentence == number).sum() for number in range(3)] == sizes
    assert not table.codes[:, table.sentence < 0].any()


def test_all_columns_run_over_the_tokens():
    table = table_of(*TEXTS)
    assert table.codes.shape == (len(COLUMNS), len(table))
    assert {len(column) for column in (table.traits, table.sentence, table.starts, table.ends)} == {len(table)}


@pytest.mark.parametrize(
    ("column", "word", "expected"),
    [
        ("mask", "Iran", "<state>"),
        ("name_start", "Iran", "state"),
        ("inside", "Iran", "state"),
        ("name_end", "Iran", "state"),
        ("name_start", "Charter", ""),
        ("name_end", "Charter", "treaty"),
        ("inside", "Charter", "treaty"),
        ("last_cue", "condemn", "predicates verb condemn"),
        ("last_cue", "attack", "predicates verb condemn"),
        ("cue", "condemn", "condemn"),
        ("cue_label", "condemn", "predicates condemn"),
        ("cue", "took", "take note"),
        ("suffix", "attack", "ack"),
        ("tag", "of", "preposition"),
    ],
)
def test_columns_hold_the_codes_of_what_was_read(column, word, expected):
    text = TEXTS[0] if word in TEXTS[0] else TEXTS[2]
    table = table_of(text)
    place = next(n for n, token in enumerate(tokenize(text)) if token.text == word)
    assert table.column(column)[EDGE + place] == code(expected)


def test_states_cannot_be_told_apart():
    one, other = (table_of(f"We condemn {state}'s attack.") for state in ("Iran", "Peru"))
    assert np.array_equal(one.codes, other.codes)
    assert np.array_equal(one.traits, other.traits)


def test_coder_is_asked_for_every_text():
    asked = []

    def coder(text):
        asked.append(text)
        return code(text)

    sentence = Sentence(TEXTS[0], 0, len(TEXTS[0]), tokenize(TEXTS[0]))
    token_table([read(sentence, load_lexicon())], coder)
    assert {"<state>", "condemn", "predicates condemn"} <= set(asked)


def test_no_sentences_make_an_empty_table():
    table = table_of()
    assert (len(table), table.offsets.tolist()) == (EDGE, [])


def test_table_of_some_sentences_is_the_one_made_of_them_alone():
    texts = ("We did not condemn Iran.", "Chad welcomed it.", "", "The EU, we regret, left.")
    whole = table_of(*texts)
    for chosen in ([3, 0], [2], [], [0, 1, 2, 3]):
        its, alone = whole.taken(np.array(chosen, dtype=np.int64)), table_of(*(texts[i] for i in chosen))
        assert all(np.array_equal(a, b) for a, b in zip(its, alone, strict=True))
        assert all(a.dtype == b.dtype for a, b in zip(its, alone, strict=True))


def test_joined_tables_are_the_one_made_of_all_sentences():
    parts = [TEXTS[:2], (), ("The EU left.",), TEXTS[2:]]
    apart, whole = joined([table_of(*texts) for texts in parts]), table_of(*(text for texts in parts for text in texts))
    assert all(np.array_equal(a, b) for a, b in zip(apart, whole, strict=True))
    assert all(a.dtype == b.dtype for a, b in zip(apart, whole, strict=True))


def test_traits_are_told_by_tag_and_by_word():
    table = table_of("We condemn the attack (of May).")
    words = tokenize("We condemn the attack (of May).")
    found = table.having(trait_bits("article", "open", "preposition", "article open"))
    told = [[words[n - EDGE].text for n in row.nonzero()[0].tolist()] for row in found]
    assert told == [["the"], ["("], ["of"], ["the", "("]]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("We do not support it.", ["support", "it", "."]),
        ("We will not, as ever, support it.", [","]),
        ("They never once in many years left.", ["once", "in", "many", "years"]),
        ("We support it.", []),
        ("We do not", []),
    ],
)
def test_words_shortly_behind_a_negation_are_negated(text, negated):
    table, words = table_of(text, "We met."), tokenize(text)
    assert [words[n - EDGE].text for n in table.column("negated").nonzero()[0].tolist()] == negated


def test_latest_and_following_flags():
    flags = np.array([[False, True, False, True, False], [False, False, False, False, False]])
    assert latest(flags).tolist() == [[0, 1, 1, 3, 3], [0] * 5]
    assert following(flags).tolist() == [[1, 1, 3, 3, 4], [4] * 5]


def test_fields_are_read_by_row_and_place():
    looks = Looks({"x": "low end", "y": "high start", "z": "low start"}, ("high", "low"), ("start", "end"))
    values = np.array([[10, 11, 12], [0, 1, 2]])
    assert looks.fields == ("x", "y", "z")
    assert looks.at(np.array([[0, 1], [2, 2]]), values).tolist() == [[2, 2], [10, 11], [0, 1]]
