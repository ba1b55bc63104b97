"""Records -> how the score grows with the labels: whether more of them would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stance.evaluation import measure, scores_of
from stance.records import Record
from stance.training import train

_HELD_OUT = 5  # one statement in so many
_SHARES = (0.125, 0.25, 0.5, 1.0)


class CurvePoint(NamedTuple):
    """The size of a part of the data, and the score after learning from it with its 95% interval."""

    sentences: int
    macro_f1: float
    low: float
    high: float


def learning_curve(
    records: Sequence[Record], *, seed: int = 0, progress: Callable[[float, str], None] | None = None
) -> list[CurvePoint]:
    """The macro-F1 on a held-out fifth of the statements after learning from growing parts of the rest.

    Parts that lack a stance, or hold too few statements to learn from, are left out.

    Raises
    ------
    ValueError
        Where even all the rest is too little.
    """
    statements = sorted({record.statement or record.id for record in records})
    order = [statements[k] for k in np.random.default_rng(seed).permutation(len(statements))]
    held = set(order[: max(1, len(order) // _HELD_OUT)])
    test = [record for record in records if (record.statement or record.id) in held]
    rest = [name for name in order if name not in held]
    points = []
    for number, share in enumerate(_SHARES, 1):
        kept = set(rest[: max(1, round(share * len(rest)))])
        part = [record for record in records if (record.statement or record.id) in kept]
        try:
            model = train(part, seed=seed)
        except ValueError:
            if share == 1:
                raise
            continue
        scores = scores_of(measure(model, test), seed=seed)
        points.append(CurvePoint(len(part), scores.judge_macro_f1, *scores.intervals["judge_macro_f1"]))
        if progress is not None:
            progress(number / len(_SHARES), f"{len(part):,} sentences: macro-F1 {scores.judge_macro_f1:.3f}")
    return points
