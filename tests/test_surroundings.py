import re

import numpy as np
import pytest
from marked import mentions_of, naming_coder

from stance.features import BUCKETS
from stance.surroundings import _PLACE, _PLACES, _WINDOWS, NOTHING, TEMPLATES, Surroundings
from stance.token_table import token_table

SENTENCES = (
    "We do not support the [=plan], which betrays the brave [=people of [=Chad]] and threatens peace.",
    "We welcome the [=truce].",
)


def around(*sentences):
    mentioned = [mentions_of(sentence) for sentence in sentences]
    return Surroundings(token_table([group[0].reading for group in mentioned]), mentioned)


def names(sentence, number):
    coder, texts = naming_coder()
    mentioned = mentions_of(sentence)
    table = token_table([mentioned[0].reading], coder)
    return Surroundings(table, [mentioned]).named(number, texts)


def test_windows_stand_in_the_order_of_their_templates_one_a_place_first():
    assert TEMPLATES.names == tuple(tuple(window.template.split()) for window in _WINDOWS)
    assert _PLACE[: len(_PLACES)] == list(range(len(_PLACES)))


def test_sums_are_those_of_the_listed_features():
    found = around(*SENTENCES)
    weights = np.random.default_rng(0).normal(size=(BUCKETS + 1, 6)).astype(np.float32)
    weights[NOTHING] = 0
    mention, bucket, value = found.listed()
    expected = np.zeros((4, 6))
    np.add.at(expected, mention, weights[bucket] * value[:, None])
    assert found.sums(weights.__getitem__) == pytest.approx(expected, rel=1e-5)


def test_sums_of_a_sentence_are_the_same_beside_others():
    weights = np.random.default_rng(0).normal(size=(BUCKETS + 1, 3)).astype(np.float32)
    alone, together = around(SENTENCES[1]), around(*SENTENCES, SENTENCES[1])
    last, own = together.sums(weights.__getitem__)[-1], alone.sums(weights.__getitem__)[0]
    assert last == pytest.approx(own)


def test_windows_keep_to_their_side_and_sentence():
    words = {name.split("word=")[1] for name in names(SENTENCES[1], 0)[0] if "word=" in name}
    assert words == {"we", "welcom", "the", "."}
    left = [name for name in names(SENTENCES[1], 0)[0] if name.startswith("left")]
    assert not any("word=." in name for name in left)


def test_near_windows_are_narrower():
    found = names("Chad, Peru, Cuba, Mali, Fiji, Togo, Laos and Niue note the [=plan].", 0)[0]
    near, all_of_it = ([n for n in found if re.match(rf"left{width} word", n)] for width in ("7", ""))
    assert len(near) == 7
    assert len(all_of_it) == 17


def test_negation_is_told_with_what_a_word_means():
    found, buckets, values = names(SENTENCES[0], 0)
    told = [name for name in found if "cue=predicates support" in name]
    assert told
    assert all("negated=1" in name for name in told)
    assert len(found) == len(buckets) == len(values)


def test_words_that_mean_nothing_of_note_have_no_tone():
    found, buckets, _ = names(SENTENCES[1], 0)
    toneless = [b for name, b in zip(found, buckets.tolist(), strict=True) if "tone=none cue=none" in name]
    assert toneless
    assert set(toneless) == {NOTHING}


def test_sums_do_not_depend_on_how_many_tokens_are_summed_at_once(monkeypatch):
    weights = np.random.default_rng(0).normal(size=(BUCKETS + 1, 3)).astype(np.float32)
    whole = around(*SENTENCES * 3).sums(weights.__getitem__)
    monkeypatch.setattr("stance.surroundings._AT_ONCE", 7)
    assert around(*SENTENCES * 3).sums(weights.__getitem__) == pytest.approx(whole, rel=1e-5)
