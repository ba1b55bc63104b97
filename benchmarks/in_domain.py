"""How much labels of one's own help: the stance score on held-out records after adding some to the shipped sentences.

    python benchmarks/in_domain.py FILE [--sizes 0 50 100 180] [--draws 10] [--weight 3]

In each draw the records of FILE are cut into two halves at random; so many of one half are added to the sentences that
ship with the package, and the judge is scored on the given targets of the other half. Only the first of its two fits is
made, on the features of each target alone: a whole training takes minutes, this takes seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.base import clone
from sklearn.metrics import f1_score
from threadpoolctl import threadpool_limits

import stance
from stance.training import Examples, examples, make_steps

_FITS = 5  # of the shipped sentences alone, in several orders: one and the same in all draws would shift every gain


class Curve:
    """The shipped sentences learned alone, and together with records of another file."""

    def __init__(self, path: Path, weight: float) -> None:
        self.weight = weight
        self.own = examples(stance.read_records(path))
        shipped = stance.load_records()
        self.shipped = examples(shipped)
        counts = [len(mentioned) for mentioned in self.shipped.mentioned]
        self.weights = np.repeat([record.weight for record in shipped], counts)
        self.owner = np.repeat(np.arange(len(self.own.mentioned)), [len(m) for m in self.own.mentioned])
        frequent, self.classifier = (step for _, step in make_steps().steps)
        self.columns = frequent.fit(self.shipped.X)
        self.matrix = self.columns.transform(self.shipped.X)
        orders = (np.random.default_rng(seed).permutation(len(self.weights)) for seed in range(_FITS))
        self.bases = [
            clone(self.classifier).fit(self.matrix[order], self.shipped.y[order], sample_weight=self.weights[order])
            for order in orders
        ]

    def score(self, added: Sequence[int], held: Sequence[int]) -> float:
        """The macro-F1 on the held-out records after learning from the added ones too."""
        learners, more = self.bases, np.isin(self.owner, added)
        if more.any():
            rows, stances, weights = self._together(self.own, more)
            learners = [clone(self.classifier).fit(rows, stances, sample_weight=weights)]
        asked = np.isin(self.owner, held)
        rows = self.columns.transform(self.own.X[asked])
        scores = [f1_score(self.own.y[asked], learner.predict(rows), average="macro") for learner in learners]
        return float(np.mean(scores))

    def _together(self, own: Examples, more: np.ndarray) -> tuple[csr_matrix, np.ndarray, np.ndarray]:
        rows = vstack([self.matrix, self.columns.transform(own.X[more])], format="csr")
        weights = np.concatenate([self.weights, np.full(int(more.sum()), self.weight)])
        return rows, np.concatenate([self.shipped.y, own.y[more]]), weights


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 50, 100, 180])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--weight", type=float, default=3.0, help="of an added record; most shipped ones have 1")
    options = parser.parse_args()
    scores: dict[int, list[float]] = {size: [] for size in options.sizes}
    with threadpool_limits(1):
        curve = Curve(options.path, options.weight)
        count = len(curve.own.mentioned)
        for draw in range(options.draws):
            order = np.random.default_rng(draw).permutation(count)
            half, held = order[: count // 2], order[count // 2 :]
            for size in options.sizes:
                scores[size].append(curve.score(half[:size], held))
            print(f"draw {draw}: " + ", ".join(f"{size}: {scores[size][-1]:.3f}" for size in options.sizes), flush=True)
    for size, values in scores.items():
        gains = np.array(values) - np.array(scores[options.sizes[0]])
        error = gains.std(ddof=1) / len(gains) ** 0.5 if len(gains) > 1 else float("nan")
        better = f"gain {gains.mean():+.3f} (standard error {error:.3f}), better in {(gains > 0).sum()} of {len(gains)}"
        print(f"{size:4} records added: macro-F1 {np.mean(values):.3f}" + (f", {better}" if size else ""))


if __name__ == "__main__":
    main()
