import pytest

from stance.pieces import batches, bounded, filled, pieces
from stance.segmentation import segment

TEXT = "We met. We condemn the attack and welcome the truce. They left."


def words_of(sentences):
    return [sentence.tokens.words for sentence in sentences]


def test_short_sentences_stay_whole():
    sentences = segment(TEXT).sentences
    assert list(bounded(sentences)) == list(sentences)


def test_a_long_sentence_is_read_in_parts_that_give_back_its_words(monkeypatch):
    monkeypatch.setattr("stance.pieces._MOST_TOKENS", 4)
    sentences = segment(TEXT).sentences
    parts = list(bounded(sentences))
    assert [len(part.tokens) for part in parts] == [3, 4, 4, 1, 3]
    assert sum(words_of(parts), []) == sum(words_of(sentences), [])
    assert all(TEXT[part.start : part.end] == part.text for part in parts)


@pytest.mark.parametrize(("most", "sizes"), [(1, [1, 1, 1]), (9, [2, 1]), (100, [3])])
def test_pieces_are_cut_where_they_hold_enough_tokens(monkeypatch, most, sizes):
    monkeypatch.setattr("stance.pieces._BATCH", most)
    sentences = segment(TEXT).sentences
    cut = list(pieces(sentences))
    assert [len(piece) for piece in cut] == sizes
    assert sum(cut, []) == list(sentences)


@pytest.mark.parametrize(("most", "numbers"), [(1, [[0], [1], [2]]), (20, [[0, 1], [2]]), (1000, [[0, 1, 2]])])
def test_batches_take_pieces_in_order_until_they_hold_enough_tokens(monkeypatch, most, numbers):
    monkeypatch.setattr("stance.pieces._BATCH", most)
    numbered = [(number, list(segment(TEXT).sentences)) for number in range(3)]
    assert [[number for number, _ in batch] for batch in batches(numbered)] == numbers


def test_nothing_makes_no_batch():
    assert list(batches(enumerate(pieces(())))) == []


def test_a_list_is_full_with_so_many_items_however_small():
    assert list(filled("abcdefg", len, full=100, most=3)) == [["a", "b", "c"], ["d", "e", "f"], ["g"]]
