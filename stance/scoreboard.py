"""Scores -> sections that people and programs read, as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from stance.bootstrap import Difference
from stance.evaluation import CalibrationBin, Change, CoveragePoint, RuleScore, Scores, calibration_error
from stance.rows import format_markdown
from stance.table import aligned
from stance.terminal import Paint, one_line

_WORDS = {
    "judge_macro_f1": "stance of given targets, macro-F1",
    "judge_accuracy": "the same, accuracy",
    "extract_precision": "targets found, precision",
    "extract_recall": "targets found, recall",
    "extract_f1": "targets found, F1",
    "end_to_end_f1": "target and stance, F1",
    "verdict_f1": "the same for verdicts alone, F1",
}


class Section(NamedTuple):
    """A heading, rows that all have the same columns, and a name for programs."""

    name: str
    heading: str
    rows: list[dict[str, object]]


def score_sections(scores: Scores) -> list[Section]:
    """The figures with intervals, the F1 of each stance, the confusion matrix, and sentences with several targets."""
    figures = [
        {"measure": words, "value": getattr(scores, name), "low": interval.low, "high": interval.high}
        for name, words in _WORDS.items()
        if (interval := scores.intervals[name])
    ]
    stances: list[dict[str, object]] = [
        {"stance": stance, "f1": value, **scores.judge_f1_intervals[stance]._asdict()}
        for stance, value in scores.judge_f1.items()
    ]
    confusion = [{"labelled": label, **counts} for label, counts in scores.confusion.items()]
    several: list[dict[str, object]] = [
        {"sentences": "all", "targets": scores.targets, "macro_f1": scores.judge_macro_f1},
        {"sentences": "with several targets", "targets": scores.several_targets, "macro_f1": scores.several_macro_f1},
        {
            "sentences": "whose targets differ in stance",
            "targets": scores.mixed_targets,
            "macro_f1": scores.mixed_macro_f1,
        },
    ]
    size = f"{scores.sentences:,} sentences, {scores.targets:,} targets; 95% bootstrap intervals"
    return [
        Section("figures", size, figures),
        Section("stances", "F1 of each stance, targets given", stances),
        Section("confusion", "labelled stance by given stance, targets given", confusion),
        Section("several", "by targets in the sentence, targets given", several),
    ]


def difference_sections(
    differences: Mapping[str, Difference], gains: Sequence[Change], losses: Sequence[Change]
) -> list[Section]:
    """How much a second model is better, and each target that only one of the two judges right."""
    rows: list[dict[str, object]] = [
        {"measure": _WORDS[name], "difference": d.value, "low": d.low, "high": d.high, "p": d.p}
        for name, d in differences.items()
    ]
    heading = "second model less first, 95% interval and p-value of the paired bootstrap"
    return [
        Section("differences", heading, rows),
        Section(
            "gains", f"{len(gains)} targets that only the second judges right", [change._asdict() for change in gains]
        ),
        Section("losses", f"{len(losses)} targets that only the first judges right", [c._asdict() for c in losses]),
    ]


def rule_section(scores: Sequence[RuleScore]) -> Section:
    """How often each rule voted, was right, and was overruled."""
    rows: list[dict[str, object]] = [
        {"rule": s.rule, "fired": s.fired, "correct": s.correct, "overruled": s.overruled, "precision": s.precision}
        for s in scores
    ]
    return Section("rules", "votes of each rule", rows)


def calibration_section(bins: Sequence[CalibrationBin]) -> Section:
    """Confidence against the share judged right."""
    heading = f"confidence and share judged right; expected calibration error {calibration_error(bins):.3f}"
    return Section("calibration", heading, [each._asdict() for each in bins])


def coverage_section(points: Sequence[CoveragePoint]) -> Section:
    """What `--min-confidence` leaves, and how often that is right."""
    heading = "what is left from a confidence on: its share of the given targets, and the share of it judged right"
    return Section("coverage", heading, [point._asdict() for point in points])


def format_sections(sections: Sequence[Section], chosen: str, paint: Paint) -> Iterator[str]:
    """The lines of all sections in a format: table, markdown or json."""
    if chosen == "json":
        yield json.dumps({section.name: section.rows for section in sections}, ensure_ascii=False, indent=1)
        return
    for number, section in enumerate(sections):
        if number:
            yield ""
        if chosen == "markdown":
            yield f"### {one_line(section.heading)}"
            yield ""
            rows = [{name: _rounded(value) for name, value in row.items()} for row in section.rows]
            yield from format_markdown(rows, list(section.rows[0])) if section.rows else ["none"]
        else:
            yield paint(one_line(section.heading), "heading")
            yield from aligned(section.rows, paint) if section.rows else ["none"]


def _rounded(value: Any) -> object:
    return f"{value:.3f}" if isinstance(value, float) else value
