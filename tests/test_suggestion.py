import pytest

from stance.model import shipped_model
from stance.records import Record
from stance.suggestion import Suggestion, candidates, suggest

TEXT = (
    "We condemn the attack on the port. The talks, the plan, the fund and the row over the islands went on. "
    "We welcome the truce. Yes."
)


def made(*pairs):
    return [Suggestion(Record(str(n), text, ()), doubt) for n, (text, doubt) in enumerate(pairs)]


def texts_of(suggestions):
    return [each.record.text for each in suggestions]


def test_candidates_are_sentences_with_proposals_from_the_model():
    found = candidates([("a.txt", TEXT), ("b.txt", "We  condemn the attack\non the port.")])
    assert [(each.record.id, each.record.statement) for each in found] == [(f"a.txt:{n}", "a.txt") for n in (1, 2, 3)]
    assert all(0 <= each.doubt <= 1 for each in found)
    record = found[0].record
    assert ("attack on the port", "condemn") in [(record.text[t.start : t.end], str(t.stance)) for t in record.targets]


def test_targets_that_are_too_doubtful_to_be_told_count(monkeypatch):
    whole = candidates([("a", TEXT)])
    monkeypatch.setattr("stance.analysis._RIGHT", 1.1)
    assert candidates([("a", TEXT)]) == whole
    assert max(each.doubt for each in whole) > 0


def test_holders_of_another_sentence_are_left_out_and_a_sentence_stands_on_one_line():
    text = '"We condemn the attack on\nthe port. It is bad," Macron said.'
    first = candidates([("a", text)])[0].record
    assert first.text == '"We condemn the attack on the port.'
    assert {target.holder for target in first.targets} == {None}


def test_a_given_model_labels():
    assert candidates([("a", TEXT)], shipped_model()) == candidates([("a", TEXT)])


def test_least_sure_comes_first_and_certain_never():
    found = made(("One two three.", 0.2), ("Four five six.", 0.9), ("Seven eight nine.", 0.0))
    assert texts_of(suggest(found, 9)) == ["Four five six.", "One two three."]


def test_not_fifty_alike():
    alike = [(f"The ministers met in the old town of Riga on day {n} again", 0.9) for n in range(50)]
    found = made(*alike, ("Nobody said a word of tariffs", 0.5))
    assert "Nobody said a word of tariffs" in texts_of(suggest(found, 2))


def test_what_is_labelled_already_is_not_asked_again():
    found = made(("We met in Riga today.", 0.9), ("Nobody said a word.", 0.3))
    assert texts_of(suggest(found, 1, labelled=["We met in Riga today."])) == ["Nobody said a word."]


def test_order_is_stable():
    found = made(*((f"Word{n} other{n} third{n}", 0.5) for n in range(20)))
    assert suggest(found, 20) == suggest(found, 20) == found


@pytest.mark.parametrize("most", [0, 5])
def test_nothing_gives_nothing(most):
    assert suggest([], most) == []
