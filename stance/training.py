"""Records -> Model: the finder, then the stances alone and among their neighbours, and a card that tells of it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stance.document import STANCES
from stance.examples import examples, with_found, with_neighbours
from stance.finder_training import train_finders
from stance.fitting import (
    FOLDS,
    Progress,
    Steps,
    cross_validated,
    fitted,
    fitted_temperature,
    freeze,
    processes,
    scorer_and_probabilities,
)
from stance.hashing import Floats
from stance.lexicon import Lexicon, load_lexicon
from stance.model import Model, as_shipped
from stance.records import Record
from stance.trainable import check_stances, check_statements, checked_weights, digest_of, shuffled

_MOST_PARTS = 20  # of the data that the card tells of


def train(
    records: Sequence[Record],
    *,
    lexicon: Lexicon | None = None,
    weights: Sequence[float] | None = None,
    pipeline: Pipeline | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Model:
    """A model trained on labelled records.

    The classifier is fitted twice: on the features of each target alone, then with the probabilities of its
    neighbours, which for this come from models that did not see the sentence. It learns from the labelled targets
    and, with less weight, from those that a finder would have found. The temperature is fitted on held-out folds.

    Parameters
    ----------
    records
        Labelled sentences; sentences of one statement are kept in one fold.
    lexicon
        Word tables to read with, such as `Lexicon.read("my-tables")`; the model keeps them. The shipped ones if None.
    weights
        How much each record counts, one a record, times the weight that it has itself; 1 if None.
    pipeline
        What to fit, such as `make_pipeline(C=1)`; its last step must be a linear classifier.
    seed
        For the folds and for the intervals of the card.
    progress
        Called after each step with the share of the work that is done, 0..1, and with what has been done.

    Raises
    ------
    ValueError
        Where a stance has no target, fewer than three statements are given, a sentence stands in two statements, or
        the classifier is not linear.
    """
    steps = Steps(progress)
    each_weight = checked_weights(records, weights)
    made = examples(records, lexicon)
    shares = Counter(made.y.tolist())
    check_stances(shares)
    check_statements(records)
    groups = shuffled([record.statement or record.id for record in records], seed)
    made = made.told_by_record(groups, each_weight)
    with threadpool_limits(1):  # the matrices are sparse: more threads only wait for each other
        if pipeline is not None:
            freeze(fitted(made, pipeline=pipeline))  # before all the rest, so that one that is no use is told
        finder, found = train_finders(made.readings, made.spans, groups, each_weight, processes(made))
        steps.done(9, "finder learned")
        widened = with_found(made, found, groups, each_weight)
        alone, first = scorer_and_probabilities(widened, pipeline, steps)
        together = with_neighbours(widened, first)
        steps.done(2, "stances learned once")
        joint, chances = scorer_and_probabilities(together, pipeline, steps, len(made.y))
    logits = np.log(np.maximum(chances[: len(made.y)], 1e-12))
    temperature = fitted_temperature(logits, made.y)
    card = {
        "package": version_of("joint-stance"),
        "scikit-learn": version_of("scikit-learn"),
        "numpy": np.__version__,
        "lexicon": (lexicon or load_lexicon()).digest,
        "records": len(records),
        "targets": len(made.y),
        "statements": len(set(groups)),
        "data": digest_of(records),
        "parts": _parts(records, each_weight),
        "tables": dict(lexicon.tables) or None if lexicon else None,
        "shares": {stance: round(shares[stance] / len(made.y), 4) for stance in map(str, STANCES)},
        "folds": FOLDS,
        "seed": seed,
    }
    card |= cross_validated(made, logits, seed)
    return as_shipped(Model(alone, joint, temperature, finder, card))


def version_of(package: str) -> str:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _parts(records: Sequence[Record], weights: Floats) -> dict[str, dict[str, Any]]:
    """The size and digest of the records of each weight."""
    parts: dict[str, list[Record]] = {}
    for record, weight in zip(records, weights.tolist(), strict=True):
        parts.setdefault(f"weight {weight:g}", []).append(record)
    return {name: {"records": len(its), "data": digest_of(its)} for name, its in list(parts.items())[:_MOST_PARTS]}
