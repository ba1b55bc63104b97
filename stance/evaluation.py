"""Model, records -> scores: how well targets are found and judged, how sure that is, and how often rules are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.analysis import analyze, judge
from stance.bootstrap import Difference, Interval, class_f1, interval, macro_f1, paired_difference, share_of
from stance.document import STANCES, Judgement, Stance
from stance.hashing import Floats, Integers
from stance.model import Model
from stance.records import Record, check_records
from stance.targets import match_spans

_BINS = 10
_FEW_STATEMENTS = 10
_LEAST = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)  # confidences for which the coverage is told
# Behind the nine cells of the confusion matrix (labelled x given) of a sentence stand its counts of spans.
_FOUND, _PREDICTED, _BOTH, _LOUD_FOUND, _LOUD_PREDICTED = range(9, 14)
_LOUD = np.array([stance is not Stance.NEUTRAL for stance in STANCES])


@dataclass(frozen=True, slots=True)
class Scores:
    """How a model does on labelled records; every figure is a share in 0..1.

    `judge_macro_f1`, `judge_accuracy` and `judge_f1` are for given targets; `extract_*` for finding them;
    `end_to_end_f1` asks for target and stance; `verdict_f1` is that without the neutral ones. `several_*` are for given
    targets in sentences with more than one, `mixed_*` for those in sentences whose targets have different stances.
    `confusion` counts targets by labelled, then given stance. `intervals` holds the 95% bootstrap interval over
    sentences of each figure that bears its name, `judge_f1_intervals` those of `judge_f1`.
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
    several_targets: int
    several_macro_f1: float
    mixed_targets: int
    mixed_macro_f1: float
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    judge_f1_intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """What a model makes of one record: its judgements of the labelled targets, and `counts` that add up to scores."""

    record: Record
    judged: tuple[Judgement, ...]
    counts: Integers = field(repr=False)


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


class Change(NamedTuple):
    """A target that two models judge differently, one of them right."""

    id: str
    target: str
    labelled: str
    first: str
    second: str
    text: str


class CalibrationBin(NamedTuple):
    """The targets whose confidence lies in `low..high`: how many, their mean confidence, and the share judged right."""

    low: float
    high: float
    targets: int
    confidence: float
    right: float


class CoveragePoint(NamedTuple):
    """What remains from a confidence on: how many targets, their share of all, and the share of them judged right."""

    min_confidence: float
    targets: int
    coverage: float
    right: float


def evaluate(model: Model, records: Sequence[Record]) -> Scores:
    """The scores of a model on labelled records.

    Raises
    ------
    ValueError
        Where no record holds a target.
    """
    return scores_of(measure(model, records))


def measure(
    model: Model, records: Sequence[Record], progress: Callable[[int], None] | None = None
) -> list[SentenceScore]:
    """What a model makes of each record; `progress` is told how many are done.

    Raises
    ------
    ValueError
        Where no record holds a target.
    """
    check_records(records)
    if not any(record.targets for record in records):
        raise ValueError("records must hold targets, got none; label some")
    measured = []
    for number, record in enumerate(records):
        measured.append(_measured(model, record))
        if progress is not None:
            progress(number + 1)
    return measured


def _measured(model: Model, record: Record) -> SentenceScore:
    judged = judge(record.text, record.spans, model=model)
    found = analyze(record.text, model=model).judgements
    labelled = [*record.targets, *record.optional]
    matched = match_spans([(t.start, t.end) for t in labelled], [(j.target.start, j.target.end) for j in found])
    firm = [(record.targets[i], found[j]) for i, j in matched if i < len(record.targets)]
    passed_over = {j for i, j in matched if i >= len(record.targets)}  # annotators differed: neither right nor wrong
    kept = [judgement for j, judgement in enumerate(found) if j not in passed_over]
    right = [target.stance for target, judgement in firm if target.stance is judgement.stance]
    counts = np.zeros(14, dtype=np.int64)
    for target, judgement in zip(record.targets, judged, strict=True):
        counts[3 * STANCES.index(target.stance) + STANCES.index(judgement.stance)] += 1
    counts[_FOUND], counts[_PREDICTED], counts[_BOTH] = len(firm), len(kept), len(right)
    counts[_LOUD_FOUND] = sum(stance is not Stance.NEUTRAL for stance in right)
    counts[_LOUD_PREDICTED] = sum(judgement.stance is not Stance.NEUTRAL for judgement in kept)
    return SentenceScore(record, judged, counts)


def scores_of(measured: Sequence[SentenceScore], *, rounds: int = 1000, seed: int = 0) -> Scores:
    """The scores over sentences that were measured, with intervals from `rounds` draws of statements.

    Sentences of one statement are alike, so that drawing them one by one would give intervals that are too narrow; only
    where few statements are told it is done.
    """
    counts = _drawn(measured)
    total = counts.sum(axis=0)
    cells = total[:9].reshape(3, 3)
    several = [one for one in measured if len(one.record.targets) > 1]
    mixed = [one for one in several if len({target.stance for target in one.record.targets}) > 1]
    figures = {name: float(statistic(total)) for name, statistic in STATISTICS.items()}
    labels = list(map(str, STANCES))
    return Scores(
        sentences=len(measured),
        targets=int(cells.sum()),
        judge_f1=dict(zip(labels, class_f1(total).tolist(), strict=True)),
        several_targets=sum(len(one.record.targets) for one in several),
        several_macro_f1=_macro_f1_of(several),
        mixed_targets=sum(len(one.record.targets) for one in mixed),
        mixed_macro_f1=_macro_f1_of(mixed),
        confusion={
            label: dict(zip(labels, row, strict=True)) for label, row in zip(labels, cells.tolist(), strict=True)
        },
        intervals={
            name: interval(counts, statistic, rounds=rounds, seed=seed) for name, statistic in STATISTICS.items()
        },
        judge_f1_intervals={
            label: interval(counts, statistic, rounds=rounds, seed=seed)
            for label, statistic in zip(labels, _CLASS_STATISTICS, strict=True)
        },
        **figures,
    )


