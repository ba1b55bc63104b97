"""Scores -> a page of figures: confusions, F1 of each stance, all measures, calibration, coverage, learning curve.

Needs matplotlib, which comes with `pip install 'joint-stance[plot]'`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.bootstrap import Interval
from stance.canvas import BLUE, COLOURS, GREY, INK, close, finish, ink_on, percent, plain, pyplot_of_matplotlib, save
from stance.document import Stance
from stance.evaluation import CalibrationBin, CoveragePoint, Scores, SentenceScore, calibration, calibration_error
from stance.evaluation import coverage as coverage_of
from stance.learning_curve import CurvePoint

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PAGE = (11.7, 8.3)  # inches; A4
_MEASURES = {
    "judge_macro_f1": "stance, macro-F1",
    "judge_accuracy": "stance, accuracy",
    "extract_f1": "targets found, F1",
    "end_to_end_f1": "target and stance, F1",
    "verdict_f1": "verdicts alone, F1",
}


def check_page(path: str | Path) -> None:
    """Tell before any work whether a page can be written there.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.
    ValueError
        Where the ending stands for no format.
    """
    pyplot_of_matplotlib()
    from matplotlib.backend_bases import FigureCanvasBase

    known, ending = FigureCanvasBase.get_supported_filetypes(), Path(path).suffix.lower()
    if ending[1:] not in known:
        raise ValueError(f"{path}: figures must end in .png, .pdf or .svg, got {ending!r}; give another name")


def draw_page(
    scores: Scores, measured: Sequence[SentenceScore], curve: Sequence[CurvePoint] = (), *, title: str = ""
) -> dict[str, Axes]:
    """A page with a figure of each kind, by its name; that of the learning curve only where there is one.

    Parameters
    ----------
    scores
        From `scores_of(measured)`.
    measured
        From `measure`: what the model made of each record.
    curve
        From `learning_curve`.
    title
        What stands above the page.
    """
    layout = [["confusion", "stances", "measures"], ["calibration", "coverage", "curve" if curve else "."]]
    figure, panels = pyplot_of_matplotlib().subplot_mosaic(layout, figsize=_PAGE, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", color=INK)
    sizes = f"{scores.sentences:,} sentences, {scores.targets:,} targets; bars: 95% bootstrap intervals"
    figure.supxlabel(sizes, x=0.01, ha="left", fontsize=8, color="#555b63")
    draw_confusion(scores, panels["confusion"])
    draw_stances(scores, panels["stances"])
    draw_measures(scores, panels["measures"])
    draw_calibration(calibration(measured), panels["calibration"])
    draw_coverage(coverage_of(measured), panels["coverage"])
    if curve:
        draw_curve(curve, panels["curve"])
    return dict(panels)


def write_page(path: str | Path, panels: dict[str, Axes]) -> None:
    """Write a page to a file, whose ending says how, and let it go."""
    save(panels["confusion"], path)
    close(panels["confusion"])


def draw_confusion(scores: Scores, ax: Axes) -> Axes:
    """How many targets of each labelled stance, by row, got which, by column; dark where that is most of the row."""
    labels = list(scores.confusion)
    counts = [[scores.confusion[row][column] for column in labels] for row in labels]
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    image: Any = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            told = f"{count:,}\n{shares[i][j]:.0%}"
            ax.text(j, i, told, ha="center", va="center", fontsize=9, color=ink_on(image.to_rgba(shares[i][j])))
    ax.set_xticks(range(len(labels)), labels)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_xlabel("given")
    ax.set_ylabel("labelled")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return finish(ax, "Labelled and given stance")


def draw_stances(scores: Scores, ax: Axes) -> Axes:
    """The F1 of each stance with its interval, targets given."""
    colours = [COLOURS[Stance(stance)] for stance in scores.judge_f1]
    _draw_intervals(ax, list(scores.judge_f1), list(scores.judge_f1.values()), scores.judge_f1_intervals, colours)
    return finish(ax, "F1 of each stance")


def draw_measures(scores: Scores, ax: Axes) -> Axes:
    """The measures of the whole with their intervals."""
    values = [getattr(scores, name) for name in _MEASURES]
    intervals = {words: scores.intervals[name] for name, words in _MEASURES.items()}
    _draw_intervals(ax, list(intervals), values, intervals, [BLUE] * len(values))
    return finish(ax, "All measures")


def draw_calibration(bins: Sequence[CalibrationBin], ax: Axes) -> Axes:
    """A reliability diagram: the share judged right at each confidence; areas of the dots tell how many targets."""
    most = max(each.targets for each in bins)
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
    places = [each.confidence for each in bins], [each.right for each in bins]
    ax.plot(*places, color=BLUE, linewidth=1.2)
    ax.scatter(*places, s=[12 + 120 * each.targets / most for each in bins], color=BLUE, clip_on=False)
    ax.set_xlabel("confidence")
    ax.set_ylabel("judged right")
    ax.set_xlim(0.3, 1.02)
    ax.set_ylim(0, 1.04)
    ax.xaxis.set_major_formatter(percent())
    ax.yaxis.set_major_formatter(percent())
    plain(ax, grid="y")
    ax.text(0.97, 0.04, f"expected error {calibration_error(bins):.3f}", transform=ax.transAxes, ha="right", fontsize=8)
    return finish(ax, "Calibration")


def draw_coverage(points: Sequence[CoveragePoint], ax: Axes) -> Axes:
    """What `--min-confidence` trades: the share judged right against the share of targets that are left."""
    ax.plot([p.coverage for p in points], [p.right for p in points], color=BLUE, marker="o", markersize=4)
    for point in points:
        beside = (point.coverage, point.right)
        ax.annotate(f"{point.min_confidence:g}", beside, (4, 4), textcoords="offset points", fontsize=8, color=INK)
    ax.set_xlabel("targets left")
    ax.set_ylabel("judged right")
    ax.set_xlim(0, 1.08)
    ax.set_ylim(min(0.5, *(point.right for point in points)) - 0.02, 1.03)
    ax.xaxis.set_major_formatter(percent())
    ax.yaxis.set_major_formatter(percent())
    plain(ax, grid="y")
    return finish(ax, "From a confidence on")


def draw_curve(points: Sequence[CurvePoint], ax: Axes) -> Axes:
    """The macro-F1 on held-out statements after learning from more and more sentences."""
    values = [point.macro_f1 for point in points]
    below = [point.macro_f1 - point.low for point in points]
    above = [point.high - point.macro_f1 for point in points]
    sizes = [point.sentences for point in points]
    ax.errorbar(sizes, values, yerr=[below, above], color=BLUE, marker="o", markersize=4, capsize=3)
    ax.set_xlabel("sentences learned from")
    ax.set_ylabel("macro-F1")
    ax.set_xlim(left=0)
    plain(ax, grid="y")
    return finish(ax, "Learning curve")


def _draw_intervals(
    ax: Axes, names: Sequence[str], values: Sequence[float], intervals: Any, colours: Sequence[str]
) -> None:
    """Horizontal bars from 0 to 1, each with its interval and value, the first at the top."""
    bounds: list[Interval] = [intervals[name] for name in names]
    below = [max(value - bound.low, 0.0) for value, bound in zip(values, bounds, strict=True)]
    above = [max(bound.high - value, 0.0) for value, bound in zip(values, bounds, strict=True)]
    style = {"ecolor": INK, "elinewidth": 1.1, "capsize": 3}
    ax.barh(range(len(names)), values, xerr=[below, above], color=colours, height=0.6, error_kw=style)
    for place, value in enumerate(values):
        ax.text(0.02, place, f"{value:.3f}", va="center", fontsize=9, color="white")
    ax.set_yticks(range(len(names)), names)
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    plain(ax, grid="x")
    ax.tick_params(axis="y", length=0)
