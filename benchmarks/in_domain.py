"""How much labels of one's own help: the stance score on other records after the shipped model was adapted to some.

    python benchmarks/in_domain.py FILE [--held FILE] [--sizes 50 100 180] [--draws 10]

In each draw the records of FILE are cut into two halves at random; `stance.adapt` moves the shipped model towards so
many of one half, and the stances of given targets are scored in the other half, before and after. With --held all
records of FILE may be drawn, and the score is that on the records of the other file.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import stance
from stance.evaluation import measure, scores_of
from stance.model import Model, shipped_model
from stance.records import Record


def score(model: Model, records: Sequence[Record]) -> float:
    """The macro-F1 on given targets."""
    return scores_of(measure(model, records)).judge_macro_f1


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--held", type=Path, help="score on these records")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 180])
    parser.add_argument("--draws", type=int, default=10)
    options = parser.parse_args()
    records = list(stance.read_records(options.path))
    apart = list(stance.read_records(options.held)) if options.held else None
    most = len(records) if apart else len(records) // 2
    if max(options.sizes) > most:
        parser.error(f"--sizes must be at most {most} for these records, got {max(options.sizes)}")
    before, after, seconds = [], {size: list[float]() for size in options.sizes}, 0.0
    for draw in range(options.draws):
        order = [records[n] for n in np.random.default_rng(draw).permutation(len(records))]
        pool, held = (order, apart) if apart else (order[: len(order) // 2], order[len(order) // 2 :])
        before.append(before[0] if apart and before else score(shipped_model(), held))
        for size in options.sizes:
            started = time.perf_counter()
            adapted = stance.adapt(pool[:size])
            seconds = max(seconds, time.perf_counter() - started)
            after[size].append(score(adapted, held))
        told = ", ".join(f"{size}: {after[size][-1]:.3f}" for size in options.sizes)
        print(f"draw {draw}: 0: {before[-1]:.3f}, {told}", flush=True)
    print(f"   0 records: macro-F1 {np.mean(before):.3f}")
    for size, scores in after.items():
        gains = np.array(scores) - np.array(before)
        error = gains.std(ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        better = f"better in {(gains > 0).sum()} of {len(gains)}"
        told = f"gain {gains.mean():+.4f} (standard error over draws, which overlap: {error:.4f}), {better}"
        print(f"{size:4} records: macro-F1 {np.mean(scores):.3f}, {told}")
    print(f"the longest adaptation took {seconds:.1f} s")


if __name__ == "__main__":
    main()
