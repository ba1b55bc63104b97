import pytest

from stance.lexicon import load_lexicon
from stance.registry import list_actors, search_actors

HEADER = "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\n"


def ids(words, folder=None):
    return [actor.id for actor in search_actors(list_actors(folder), words)]


def test_registry_has_each_actor_of_the_lexicon_once():
    listed = [actor.id for actor in list_actors()]
    assert listed == sorted(set(listed))
    assert set(listed) == set(load_lexicon().actors)


def test_states_have_codes_of_three_capitals():
    states = [actor for actor in list_actors() if actor.kind == "state"]
    assert len(states) > 190
    assert all(len(actor.id) == 3 and actor.id.isupper() for actor in states)


@pytest.mark.parametrize(
    ("words", "identity"), [("kremlin", "RUS"), ("Beijing", "CHN"), ("aukus", "aukus"), ("Zelenskyy", "UKR")]
)
def test_an_actor_is_found_by_any_of_its_names_and_people(words, identity):
    assert ids(words) == [identity]


def test_an_id_finds_that_actor_alone():
    assert ids("un") == ["un"]
    assert ids("zzz") == []


def test_words_are_found_at_the_start_of_words_only():
    assert "FRA" in ids("fren")
    assert "FRA" not in ids("rench")


def test_rows_of_ones_own_join_and_extend_the_registry(tmp_path):
    own = "elms\talliance\tThe Elms|Elm Group\t\t\t\tWe support [+The Elms].\n"
    more = "FRA\tstate\tHexagon\t\t\t\tWe support [+Hexagon].\n"
    (tmp_path / "actors.tsv").write_text(HEADER + own + more, encoding="utf-8")
    assert ids("elm group", tmp_path) == ["elms"]
    assert ids("hexagon", tmp_path) == ids("Paris", tmp_path) == ["FRA"]


def test_a_folder_without_actors_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"must hold actors.tsv, got none; its header is that of stance/data/actors"):
        list_actors(tmp_path)
