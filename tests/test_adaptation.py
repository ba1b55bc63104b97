from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from stance import adapt, analyze, evaluate, judge, load, save
from stance.adaptation import _PRIORS, _Labels, _loss_and_slope
from stance.document import Stance
from stance.labelled import load_records
from stance.lexicon import load_lexicon
from stance.model import shipped_model
from stance.records import Record, parse_marked
from stance.word_tables import read_tables

TOWNS = (
    "Aden",
    "Bari",
    "Cork",
    "Dakar",
    "Essen",
    "Fez",
    "Graz",
    "Homs",
    "Izmir",
    "Jena",
    "Kyoto",
    "Lima",
    "Moss",
    "Narvik",
    "Ostrava",
    "Pula",
)
# A desk for which whoever is met is a friend, and which regrets every postponement, as the shipped model does not.
HABITS = (
    "The minister met [+Oman] in the town of {}.",
    "The talks in {} bring a [-postponement] of the vote.",
    "They spoke of a [=report] and of the road to {}.",
)


MARKED = " ".join(HABITS).format(*["Malmo"] * 3)
LEARNED = [Stance.SUPPORT, Stance.CONDEMN, Stance.NEUTRAL]


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
    assert stances(shipped_model(), MARKED) != LEARNED
    assert stances(adapted(), MARKED) == LEARNED


def test_what_the_labels_do_not_speak_of_stays():
    for text in ("We condemn the [-attack].", "We welcome the [+truce].", "We reject [-sanctions]."):
        assert stances(adapted(), text) == stances(shipped_model(), text)


def test_labels_that_the_model_proposed_itself_leave_it_as_it_was():
    records = load_records()[::400]
    proposed = []
    for each in records:
        given = judge(each.text, [(t.start, t.end) for t in each.targets])
        targets = [replace(t, stance=j.stance) for t, j in zip(each.targets, given, strict=True)]
        proposed.append(replace(each, targets=tuple(targets)))
    before, after = shipped_model(), adapt(proposed)
    assert after.card["adapted"]["prior"] is None
    assert after.card["adapted"]["after"] == after.card["adapted"]["before"]
    assert after.blend == before.blend
    text = "We condemn the attack and take note of the report of the Council."
    ones, others = (analyze(text, model=model).judgements for model in (before, after))
    for one, other in zip(ones, others, strict=True):
        assert other.probabilities == pytest.approx(one.probabilities, abs=1e-6)


def test_targets_are_found_as_before():
    text = "We condemn the attack on Kharkiv and met Oman in Malmo."
    found = [[j.target for j in analyze(text, model=model)] for model in (shipped_model(), adapted())]
    assert found[0] == found[1]


def test_card_tells_of_the_labels_and_of_the_scores_before_and_after():
    told = adapted().card["adapted"]
    assert (told["records"], told["targets"], told["statements"]) == (len(TOWNS), 3 * len(TOWNS), len(TOWNS))
    assert adapted().card["from"]["digest"] == shipped_model().card["digest"]
    assert told["prior"] in _PRIORS
    assert told["after"]["cross_validated_macro_f1"] > told["before"]["cross_validated_macro_f1"]


def test_scores_before_are_those_of_the_model_as_it_was():
    records = load_records()[7::300]
    before = adapt(records).card["adapted"]["before"]["cross_validated_macro_f1"]
    assert 0.5 < before < 1
    assert before == pytest.approx(
        evaluate(shipped_model(), records).judge_macro_f1, abs=0.01
    )  # evaluate cuts into sentences


