"""Model, records -> scores: how well targets are found and judged, and how often each rule is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stance.analysis import analyze, judge
from stance.document import STANCES, Stance
from stance.model import Model
from stance.records import Record
from stance.targets import match_spans


@dataclass(frozen=True, slots=True)
class Scores:
    """How a model does on labelled records; every figure is a share in 0..1.

    `judge_macro_f1`, `judge_accuracy` and `judge_f1` are for given targets; `extract_*` for finding them;
    `end_to_end_f1` asks for target and stance; `verdict_f1` is that without the neutral ones.
    """

    sentences: int
    targets: int
    judge_macro_f1: float
    judge_accuracy: float
    judge_f1: Mapping[str, float]
    extract_precision: float
    extract_recall: float
    extract_f1: float
    end_to_end_f1: float
    verdict_f1: float


@dataclass(frozen=True, slots=True)
class RuleScore:
    """How often a rule voted, was right, and was overruled by the model."""

    rule: str
    fired: int
    correct: int
    overruled: int

    @property
    def precision(self) -> float:
        """The share of votes that are right, 0..1."""
        return self.correct / self.fired if self.fired else 0.0


def evaluate(model: Model, records: Sequence[Record]) -> Scores:
    """The scores of a model on labelled records.

    Raises
    ------
    ValueError
        Where no record holds a target.
    """
    pairs: list[tuple[Stance, Stance]] = []
    found = predicted = both = loud_found = loud_predicted = 0
    for record in records:
        given = judge(record.text, record.spans, model=model)
        pairs += [(target.stance, judgement.stance) for target, judgement in zip(record.targets, given, strict=True)]
        analysed = analyze(record.text, model=model).judgements
        matched = match_spans(record.spans, [(j.target.start, j.target.end) for j in analysed])
        right = [record.targets[i].stance for i, j in matched if record.targets[i].stance is analysed[j].stance]
        found, predicted, both = found + len(matched), predicted + len(analysed), both + len(right)
        loud_found += sum(stance is not Stance.NEUTRAL for stance in right)
        loud_predicted += sum(j.stance is not Stance.NEUTRAL for j in analysed)
    if not pairs:
        raise ValueError("records must hold targets, got none; label some")
    loud = sum(wanted is not Stance.NEUTRAL for wanted, _ in pairs)
    judged = {str(stance): _f1_of(pairs, stance) for stance in STANCES}
    return Scores(
        len(records),
        len(pairs),
        sum(judged.values()) / len(judged),
        sum(a is b for a, b in pairs) / len(pairs),
        judged,
        found / max(predicted, 1),
        found / len(pairs),
        f1(found, predicted, len(pairs)),
        f1(both, predicted, len(pairs)),
        f1(loud_found, loud_predicted, loud),
    )


def rule_scores(model: Model, records: Sequence[Record]) -> list[RuleScore]:
    """How often each rule voted on the records, most often first."""
    counts: dict[str, list[int]] = {}
    for record in records:
        for target, judgement in zip(record.targets, judge(record.text, record.spans, model=model), strict=True):
            for rule, vote in judgement.votes.items():
                row = counts.setdefault(rule, [0, 0, 0])
                row[0] += 1
                row[1] += vote is target.stance
                row[2] += vote is not judgement.stance
    return sorted((RuleScore(rule, *row) for rule, row in counts.items()), key=lambda score: -score.fired)


def f1(right: int, predicted: int, wanted: int) -> float:
    """The harmonic mean of precision and recall, 0..1.

    >>> f1(2, 4, 2)
    0.6666666666666666
    """
    return 2 * right / (predicted + wanted) if predicted + wanted else 0.0


def _f1_of(pairs: Sequence[tuple[Stance, Stance]], stance: Stance) -> float:
    right = sum(wanted is got is stance for wanted, got in pairs)
    return f1(right, sum(got is stance for _, got in pairs), sum(wanted is stance for wanted, _ in pairs))
