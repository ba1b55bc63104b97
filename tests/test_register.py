import math

import numpy as np
import pytest

from stance.labelled import load_records, read_records
from stance.records import parse_marked
from stance.register import BASE, _odds, importance, phrases


def test_phrases_are_words_and_their_neighbours_once_each():
    assert phrases("We met; WE met.") == {"we", "met", ";", "we met", "met ;", "; we"}
    assert phrases("") == phrases("I") == set()


def test_importance_is_made_of_the_odds_of_the_phrases():
    odds = _odds()
    text = "We welcome the report."
    told = odds[BASE] + sum(odds.get(phrase, 0) for phrase in phrases(text))
    assert importance(text) == pytest.approx(math.exp(told), abs=0.001)


def test_importance_has_bounds_however_long_a_sentence_is():
    words = sorted(phrase for phrase in _odds() if phrase.isalpha())
    likely = " ".join(word for word in words if _odds()[word] > 0)
    unlikely = " ".join(word for word in words if _odds()[word] < 0)
    assert importance(likely) == pytest.approx(math.exp(2), abs=0.001)
    assert importance(unlikely) == pytest.approx(math.exp(-2), abs=0.001)


def test_sentences_count_as_one_in_the_mean():
    records = load_records()
    assert np.mean([importance(record.text) for record in records]) == pytest.approx(1, abs=0.02)
    assert all(record.weight in (importance(record.text), importance(record.text) / 2) for record in records[::500])


def test_weight_is_times_importance_where_the_file_says_so(tmp_path):
    path = tmp_path / "a.txt"
    line = "We condemn the [-attack]."
    path.write_text(f"{line}\n# weight: 0.5 x importance\n{line}\n# weight: 0.5\n{line}\n# weight: no x importance\n")
    with pytest.raises(ValueError, match=r"a.txt:6: weight must be a positive number, got 'no'"):
        read_records(path)
    path.write_text(f"{line}\n# weight: 0.5 x importance\n{line}\n# weight: 0.5\n{line}\n")
    text, _ = parse_marked(line)
    assert [record.weight for record in read_records(path)] == [1.0, 0.5 * importance(text), 0.5]
