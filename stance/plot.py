"""Tallies and changes -> figures to print: heat map, timeline, diverging bars, slopes.

Needs matplotlib, which comes with `pip install 'joint-stance[plot]'`. Support is blue and condemnation orange, which
the colour-blind tell apart, and signs say the same in black and white. Every function draws on `ax` if it is given, and
else makes a figure, which then bears the source at its foot.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stance.aggregation import UNKNOWN, Matrix, Tally
from stance.canvas import (
    COLOURS,
    GREY,
    INK,
    check,
    close,
    diverging,
    figure_of,
    finish,
    ink_on,
    new_axes,
    percent,
    plain,
    save,
)
from stance.comparison import Change, ChangeKind
from stance.document import Stance
from stance.terminal import head, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["close", "draw_bars", "draw_matrix", "draw_slopes", "draw_timeline", "save"]
_LINE = 0.52  # steps of strength that a line of text takes in a chart of slopes
_LABEL = 34  # characters of a name beside an axis
_SOURCE = "Source: stances found by joint-stance"


def draw_matrix(matrix: Matrix, *, ax: Axes | None = None, title: str = "", source: str = _SOURCE) -> Axes:
    """A heat map of the net stance: blue cells support, orange ones condemn; in each the sign and the judgements.

    Parameters
    ----------
    matrix
        From `make_matrix`.
    ax
        Where to draw; a new figure if None.
    title, source
        What stands above, and at the foot of a new figure.
    """
    check(matrix.rows and matrix.columns, "matrix")
    ax = ax or new_axes(source, 2.6 + 0.52 * len(matrix.columns), 1.9 + 0.36 * len(matrix.rows))
    values = [[tally.net if tally else float("nan") for tally in row] for row in matrix.tallies]
    image: Any = ax.imshow(values, cmap=diverging(), vmin=-1, vmax=1, aspect="auto")
    for i, row in enumerate(matrix.tallies):
        for j, tally in enumerate(row):
            if tally:
                ax.text(
                    j, i, _cell(tally), ha="center", va="center", fontsize=7.5, color=ink_on(image.to_rgba(tally.net))
                )
    ax.set_xticks(range(len(matrix.columns)), [head(name, _LABEL) for name in matrix.columns])
    ax.tick_params(axis="x", rotation=45, length=0, labeltop=False)
    for label in ax.get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(matrix.rows)), [head(name, _LABEL) for name in matrix.rows])
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([n - 0.5 for n in range(1, len(matrix.columns))], minor=True)
    ax.set_yticks([n - 0.5 for n in range(1, len(matrix.rows))], minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="minor", length=0)
    ax.spines[:].set_visible(False)
    bar = figure_of(ax).colorbar(image, ax=ax, shrink=0.7, pad=0.02, ticks=[-1, 0, 1])
    bar.ax.set_yticklabels(["−1 all condemn", "0", "+1 all support"], fontsize=8)
    bar.set_label(
        "net stance (share of support less share of condemnation)\nin the cells: sign and number of judgements",
        fontsize=8,
    )
    bar.outline.set_visible(False)
    return finish(ax, title or "Who says what of whom")


def draw_timeline(tallies: Sequence[Tally], *, ax: Axes | None = None, title: str = "", source: str = _SOURCE) -> Axes:
    """The shares of support and condemnation over time, with 95% Wilson intervals.

    Parameters
    ----------
    tallies
        Those of one group by "month" or "year" (`aggregate(rows, "year")`); undated ones are left out.
    ax
        Where to draw; a new figure if None.
    title, source
        What stands above, and at the foot of a new figure.
    """
    dated = sorted((tally for tally in tallies if _time(tally) != UNKNOWN), key=_day)
    check(dated, "timeline")
    if len({_day(tally) for tally in dated}) < len(dated):
        raise ValueError("timeline: tallies must be of one group, got several for one time; choose one target")
    ax = ax or new_axes(source, 8, 4.2)
    width = _day(dated[-1]) - _day(dated[0])
    _draw_series(ax, dated, Stance.SUPPORT, "o", width / 200)
    _draw_series(ax, dated, Stance.CONDEMN, "s", -width / 200)
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(percent())
    ax.set_ylabel("share of the judgements\n(with 95% Wilson interval)")
    days: Any = [_day(tally) for tally in dated]
    ax.set_xticks(days, [f"{_time(tally)}\nn = {tally.total}" for tally in dated], fontsize=8)
    ax.margins(x=0.08)
    plain(ax, grid="y")
    return finish(ax, title or "Support and condemnation over time")


def draw_bars(
    tallies: Sequence[Tally], *, ax: Axes | None = None, title: str = "", source: str = _SOURCE, most: int = 20
) -> Axes:
    """Diverging bars: to the right how often each target is supported, to the left how often condemned.

    Parameters
    ----------
    tallies
        From `aggregate(rows, "target")`; the first `most` are drawn.
    ax
        Where to draw; a new figure if None.
    title, source
        What stands above, and at the foot of a new figure.
    most
        How many bars at most.
    """
    shown = [tally for tally in tallies if tally.support + tally.condemn][:most]
    check(shown, "bars")
    shown.sort(key=lambda tally: (tally.support - tally.condemn, tally.support))
    ax = ax or new_axes(source, 8, 1.6 + 0.3 * len(shown))
    places = range(len(shown))
    widest = max(max(tally.support, tally.condemn) for tally in shown)
    for stance, side in ((Stance.SUPPORT, 1), (Stance.CONDEMN, -1)):
        counts = [tally.support if side > 0 else tally.condemn for tally in shown]
        ax.barh(places, [side * count for count in counts], color=COLOURS[stance], height=0.72, label=str(stance))
        for place, count in zip(places, counts, strict=True):
            if count:
                ax.text(
                    side * (count + widest * 0.015),
                    place,
                    str(count),
                    va="center",
                    fontsize=8,
                    color=INK,
                    ha="left" if side > 0 else "right",
                )
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_yticks(places, [head(" · ".join(tally.facets.values()), _LABEL) for tally in shown])
    ax.set_xlim(-widest * 1.15, widest * 1.15)
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.set_xlabel("← condemned          judgements          supported →")
    plain(ax, grid="x")
    ax.tick_params(axis="y", length=0)
    return finish(ax, title or "Supported and condemned")


def draw_slopes(
    changes: Sequence[Change],
    *,
    ax: Axes | None = None,
    title: str = "",
    source: str = _SOURCE,
    names: tuple[str, str] = ("first text", "second text"),
    most: int = 14,
) -> Axes:
    """A slope for each change of stance: its strength in the first text at the left, in the second at the right.

    Parameters
    ----------
    changes
        From `compare`; the weightiest `most` that are more than a rewording are drawn.
    ax
        Where to draw; a new figure if None.
    title, source
        What stands above, and at the foot of a new figure.
    names
        What stands over the two sides.
    most
        How many slopes at most.
    """
    shown = [change for change in changes if change.kind is not ChangeKind.REWORDED][:most]
    check(shown, "slopes")
    ax = ax or new_axes(source, 8.6, 5.2)
    ends = [[_signed(change.before), _signed(change.after)] for change in shown]
    colours = [COLOURS[Stance(change.passages[-1].stance)] for change in shown]
    for (left, right), change, colour in zip(ends, shown, colours, strict=True):
        style = "--" if len(change.passages) == 1 else "-"
        ax.plot([0, 1], [left, right], color=colour, linestyle=style, marker="o", markersize=4, linewidth=1.5)
    for side in (0, 1):
        wanted = [n for n, change in enumerate(shown) if side == (change.after is not None)]
        labels = [f"{head(one_line(shown[n].target), 36)} ({shown[n].kind})" for n in wanted]
        _label_ends(ax, side, [ends[n][side] for n in wanted], labels, [colours[n] for n in wanted])
    ax.set_xlim(-0.05, 1.05)
    ax.set_ylim(-5.6, 5.6)
    ax.set_xticks([0, 1], [head(name, 40) for name in names], fontweight="bold")
    ax.xaxis.tick_top()
    ax.set_yticks([-5, 0, 5], ["condemned\nmost strongly", "not judged", "supported\nmost strongly"])
    ax.yaxis.set_tick_params(pad=170)
    ax.axhline(0, color=GREY, linewidth=0.6)
    ax.set_xlabel("dashed: new or dropped", fontsize=8)
    plain(ax, grid=None)
    ax.tick_params(length=0)
    ax.spines["bottom"].set_visible(False)
    return finish(ax, title or "What changed")


def _label_ends(ax: Axes, side: int, ends: Sequence[int], labels: Sequence[str], colours: Sequence[str]) -> None:
    """The names beside one end of the slopes, moved apart so that each can be read."""
    align = "left" if side else "right"
    for end, place, label, colour in zip(ends, _spread(ends, _LINE), labels, colours, strict=True):
        arrow = {"arrowstyle": "-", "color": colour, "linewidth": 0.4, "relpos": (1 - side, 0.5), "shrinkB": 3}
        beside = (1.06 if side else -0.06, place)
        ax.annotate(label, (side, end), beside, va="center", ha=align, fontsize=8, color=colour, arrowprops=arrow)


def _draw_series(ax: Axes, dated: Sequence[Tally], stance: Stance, mark: str, shift: datetime.timedelta) -> None:
    """The line of one stance with its intervals, moved a little so that the two do not hide each other."""
    days: Any = [datetime.datetime.combine(_day(tally), datetime.time()) + shift for tally in dated]
    shares = [tally.share(stance) for tally in dated]
    bounds = [tally.interval(stance) for tally in dated]
    below = [share - low for share, (low, _) in zip(shares, bounds, strict=True)]
    above = [high - share for share, (_, high) in zip(shares, bounds, strict=True)]
    style: dict[str, Any] = {
        "color": COLOURS[stance],
        "marker": mark,
        "markersize": 5,
        "linewidth": 1.6,
        "elinewidth": 1.1,
    }
    ax.errorbar(days, shares, yerr=[below, above], capsize=3, label=str(stance), **style)
    last = (days[-1], shares[-1])
    ax.annotate(stance, last, (9, 0), textcoords="offset points", va="center", color=COLOURS[stance], weight="bold")


def _cell(tally: Tally) -> str:
    sign = "+" if tally.net > 0 else "−" if tally.net < 0 else "±" if tally.support else "·"
    return f"{sign}{tally.total}"


def _time(tally: Tally) -> str:
    return tally.facets.get("month") or tally.facets.get("year") or UNKNOWN


def _day(tally: Tally) -> datetime.date:
    year, _, month = _time(tally).partition("-")
    return datetime.date(int(year), int(month or 7), 1)


def _signed(row: Any) -> int:
    """The strength of a passage, below zero where it condemns; 0 where there is no verdict."""
    if row is None or row.stance == Stance.NEUTRAL:
        return 0
    return int(row.strength) if row.stance == Stance.SUPPORT else -int(row.strength)


def _spread(values: Sequence[float], gap: float) -> list[float]:
    """The values moved apart until each is `gap` from the next, in their order and around where they were."""
    order = sorted(range(len(values)), key=lambda n: values[n])
    placed: list[float] = []
    for n in order:
        placed.append(max(values[n], placed[-1] + gap) if placed else values[n])
    shift = sum(place - values[n] for place, n in zip(placed, order, strict=True)) / max(len(placed), 1)
    moved = dict(zip(order, (place - shift for place in placed), strict=True))
    return [moved[n] for n in range(len(values))]
