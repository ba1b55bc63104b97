import numpy as np
import pytest
from marked import NEVER, reading_of

from stance import analyze, train
from stance.finder_training import folds, grow, train_finders
from stance.records import Record, parse_marked
from stance.rivals import COLUMNS
from stance.span_features import probability
from stance.token_table import token_table

LINES = (
    "We condemn the [-attack on [=Iran]] and welcome the [+truce].",
    "They discussed [=trade] and rejected the [-sanctions against [=Cuba]].",
    "We note the [=report of the [=UN]] and deplore [-raids on ports].",
)


def records(sizes, lines=LINES):
    """Records of statements of the given sizes; no sentence stands twice."""
    made = []
    for statement, size in enumerate(sizes):
        for number in range(size):
            text, targets = parse_marked(lines[number % len(lines)] + f" It was day {number} of month {statement}.")
            made.append(Record(f"{statement}.{number}", text, targets, str(statement)))
    return made


@pytest.mark.parametrize("groups", [["a"] * 5, ["a"] * 9 + ["b"], list("abcdefgh"), ["a", "a", "b", "b", "b"]])
def test_folds_hold_each_sentence_once_and_keep_statements_together(groups):
    parts = list(folds(groups))
    assert sorted(np.concatenate([held for _, held in parts]).tolist()) == list(range(len(groups)))
    assert all(len(learned) for learned, _ in parts)
    if len(set(groups)) > 1:
        for learned, held in parts:
            assert not {groups[i] for i in learned} & {groups[i] for i in held}


def test_one_sentence_is_its_own_fold():
    ((learned, held),) = folds(["a"])
    assert (learned.tolist(), held.tolist()) == ([0], [0])


@pytest.mark.parametrize("sizes", [(4, 4, 4), (30, 3, 3, 3, 3), (1, 1, 1, 1)])
def test_few_statements_are_enough(sizes):
    model = train(records(sizes))
    assert model.card["records"] == sum(sizes)
    assert analyze("We condemn the attack on Iran.", model=model).document.sentences


def test_targets_of_one_word_are_enough():
    lines = ("We condemn the [-attack].", "We met [=Iran].", "We welcome the [+truce].")
    assert train(records([3] * 8, lines)).card["targets"] == 24


def test_statements_without_targets_do_no_harm():
    plain = records([3] * 6, ("We met.", "They left.", "It rained."))
    labelled = [Record("n" + r.id, r.text, r.targets, "n" + r.statement) for r in records([3] * 2)]
    assert train([*plain, *labelled]).card["statements"] == 8


def test_targets_are_found_by_finders_that_did_not_see_them():
    made = records([3] * 16)
    table, groups = token_table([reading_of(record.text) for record in made]), [record.statement for record in made]
    one, other = (set(held.tolist()) for _, held in folds(groups, 2))
    spans = [[(0, 2), (2, 3)] if number in one else [(0, 2)] for number in range(len(made))]
    whole, found = train_finders(table, spans, groups, np.ones(len(made)))
    assert len(found) == 48
    assert whole.pairs.any()
    least = whole.thresholds[2]
    likely = [{pair for pair, logit in zip(*guess, strict=True) if probability(logit) >= least} for guess in found]
    assert sum((0, 2) in pairs for pairs in likely) >= 36
    assert all((2, 3) in likely[number] for number in other)  # as those say which learned from the one
    assert not any((2, 3) in found[number].pairs for number in one)
    assert all(len(guess.pairs) == len(guess.logits) for guess in found)


@pytest.mark.parametrize(("flags", "logit"), [([True] * 3, 9.0), ([False] * 3, -9.0), ([], -9.0)])
def test_pairs_that_are_all_alike_grow_one_tree_that_says_so(flags, logit):
    values = np.zeros((len(flags), len(COLUMNS)), np.float32)
    forest = grow(values, np.array(flags, dtype=bool), np.ones(len(flags)))
    assert forest.logits(np.zeros((2, len(COLUMNS)), np.float32)).tolist() == [logit] * 2
    assert forest.columns.dtype == NEVER.columns.dtype
