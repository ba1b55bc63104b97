from functools import cache

import pytest

from stance.evaluation import CalibrationBin, CoveragePoint, measure, scores_of
from stance.learning_curve import CurvePoint
from stance.model import shipped_model
from stance.records import Record, parse_marked

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from stance import score_figures  # noqa: E402

LINES = ("We condemn the [-attack].", "We welcome the [+truce].", "They met in [=Oslo].", "We thank [-Oman].")
CURVE = [CurvePoint(10, 0.5, 0.4, 0.6), CurvePoint(20, 0.6, 0.55, 0.65)]


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@cache
def measured():
    return measure(shipped_model(), [Record(str(n), *parse_marked(line)) for n, line in enumerate(LINES)])


@cache
def scores():
    return scores_of(measured(), rounds=20)


@pytest.mark.parametrize("curve", [(), CURVE])
def test_a_page_holds_a_figure_of_each_kind(curve, tmp_path):
    panels = score_figures.draw_page(scores(), measured(), curve, title="my corpus")
    asked = {"curve"} if curve else set()
    assert set(panels) == {"confusion", "stances", "measures", "calibration", "coverage"} | asked
    assert all(ax.get_title(loc="left") for ax in panels.values())
    figure = panels["confusion"].get_figure()
    assert figure.get_suptitle() == "my corpus"
    assert figure.get_supxlabel().startswith("4 sentences, 4 targets")
    score_figures.write_page(tmp_path / "page.svg", panels)
    assert (tmp_path / "page.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert not pyplot.fignum_exists(figure.number)


def drawn(draw, *given):
    _, ax = pyplot.subplots()
    assert draw(*given, ax) is ax
    return ax, [text.get_text() for text in ax.texts]


def test_confusions_are_counted_and_shared_by_row():
    _, texts = drawn(score_figures.draw_confusion, scores())
    counts = [sum(int(text.split("\n")[0]) for text in texts[row : row + 3]) for row in (0, 3, 6)]
    assert counts == [2, 1, 1]  # condemn, neutral, support
    assert texts[0] in ("1\n50%", "2\n100%")


def test_bars_are_as_long_as_the_scores_they_name():
    ax, texts = drawn(score_figures.draw_stances, scores())
    assert [bar.get_width() for bar in ax.patches] == list(scores().judge_f1.values())
    assert texts == [f"{value:.3f}" for value in scores().judge_f1.values()]
    ax, _ = drawn(score_figures.draw_measures, scores())
    assert ax.patches[0].get_width() == scores().judge_macro_f1


def test_calibration_tells_its_error():
    bins = [CalibrationBin(0.5, 0.6, 10, 0.55, 0.45), CalibrationBin(0.9, 1.0, 30, 0.95, 0.95)]
    ax, texts = drawn(score_figures.draw_calibration, bins)
    assert list(ax.lines[1].get_xdata()) == [0.55, 0.95]
    assert texts == ["expected error 0.025"]


def test_coverage_names_each_confidence():
    points = [CoveragePoint(0.0, 10, 1.0, 0.4), CoveragePoint(0.9, 5, 0.5, 1.0)]
    ax, texts = drawn(score_figures.draw_coverage, points)
    assert texts == ["0", "0.9"]
    assert ax.get_ylim()[0] < 0.4


def test_the_curve_rises_with_the_sentences():
    ax, _ = drawn(score_figures.draw_curve, CURVE)
    assert list(ax.lines[0].get_xdata()) == [10, 20]


def test_an_ending_without_a_format_is_refused_before_any_work():
    score_figures.check_page("page.PDF")
    with pytest.raises(ValueError, match=r"^page.docx: figures must end in .png, .pdf or .svg, got '.docx'; give"):
        score_figures.check_page("page.docx")
