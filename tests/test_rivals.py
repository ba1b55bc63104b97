import numpy as np
import pytest

from stance.cues import read
from stance.document import Sentence
from stance.lexicon import load_lexicon
from stance.rivals import RIVAL_BUCKETS, _rivals, groups_of_pairs, rival_features
from stance.segmentation import tokenize
from stance.span_features import candidate_pairs
from stance.token_table import token_table

TEXTS = ("We welcome cooperation on trade and energy.", "", "They met.", "We condemn attacks on ports in the Red Sea.")


def tabled(texts):
    sentences = [Sentence(text, 0, len(text), tokenize(text)) for text in texts]
    return token_table([read(sentence, load_lexicon()) for sentence in sentences])


def all_pairs(table):
    likely = np.full(len(table), 3.0)
    return candidate_pairs(table, likely, likely, np.array([0.1, 0.1, 0.5]))


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("longer", 4, 9), ("shorter", 4, 5), ("same_end", 5, 7), ("contains", 2, 9), ("holds", 5, 6),
        ("crosses", 2, 5), ("crosses", 6, 9),
    ],
)  # fmt: skip
def test_rivals_are_told_by_kind(kind, start, end):
    found = _rivals(np.array([[4, start]]), np.array([[7, end]]), np.array([[0.2, 0.9]]))
    assert {name: best[0, 0] for name, best in found.items() if best[0, 0]} == {kind: 0.9}


def test_pairs_apart_are_no_rivals():
    found = _rivals(np.array([[4, 8]]), np.array([[7, 9]]), np.array([[0.2, 0.9]]))
    assert not any(best.any() for best in found.values())


def test_groups_hold_every_pair_once_with_its_sentence():
    table = tabled(TEXTS * 3)
    pairs = all_pairs(table)
    seen = []
    for numbers, own, filled in groups_of_pairs(table, pairs.starts, np.linspace(0, 1, len(pairs.starts))):
        for row, number in enumerate(numbers):
            of_sentence = own[row][filled[row]]
            assert (table.sentence[pairs.starts[of_sentence]] == number).all()
            seen += of_sentence.tolist()
    assert sorted(seen) == list(range(len(pairs.starts)))


def test_features_are_buckets_and_do_not_depend_on_the_batch():
    table = tabled(TEXTS)
    pairs = all_pairs(table)
    logits = np.sin(np.arange(len(pairs.starts)))
    whole = rival_features(table, pairs, logits)
    assert whole.max() < RIVAL_BUCKETS
    begins = np.searchsorted(table.sentence[pairs.starts], np.arange(len(TEXTS) + 1))
    for number, text in enumerate(TEXTS):
        own = slice(begins[number], begins[number + 1])
        alone = tabled([text])
        assert np.array_equal(rival_features(alone, all_pairs(alone), logits[own]), whole[:, own])
