import numpy as np
import pytest

from stance.cues import read
from stance.document import Sentence
from stance.hashing import code
from stance.lexicon import load_lexicon
from stance.segmentation import tokenize
from stance.token_table import EDGE, token_table

TEXTS = ("We condemn Iran's attack.", "", "They took note of the UN Charter.")


def table_of(*texts):
    sentences = [Sentence(text, 0, len(text), tokenize(text)) for text in texts]
    return token_table([read(sentence, load_lexicon()) for sentence in sentences])


def test_sentences_stand_apart_by_empty_tokens():
    table = table_of(*TEXTS)
    sizes = [len(tokenize(text)) for text in TEXTS]
    assert len(table) == sum(sizes) + EDGE * (len(TEXTS) + 1)
    assert table.offsets == [EDGE, EDGE * 2 + sizes[0], EDGE * 3 + sizes[0]]
    assert [(table.sentence == number).sum() for number in range(3)] == sizes
    assert all(not column[table.sentence < 0].any() for column in table.columns.values())


def test_all_columns_run_over_the_tokens():
    table = table_of(*TEXTS)
    assert {len(column) for column in (*table.columns.values(), table.starts, table.ends)} == {len(table)}


@pytest.mark.parametrize(
    ("column", "word", "expected"),
    [
        ("mask", "Iran", "<state>"),
        ("name_start", "Iran", "state"),
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
    assert table.columns[column][EDGE + place] == code(expected)


def test_states_cannot_be_told_apart():
    one, other = (table_of(f"We condemn {state}'s attack.") for state in ("Iran", "Peru"))
    assert all(np.array_equal(one.columns[name], other.columns[name]) for name in one.columns)


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
    assert (len(table), table.offsets) == (EDGE, [])