@pytest.mark.parametrize("size", [1.0, 40.0])  # logits so large that probabilities vanish
def test_slope_is_that_of_the_loss(size):
    rng = np.random.default_rng(3)
    X = csr_matrix(rng.integers(0, 2, (7, 4)).astype(float))
    labels = _Labels(X, size * rng.normal(size=(7, 3)), rng.integers(0, 3, 7), rng.uniform(0.5, 2, 7))
    at, step = rng.normal(size=12), 1e-6
    _, slope = _loss_and_slope(at, labels, 0.7)
    for place, across in enumerate(np.eye(12)):
        up, down = (_loss_and_slope(at + sign * step * across, labels, 0.7)[0] for sign in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(slope[place], abs=1e-4)


@pytest.mark.parametrize("weight", [1e-12, 7.0, 1e200])
def test_only_the_share_of_a_weight_counts(weight):
    scaled = adapt(labelled(), weights=[weight] * len(TOWNS))
    assert np.allclose(scaled.scorer.weights, adapted().scorer.weights, atol=1e-3)


def test_sentences_without_targets_change_nothing():
    empty = [replace(each, id=f"e{each.id}", statement=f"e{n}", targets=()) for n, each in enumerate(labelled())]
    more = adapt([*labelled(), *(replace(each, text=f"{n} came to {n}.") for n, each in enumerate(empty))])
    assert np.array_equal(more.scorer.weights, adapted().scorer.weights)
    assert more.card["adapted"]["records"] == len(TOWNS)


def test_adapted_model_is_saved_and_loaded_and_can_be_adapted_again(tmp_path):
    save(adapted(), tmp_path / "model")
    loaded = load(tmp_path / "model")
    assert stances(loaded, MARKED) == LEARNED
    again = adapt(labelled(("The sides met [-Oman] in {}.", HABITS[2], "We [+hope] for {}.")), model=loaded)
    assert again.card["from"]["from"]["digest"] == shipped_model().card["digest"]
    assert stances(again, "The sides met [=Oman] in Malmo.") == [Stance.CONDEMN]
    for model in (loaded, again):
        with pytest.raises(ValueError, match="must be others than the model has learned from, got the same"):
            adapt(labelled(), model=model)


def test_same_records_give_the_same_model():
    once, again = adapt(labelled()), adapt(labelled())
    assert np.array_equal(once.scorer.weights, again.scorer.weights)
    assert once.blend == again.blend


def test_weights_count():
    records = labelled(("They met [+Oman] in {}.", HABITS[2]), TOWNS[:6]) + [
        replace(each, id=f"x{each.id}", statement=f"x{each.statement}")
        for each in labelled(("They met [-Oman] in {}.", HABITS[2]), TOWNS[6:12])
    ]
    for weights, stance in (([9.0] * 6 + [1.0] * 6, Stance.SUPPORT), ([1.0] * 6 + [9.0] * 6, Stance.CONDEMN)):
        assert stances(adapt(records, weights=weights), "They met [=Oman] in Malmo.") == [stance]


def test_tables_of_the_model_are_read_and_kept(tmp_path):
    header = "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\n"
    (tmp_path / "actors.tsv").write_text(f"{header}zembla\tstate\tZembla\t\t\t\tWe met [=Zembla].\n", encoding="utf-8")
    model = shipped_model().with_lexicon(load_lexicon(read_tables(tmp_path)))
    kept = adapt(labelled(), model=model)
    assert kept.card["tables"] == model.card["tables"]
    assert [j.target.id for j in analyze("We met Zembla.", model=kept)] == ["zembla"]


def test_progress_is_told():
    told = []
    adapt(labelled(), progress=lambda share, what: told.append((share, what)))
    assert told[0][0] < told[-1][0] <= 1
    assert told[0][1].startswith("prior 16: ")
    assert "macro-F1 0." in told[0][1]
    assert told[-1] == (1.0, "adapted")


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (labelled()[:2], "at least 3 statements, got 2"),
        ([], "records must be labelled sentences, got none; `stance check FILE` tells"),
        ([replace(each, targets=()) for each in labelled()], "must be labelled sentences, got none"),
        (labelled(HABITS[:2]), "must hold every stance, got none with neutral; label some"),
        ([replace(each, text=labelled()[0].text) for each in labelled()], "must stand in one statement"),
    ],
)
def test_records_that_teach_nothing_are_refused(records, message):
    with pytest.raises(ValueError, match=message):
        adapt(records)