def _drawn(measured: Sequence[SentenceScore]) -> Integers:
    """What is drawn for intervals, a row of counts each: statements, or sentences where few statements are told."""
    counts = np.array([one.counts for one in measured])
    names, owners = np.unique([one.record.statement or one.record.id for one in measured], return_inverse=True)
    if len(names) < _FEW_STATEMENTS:
        return counts
    summed = np.zeros((len(names), counts.shape[1]), dtype=np.int64)
    np.add.at(summed, owners, counts)
    return summed


def differences(
    first: Sequence[SentenceScore], second: Sequence[SentenceScore], *, seed: int = 0
) -> dict[str, Difference]:
    """How much the second model does better than the first on the same sentences, by the names of the figures."""
    one, other = _drawn(first), _drawn(second)
    return {name: paired_difference(one, other, statistic, seed=seed) for name, statistic in STATISTICS.items()}


def changes(first: Sequence[SentenceScore], second: Sequence[SentenceScore]) -> tuple[list[Change], list[Change]]:
    """The targets that only the second model judges right, and those that only the first does."""
    gains: list[Change] = []
    losses: list[Change] = []
    for one, other in zip(first, second, strict=True):
        for target, a, b in zip(one.record.targets, one.judged, other.judged, strict=True):
            if (a.stance is target.stance) == (b.stance is target.stance):
                continue
            stances = (str(target.stance), str(a.stance), str(b.stance))
            change = Change(one.record.id, a.target.text, *stances, one.record.text)
            (gains if b.stance is target.stance else losses).append(change)
    return gains, losses


def calibration(measured: Sequence[SentenceScore]) -> list[CalibrationBin]:
    """How often judgements of about the same confidence are right, for bins of equal width that hold any."""
    confidences, right = _confidences(measured)
    places = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    return [
        CalibrationBin(
            place / _BINS,
            (place + 1) / _BINS,
            int((places == place).sum()),
            float(confidences[places == place].mean()),
            float(right[places == place].mean()),
        )
        for place in sorted(set(places.tolist()))
    ]


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """The expected calibration error, 0..1: by how much confidence misses the share judged right (Guo et al. 2017)."""
    total = sum(each.targets for each in bins)
    return sum(each.targets * abs(each.confidence - each.right) for each in bins) / max(total, 1)


def coverage(measured: Sequence[SentenceScore], least: Sequence[float] = _LEAST) -> list[CoveragePoint]:
    """How many judgements are right where those below a confidence are left out, for each that any judgement has.

    This is what `--min-confidence` trades: fewer judgements for surer ones.
    """
    confidences, right = _confidences(measured)
    kept = [(limit, confidences >= limit) for limit in least]
    return [
        CoveragePoint(limit, int(held.sum()), float(held.mean()), float(right[held].mean()))
        for limit, held in kept
        if held.any()
    ]


def _confidences(measured: Sequence[SentenceScore]) -> tuple[Floats, NDArray[np.bool_]]:
    """The confidence of each judgement of a labelled target, and whether it is right."""
    pairs = [pair for one in measured for pair in zip(one.record.targets, one.judged, strict=True)]
    confidences = np.array([judgement.confidence for _, judgement in pairs])
    return confidences, np.array([judgement.stance is target.stance for target, judgement in pairs])


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


def _accuracy(counts: Integers) -> Floats:
    return share_of(counts[..., [0, 4, 8]].sum(axis=-1), _labelled(counts))


def _labelled(counts: Integers) -> Integers:
    return np.asarray(counts[..., :9].sum(axis=-1))


def _verdict_f1(counts: Integers) -> Floats:
    cells = counts[..., :9].reshape(*counts.shape[:-1], 3, 3)
    wanted = cells.sum(axis=-1)[..., _LOUD].sum(axis=-1)
    return share_of(2 * counts[..., _LOUD_FOUND], counts[..., _LOUD_PREDICTED] + wanted)


STATISTICS: dict[str, Callable[[Integers], Floats]] = {
    "judge_macro_f1": macro_f1,
    "judge_accuracy": _accuracy,
    "extract_precision": lambda c: share_of(c[..., _FOUND], c[..., _PREDICTED]),
    "extract_recall": lambda c: share_of(c[..., _FOUND], _labelled(c)),
    "extract_f1": lambda c: share_of(2 * c[..., _FOUND], c[..., _PREDICTED] + _labelled(c)),
    "end_to_end_f1": lambda c: share_of(2 * c[..., _BOTH], c[..., _PREDICTED] + _labelled(c)),
    "verdict_f1": _verdict_f1,
}
_CLASS_STATISTICS: list[Callable[[Integers], Floats]] = [
    lambda counts, place=place: class_f1(counts)[..., place]  # type: ignore[misc]
    for place in range(len(STANCES))
]


def _macro_f1_of(measured: Sequence[SentenceScore]) -> float:
    return float(macro_f1(np.sum([one.counts for one in measured], axis=0))) if measured else 0.0
