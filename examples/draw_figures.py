"""Count the stances of some statements and draw two figures side by side.

Run it with `python examples/draw_figures.py [OUT.png]`; it needs matplotlib (`pip install 'joint-stance[plot]'`).
"""

import sys
from pathlib import Path

from matplotlib import pyplot

import stance
from stance import plot

paths = sorted(Path(__file__).with_name("series").glob("*.txt"))
rows = [row for path in paths for row in stance.rows_of(path.name, stance.analyze(path.read_text(encoding="utf-8")))]
for tally in stance.aggregate(rows)[:5]:
    low, high = tally.interval("support")
    print(f"{tally.facets['target']}: {tally.total} judgements, support {low:.0%} to {high:.0%}")

figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
plot.draw_bars(stance.aggregate(rows), ax=left, most=10, title="Lakes Forum, 2021 to 2023")
plot.draw_timeline(stance.aggregate(rows, "year"), ax=right, title="All targets by year")
plot.save(left, Path(sys.argv[1]) if len(sys.argv) > 1 else "figures.png")
