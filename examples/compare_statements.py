"""Compare two statements of a series, then follow each target through all of them.

Run it with `python examples/compare_statements.py [FILE FILE ...]`.
"""

import sys
from pathlib import Path

import stance

paths = list(map(Path, sys.argv[1:])) or sorted(Path(__file__).with_name("series").glob("*.txt"))
analyses = {path.stem: stance.analyze(path.read_text(encoding="utf-8")) for path in paths}
first, second, *_ = analyses.values()
for change in stance.compare(first, second):
    quotes = " -> ".join(f"{row.evidence} ({row.stance} {row.strength})" for row in change.passages)
    print(f"{change.kind:9} {change.target}: {quotes}")

for path in stance.trajectories(analyses)[:5]:
    print(path.target, "|", " -> ".join(f"{point.stance} {point.strength}" if point else "-" for point in path.points))
