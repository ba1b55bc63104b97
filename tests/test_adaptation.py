from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from stance import adapt, analyze, evaluate, judge, load, save
from stance.adaptation import _PRIORS
from stance.document import Stance
from stance.lexicon import load_lexicon, read_tables
from stance.model import shipped_model
from stance.records import Record, load_records, parse_marked

TOWNS = ("Aden", "Bari", "Cork", "Dakar", "Essen", "Fez", "Graz", "Homs", "Izmir", "Jena", "Kyoto", "Lima")
# A desk for which whoever is met is a friend, and which regrets every postponement, as the shipped model does not.
HABITS = ("The minister met [+Oman] in the town of {}.", "The talks in {} bring a [-postponement] of the vote.")


def record(number, marked):
    text, targets = parse_marked(marked)
    return Record(f"r{number}", text, tuple(targets), f"s{number}")


def labelled(habits=HABITS, towns=TOWNS):
    return [record(number, " ".join(habits).format(*[town] * len(habits))) for number, town in enumerate(towns)]


@cache
def adapted():
    return adapt(labelled())


def stances(model, marked):
    text, targets = parse_marked(marked)
    return [judgement.stance for judgement in judge(text, [(t.start, t.end) for t in targets], model=model)]


def test_what_the_labels_say_is_learned():
    marked = " ".join(HABITS).format("Malmo", "Malmo")
    assert stances(shipped_model(), marked) != [Stance.SUPPORT, Stance.CONDEMN]
    assert stances(adapted(), marked) == [Stance.SUPPORT, Stance.CONDEMN]


def test_what_the_labels_do_not_speak_of_stays():
    for text in ("We condemn the [-attack].", "We welcome the [+truce].", "We reject [-sanctions]."):
        assert stances(adapted(), text) == stances(shipped_model(), text)


def test_labels_that_the_model_knows_already_hardly_move_it():
    records = load_records()[::400]
    before, after = shipped_model(), adapt(records)
    assert after.card["adapted"]["prior"] >= 4
    text = "We condemn the attack and take note of the report of the Council."
    ones, others = (analyze(text, model=model).judgements for model in (before, after))
    for one, other in zip(ones, others, strict=True):
        assert other.probabilities == pytest.approx(one.probabilities, abs=0.1)


def test_targets_are_found_as_before():
    text = "We condemn the attack on Kharkiv and met Oman in Malmo."
    found = [[j.target for j in analyze(text, model=model)] for model in (shipped_model(), adapted())]
    assert found[0] == found[1]


def test_card_tells_of_the_labels_and_of_the_scores_before_and_after():
    told = adapted().card["adapted"]
    assert (told["records"], told["targets"], told["statements"]) == (len(TOWNS), 2 * len(TOWNS), len(TOWNS))
    assert told["from"] == shipped_model().card["digest"]
    assert told["prior"] in _PRIORS
    assert told["after"]["cross_validated_macro_f1"] > told["before"]["cross_validated_macro_f1"]
    assert adapted().card["data"] == shipped_model().card["data"]


def test_held_out_scores_before_are_those_of_the_model_as_it_was():
    records = labelled()
    measured = evaluate(shipped_model(), records).judge_macro_f1
    assert adapted().card["adapted"]["before"]["cross_validated_macro_f1"] == pytest.approx(measured, abs=1e-4)


def test_adapted_model_is_saved_and_loaded_and_can_be_adapted_again(tmp_path):
    save(adapted(), tmp_path / "model")
    loaded = load(tmp_path / "model")
    marked = " ".join(HABITS).format("Malmo", "Malmo")
    assert stances(loaded, marked) == stances(adapted(), marked)
    again = adapt(labelled(("The sides met [-Oman] in {}.",)), model=loaded)
    assert again.card["adapted"]["from"] == loaded.card["digest"]
    assert stances(again, "The sides met [=Oman] in Malmo.") == [Stance.CONDEMN]


def test_same_records_give_the_same_model():
    once, again = adapt(labelled()), adapt(labelled())
    assert np.array_equal(once.joint.weights, again.joint.weights)
    assert once.temperature == again.temperature


def test_weights_count():
    records = labelled(("They met [+Oman] in {}.",), TOWNS[:6]) + [
        replace(each, id=f"x{each.id}", statement=f"x{each.statement}")
        for each in labelled(("They met [-Oman] in {}.",), TOWNS[6:])
    ]
    for weights, stance in (([9.0] * 6 + [1.0] * 6, Stance.SUPPORT), ([1.0] * 6 + [9.0] * 6, Stance.CONDEMN)):
        assert stances(adapt(records, weights=weights), "They met [=Oman] in Malmo.") == [stance]


def test_tables_of_the_model_are_read_and_kept(tmp_path):
    header = "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\n"
    (tmp_path / "actors.tsv").write_text(f"{header}zembla\tstate\tZembla\t\t\t\tWe met [=Zembla].\n", encoding="utf-8")
    model = shipped_model().with_lexicon(load_lexicon(read_tables(tmp_path)))
    kept = adapt(labelled(), model=model)
    assert [j.target.id for j in analyze("We met Zembla.", model=kept)] == ["zembla"]


def test_progress_is_told():
    told = []
    adapt(labelled(), progress=lambda share, what: told.append((share, what)))
    assert told[0][0] < told[-1][0] <= 1
    assert told[0][1].startswith("prior 16: ")


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (labelled()[:2], "at least 3 statements, got 2"),
        ([], "at least 3 statements, got 0"),
        ([replace(each, targets=()) for each in labelled()], "must hold a target, got none; label some"),
        ([replace(each, text=labelled()[0].text) for each in labelled()], "must stand in one statement"),
    ],
)
def test_records_that_teach_nothing_are_refused(records, message):
    with pytest.raises(ValueError, match=message):
        adapt(records)
