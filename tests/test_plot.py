import builtins

import pytest
from marked import analysed, make_row

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

from stance import plot  # noqa: E402
from stance.aggregation import aggregate, make_matrix  # noqa: E402
from stance.comparison import compare  # noqa: E402

ROWS = [
    make_row("condemn", "frost", date="2021-05-01", holder="farmers"),
    make_row("support", "frost", date="2022-05-01", holder="skiers"),
    make_row("support", "sun", date="2022-05-01", holder="farmers"),
    make_row("neutral", "rain", date=None, holder="poets"),
]
CHANGES = compare(
    analysed("We regret the [-frost]. We thank [+Oman]."), analysed("We condemn the [-frost]. We welcome the [+sun].")
)
FIGURES = {
    "matrix": lambda **options: plot.draw_matrix(make_matrix(ROWS), **options),
    "timeline": lambda **options: plot.draw_timeline(aggregate(ROWS, "year"), **options),
    "bars": lambda **options: plot.draw_bars(aggregate(ROWS), **options),
    "slopes": lambda **options: plot.draw_slopes(CHANGES, **options),
}


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


@pytest.mark.parametrize("name", FIGURES)
def test_figures_bear_title_and_source(name, tmp_path):
    ax = FIGURES[name](title="Weather of May", source="Source: the almanac")
    plot.save(ax, tmp_path / "figure.svg")
    assert ax.get_title(loc="left") == "Weather of May"
    assert ax.get_figure().get_supxlabel() == "Source: the almanac"
    assert (tmp_path / "figure.svg").read_text(encoding="utf-8").count("<path") > 5


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_on_given_axes(name):
    figure, axes = pyplot.subplots(1, 2)
    assert FIGURES[name](ax=axes[1]) is axes[1]
    assert figure.get_supxlabel() == ""
    assert axes[0].get_title(loc="left") == ""


@pytest.mark.parametrize("name", FIGURES)
def test_figures_have_a_title_of_their_own(name):
    assert FIGURES[name]().get_title(loc="left")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_cells_of_the_matrix_tell_sign_and_number():
    ax = plot.draw_matrix(make_matrix([*ROWS, make_row("condemn", "frost", holder="farmers")]))
    assert {"−2", "+1"} <= set(texts(ax))
    assert [label.get_text() for label in ax.get_yticklabels()][:2] == ["farmers", "skiers"]


def test_the_timeline_leaves_undated_rows_out_and_tells_how_many():
    ax = plot.draw_timeline(aggregate(ROWS, "year"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2021\nn = 1", "2022\nn = 2"]
    assert {"support", "condemn"} <= set(texts(ax))


def test_the_timeline_of_months():
    ax = plot.draw_timeline(aggregate(ROWS, "month"))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2021-05\nn = 1", "2022-05\nn = 2"]


def test_bars_diverge():
    ax = plot.draw_bars(aggregate(ROWS))
    widths = sorted(bar.get_width() for bar in ax.patches)
    assert widths == [-1, 0, 1, 1]
    assert "condemned" in ax.get_xlabel()


def test_slopes_rise_and_fall_by_signed_strength_and_name_the_change():
    ax = plot.draw_slopes(CHANGES, names=("May", "June"))
    ends = {tuple(line.get_ydata()) for line in ax.lines if len(line.get_ydata()) == 2 and line.get_marker() == "o"}
    assert any(left < 0 and right < left for left, right in ends)
    assert {"frost (hardened)", "sun (new)", "Oman (dropped)"} <= set(texts(ax))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["May", "June"]


def test_labels_of_one_height_are_moved_apart():
    places = plot._spread([3, 3, 3, -5], 0.5)
    assert sorted(places)[1] - sorted(places)[0] >= 0.5
    assert min(b - a for a, b in zip(sorted(places), sorted(places)[1:], strict=False)) >= 0.5 - 1e-9


@pytest.mark.parametrize(
    ("draw", "figure"),
    [
        (lambda: plot.draw_matrix(make_matrix([])), "matrix"),
        (lambda: plot.draw_timeline(aggregate([make_row(date=None)], "year")), "timeline"),
        (lambda: plot.draw_bars(aggregate([make_row("neutral")])), "bars"),
        (lambda: plot.draw_slopes([]), "slopes"),
    ],
)
def test_nothing_to_draw_is_said(draw, figure):
    with pytest.raises(ValueError, match=f"^{figure}: must have something to draw, got none; choose other documents"):
        draw()


def test_a_timeline_of_several_groups_is_refused():
    with pytest.raises(ValueError, match="^timeline: tallies must be of one group, got several for one time; choose"):
        plot.draw_timeline(aggregate(ROWS, ("target", "year")))


def test_without_matplotlib_the_way_out_is_told(monkeypatch):
    real = builtins.__import__

    def refuse(name, *rest, **others):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **others)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(
        ImportError, match=r"^plot: matplotlib must be installed, got none; run pip install 'joint-stan"
    ):
        plot.draw_bars(aggregate(ROWS))
