import numpy as np
import pytest
from marked import all_pairs

from stance.cues import read
from stance.document import Sentence
from stance.lexicon import load_lexicon
from stance.rivals import COLUMNS, RIVALS, _rivals, all_meetings, rival_values
from stance.segmentation import tokenize
from stance.token_table import token_table

TEXTS = ("We welcome cooperation on trade and energy.", "", "They met.", "We condemn attacks on ports in the Red Sea.")


def tabled(texts):
    sentences = [Sentence(text, 0, len(text), tokenize(text)) for text in texts]
    return token_table([read(sentence, load_lexicon()) for sentence in sentences])


def rivals(*spans):
    """What the rivals of the first of some spans of one sentence are, each span given with its probability."""
    starts, ends, chance = (np.array(column) for column in zip(*spans, strict=True))
    (meetings,) = all_meetings(np.zeros(len(spans), dtype=np.int64), chance)
    own = meetings.pairs
    told = _rivals(starts[own], ends[own], chance[own], meetings)[:, own.tolist().index(0)]
    return {name: value for name, value in zip(RIVALS, told.tolist(), strict=True) if value}


@pytest.mark.parametrize(
    ("kind", "lies", "start", "end"),
    [
        ("longer", "around", 4, 9), ("shorter", "within", 4, 5), ("same_end", "within", 5, 7),
        ("same_end", "around", 3, 7), ("contains", "around", 3, 9), ("holds", "within", 5, 6),
        ("crosses", "across", 3, 5), ("crosses", "across", 6, 9),
    ],
)  # fmt: skip
def test_rivals_are_told_by_kind(kind, lies, start, end):
    assert rivals((4, 7, 0.2), (start, end, 0.9)) == {kind: 0.9, lies: 0.9}


def test_the_likeliest_rival_of_a_kind_counts_and_the_sum_of_all():
    found = rivals((4, 7, 0.2), (4, 8, 0.3), (4, 9, 0.6), (3, 10, 0.1))
    assert found == {"longer": 0.6, "contains": 0.1, "around": pytest.approx(1.0)}


def test_pairs_apart_are_no_rivals():
    assert rivals((4, 7, 0.2), (8, 9, 0.9)) == {}


@pytest.mark.parametrize("most", [1, 500, 1 << 20])
def test_every_pair_meets_each_of_its_sentence_once(monkeypatch, most):
    monkeypatch.setattr("stance.rivals._MOST_MEETINGS", most)
    table = tabled(TEXTS * 3)
    pairs = all_pairs(table)
    sentence = table.sentence[pairs.starts]
    met = []
    for meetings in all_meetings(sentence, np.linspace(0, 1, len(pairs.starts))):
        assert (meetings.one[meetings.firsts] == np.arange(len(meetings.pairs))).all()
        met += zip(meetings.pairs[meetings.one].tolist(), meetings.pairs[meetings.other].tolist(), strict=True)
    assert sorted(met) == [(i, j) for i, n in enumerate(sentence) for j in np.flatnonzero(sentence == n).tolist()]


def test_the_least_likely_of_too_many_pairs_are_left_out(monkeypatch):
    monkeypatch.setattr("stance.rivals.MOST_PAIRS", 3)
    chance = np.linspace(0, 1, 8)
    (meetings,) = all_meetings(np.zeros(8, dtype=np.int64), chance)
    assert meetings.pairs.tolist() == [len(chance) - 1, len(chance) - 2, len(chance) - 3]


def test_values_tell_the_pair_its_rivals_and_its_place():
    table = tabled(["We welcome cooperation on trade."])
    pairs = all_pairs(table)
    logits = np.where((pairs.starts == table.offsets[0] + 2) & (pairs.ends == table.offsets[0] + 4), 2.0, -3.0)
    named = dict(zip(COLUMNS, rival_values(table, pairs, logits)[logits == 2.0][0].tolist(), strict=True))
    assert (named["own"], named["tokens_before"], named["tokens_behind"]) == (2.0, 2.0, 1.0)
    assert (named["length"], named["prepositions"]) == (3.0, 1.0)
    assert named["shorter"] == pytest.approx(1 / (1 + np.exp(3.0)))


def test_values_do_not_depend_on_the_batch():
    table = tabled(TEXTS)
    pairs = all_pairs(table)
    logits = np.sin(np.arange(len(pairs.starts)))
    whole = rival_values(table, pairs, logits)
    assert whole.shape == (len(logits), len(COLUMNS))
    begins = np.searchsorted(table.sentence[pairs.starts], np.arange(len(TEXTS) + 1))
    for number, text in enumerate(TEXTS):
        own = slice(begins[number], begins[number + 1])
        alone = tabled([text])
        assert np.array_equal(rival_values(alone, all_pairs(alone), logits[own]), whole[own])
