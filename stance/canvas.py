"""What all figures share: matplotlib where it is there, colours, a plain look, and how a figure becomes a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stance.document import Stance
from stance.outputs import replaced

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY, INK = "#2166ac", "#b35806", "#8a8f98", "#22262b"
COLOURS = {Stance.SUPPORT: BLUE, Stance.CONDEMN: ORANGE, Stance.NEUTRAL: GREY}


def pyplot_of_matplotlib() -> Any:
    """The module that makes figures.

    Raises
    ------
    ImportError
        Where matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            "plot: matplotlib must be installed, got none; run pip install 'joint-stance[plot]'"
        ) from error
    return pyplot


def new_axes(source: str, width: float, height: float) -> Axes:
    """The axes of a new figure of so many inches with the source at its foot."""
    ax: Axes
    figure, ax = pyplot_of_matplotlib().subplots(figsize=(width, height), layout="constrained")
    figure.supxlabel(source, x=0.01, ha="left", fontsize=7, color="#555b63")
    return ax


def finish(ax: Axes, title: str) -> Axes:
    """The axes with their title."""
    ax.set_title(title, loc="left", fontweight="bold", fontsize=12, color=INK, pad=12)
    return ax


def plain(ax: Axes, grid: Literal["x", "y"] | None) -> None:
    """Take away what frames the axes, and draw faint lines at the ticks of one of them."""
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color="#e3e6ea", linewidth=0.8)


def figure_of(ax: Axes) -> Any:
    """The figure that the axes stand in."""
    return ax.get_figure()


def diverging() -> Any:
    """The colours from all condemn to all support."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("stance", [ORANGE, "#f3dcc4", "#f7f7f7", "#cddff0", BLUE])


def percent() -> Any:
    """How ticks of shares are written."""
    from matplotlib.ticker import PercentFormatter

    return PercentFormatter(1.0, decimals=0)


def ink_on(colour: Sequence[float]) -> str:
    """White on dark colours, by their luminance (ITU-R BT.709)."""
    red, green, blue = colour[:3]
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else INK


def check(shown: object, figure: str) -> None:
    """Refuse to draw nothing.

    Raises
    ------
    ValueError
        Where nothing is shown.
    """
    if not shown:
        raise ValueError(f"{figure}: must have something to draw, got none; choose other documents or less confidence")


def save(ax: Axes, path: str | Path) -> None:
    """Write the figure of some axes; the ending of the file says how: .png, .pdf, .svg and others.

    Raises
    ------
    OSError
        Where the file cannot be written.
    ValueError
        Where the ending stands for no format.
    """
    drawn = io.BytesIO()  # a full disk, met amid drawing, would be told as an error of something else
    figure_of(ax).savefig(drawn, format=Path(path).suffix.removeprefix("."), dpi=200)
    with replaced(path) as (partial,):
        partial.write_bytes(drawn.getvalue())


def close(ax: Axes) -> None:
    """Let the figure of some axes go, which pyplot keeps until then."""
    pyplot_of_matplotlib().close(figure_of(ax))
