import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from marked import analysed

import stance
from stance.document import (
    STANCES,
    Analysis,
    Document,
    Failure,
    Holder,
    Judgement,
    Sentence,
    Stance,
    Target,
    TargetKind,
    Token,
    Tokens,
)

TEXT = "We met. We back AUKUS."
SENTENCES = (
    Sentence("We met.", 0, 7, Tokens(["We", "met", "."], [0, 3, 6], [2, 6, 7])),
    Sentence("We back AUKUS.", 8, 22, Tokens(["We", "back", "AUKUS", "."], [8, 11, 16, 21], [10, 15, 21, 22])),
)
TARGET = Target(16, 21, "AUKUS", TargetKind.ACTOR, "aukus")
JUDGEMENT = Judgement(TARGET, Stance.SUPPORT, {"condemn": 0.1, "neutral": 0.2, "support": 0.7}, Holder("the speaker"))
ANALYSIS = Analysis(Document(TEXT, SENTENCES), (JUDGEMENT,))


@pytest.mark.parametrize("label", ["condemn", "neutral", "support"])
def test_stance_is_its_label(label):
    assert str(Stance(label)) == Stance(label) == label


def test_stances_stand_in_the_order_of_their_labels():
    assert list(STANCES) == sorted(STANCES) == list(Stance)


@pytest.mark.parametrize("stance_", Stance)
def test_opposite_of_the_opposite_is_the_stance_itself(stance_):
    assert stance_.opposite.opposite is stance_


def test_opposite_turns_the_verdicts_and_leaves_neutral():
    assert [stance_.opposite for stance_ in STANCES] == [Stance.SUPPORT, Stance.NEUTRAL, Stance.CONDEMN]


def test_unknown_label_is_refused():
    with pytest.raises(ValueError, match="'favour' is not a valid Stance"):
        Stance("favour")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (SENTENCES[0], "text"),
        (ANALYSIS.document, "text"),
        (TARGET, "start"),
        (JUDGEMENT.holder, "text"),
        (JUDGEMENT, "stance"),
        (ANALYSIS, "judgements"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_value_cannot_be_changed(value, name):
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(value, name, None)


@pytest.mark.parametrize(
    "value", [SENTENCES[0], TARGET, JUDGEMENT.holder, JUDGEMENT, ANALYSIS], ids=lambda value: type(value).__name__
)
def test_value_has_no_room_for_other_fields(value):
    assert not hasattr(value, "__dict__")


def test_values_travel_between_processes():
    assert pickle.loads(pickle.dumps(ANALYSIS)) == ANALYSIS


def test_document_gives_the_tokens_of_all_its_sentences_in_order():
    assert [token.text for token in ANALYSIS.document.tokens] == ["We", "met", ".", "We", "back", "AUKUS", "."]


def test_tokens_are_a_sequence_that_equals_any_other_of_the_same_tokens():
    tokens = SENTENCES[0].tokens
    listed = (Token("We", 0, 2), Token("met", 3, 6), Token(".", 6, 7))
    assert (*tokens,) == listed
    assert tokens == listed
    assert tokens == Tokens.of(listed)
    assert hash(tokens) == hash(Tokens.of(listed))
    assert tokens != listed[:2]
    assert tokens != "We"
    assert (tokens[1], tokens[-1], tokens[1:]) == (listed[1], listed[2], listed[1:])
    assert tokens.span(0, 2) == (0, 6)
    assert repr(tokens) == repr(listed)


def test_confidence_is_the_probability_of_the_stance():
    assert JUDGEMENT.confidence == 0.7


def test_holder_is_implied_unless_it_stands_in_the_text():
    assert (JUDGEMENT.holder.start, JUDGEMENT.holder.end, JUDGEMENT.holder.id) == (None, None, None)


def test_judgement_without_cue_has_no_evidence_no_votes_and_the_least_strength():
    assert (JUDGEMENT.evidence, JUDGEMENT.votes, JUDGEMENT.strength) == ("", {}, 1)


def test_analysis_is_a_row_of_judgements():
    assert (list(ANALYSIS), len(ANALYSIS)) == ([JUDGEMENT], 1)


def test_sentence_of_a_judgement_is_the_one_its_target_begins_in():
    assert ANALYSIS.sentence_of(JUDGEMENT) is SENTENCES[1]


def test_representation_does_not_repeat_the_text():
    assert "tokens" not in repr(SENTENCES[0])
    assert "We met. We back" not in repr(ANALYSIS)


def test_package_offers_the_values():
    assert all(
        getattr(stance, kind.__name__) is kind
        for kind in (Analysis, Document, Holder, Judgement, Sentence, Stance, Target, TargetKind, Token)
    )


def test_analysis_survives_pickling_in_few_bytes():
    text = Path("examples/statement.txt").read_text(encoding="utf-8")
    analysis = stance.analyze(text)
    pickled = pickle.dumps(analysis)
    assert pickle.loads(pickled) == analysis
    assert len(pickled) < 12 * len(text)


@pytest.mark.parametrize("value", [SENTENCES[0], TARGET, JUDGEMENT, ANALYSIS, Failure(3, "why")])
def test_values_survive_pickling_and_copying(value):
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value


def test_jupyter_shows_the_text_with_signs_and_escapes_it():
    analysis = analysed("We condemn [-Iran's attack] on <b>[=Israel]</b>. We welcome the [+talks].")
    html = analysis._repr_html_()
    assert html.count("<mark ") == html.count("</mark>") == len(analysis)
    assert "<small>▼</small>" in html
    assert "<small>▲</small>" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "cue: condemn" in html


def test_judgements_may_stand_in_a_set():
    again = replace(JUDGEMENT, probabilities=dict(JUDGEMENT.probabilities))
    assert len({JUDGEMENT, again}) == 1
