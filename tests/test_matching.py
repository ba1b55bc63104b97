import pytest

from stance.matching import content_words, coverage, head_of, id_of, key_of, pair_similar


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("attacks by the Houthis", "Houthi attacks"),
        ("the territorial\nintegrity of Ukraine", "Ukraine’s territorial integrity"),
        ("RULES-BASED ORDER", "rules-based order"),
    ],
)
def test_one_target_has_one_key_whatever_its_wording(one, other):
    assert key_of(one, None) == key_of(other, None)


def test_ids_go_before_words():
    assert key_of("Tehran", "IRN") == key_of("Iran", "IRN") != key_of("Iran", None)


@pytest.mark.parametrize(
    ("target", "head"),
    [
        ("continuing attacks on schools", "attack"),
        ("ceasefire", "ceasefir"),
        ("the", ""),
        ("on the other hand", "hand"),
    ],
)
def test_the_head_stands_before_the_first_preposition(target, head):
    assert head_of(target) == head


@pytest.mark.parametrize(
    ("target", "id"), [("any French", "FRA"), ("France and Spain", None), ("the", None), ("", None)]
)
def test_a_target_that_is_a_name_of_the_tables_has_its_id(target, id):
    assert id_of(target) == id


@pytest.mark.parametrize("text", ["the", "“”", "", "of the"])
def test_a_text_of_closed_words_keeps_them(text):
    assert (
        content_words(text) == frozenset(word.strip("“”") and word for word in text.lower().split() or [])
        or text == "“”"
    )


def test_the_most_alike_are_paired_and_each_once():
    first = ["widespread impunity", "attacks on schools", "the ceasefire"]
    second = ["attacks on many schools", "continuing widespread impunity", "fisheries"]
    assert pair_similar(first, second, 0.5) == [(0, 1), (1, 0)]


def test_pairs_that_share_only_a_common_word_are_left_out():
    assert pair_similar(["work of the Panel"], ["work of the mission"], 0.75) == []


@pytest.mark.parametrize(("first", "second"), [([], ["attack"]), (["attack"], []), (["of"], ["attack"])])
def test_nothing_pairs_with_nothing(first, second):
    assert pair_similar(first, second, 0.1) == []


@pytest.mark.parametrize(
    ("words", "texts", "share"),
    [("attack school", ["attack", "school"], 0.5), ("attack school", ["attack a school"], 1.0), ("attack", [], 0.0)],
)
def test_coverage_is_the_share_in_any_one_text(words, texts, share):
    assert coverage(frozenset(words.split()), [frozenset(text.split()) for text in texts]) == share


def test_no_words_are_covered_by_anything():
    assert coverage(frozenset(), []) == 1.0
