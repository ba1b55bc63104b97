"""Records -> Model: finder, networks, the scorer of stances, what each is worth, and a card that tells of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stance.document import STANCES
from stance.examples import Examples, examples
from stance.finder_training import FOLDS, Guess, train_finders
from stance.fitting import (
    Progress,
    Steps,
    check_steps,
    columns_of,
    cross_validated,
    fitted,
    fitted_blend,
    freeze,
    processes,
    scorer_and_probabilities,
)
from stance.hashing import Floats, Integers
from stance.lexicon import Lexicon, load_lexicon
from stance.model import Blend, Model, as_shipped
from stance.network import STANCE, TARGET
from stance.network_training import Asked, train_networks
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

    The classifier learns from the labelled targets, the networks from these and from what else the finder took into
    account. What each counts is fitted on statements that it did not see.

    Parameters
    ----------
    records
        Labelled sentences; sentences of one statement are kept in one fold.
    lexicon
        Word tables to read with, such as `Lexicon.read("my-tables")`; the model keeps them. The shipped ones if None.
    weights
        How much each record counts, one a record, times the weight that it has itself; 1 if None. The networks take
        the root of a record's own weight: they gain more by much text than the models of features.
    pipeline
        What to fit, such as `make_pipeline(C=1)`: its steps frequent and classifier, the last a linear one. If it reads
        with other word tables the model does too, unless `lexicon` is given.
    seed
        For the folds and for the intervals of the card.
    progress
        Called after each step with the share of the work that is done, 0..1, and with what has been done.

    Raises
    ------
    ValueError
        Where a stance has no target, fewer than three statements are given, a sentence stands in two statements, the
        pipeline has other steps or its classifier is not linear.
    """
    steps = Steps(progress)
    each_weight = checked_weights(records, weights)
    if pipeline is not None:
        check_steps(pipeline)
        lexicon = lexicon or getattr(pipeline.named_steps.get("features"), "lexicon", None)
    made = examples(records, lexicon, processes(len(records)))
    shares = Counter(made.y.tolist())
    check_stances(shares)
    check_statements(records)
    groups = shuffled([record.statement or record.id for record in records], seed)
    made = made.told_by_record(groups, each_weight)
    with threadpool_limits(1):  # the matrices are sparse: more threads only wait for each other
        if pipeline is not None:
            freeze(fitted(made, pipeline=pipeline))  # before all the rest, so that one that is no use is told
        finder, found = train_finders(made.table, made.spans, groups, each_weight, processes(len(made.y)))
        steps.done(9, "finder learned")
        asked = _asked(made, found)
        networks, told = train_networks(
            made.table, asked, [[*spans, *guess.pairs] for spans, guess in zip(made.spans, found, strict=True)],
            groups, each_weight / np.sqrt([record.weight for record in records]), processes(len(made.y)),
        )  # fmt: skip
        steps.done(10, "networks learned")
        scorer, chances = scorer_and_probabilities(made, pipeline, steps)
    held, by_networks = _told_of_targets(made, told)
    by_features = np.log(np.maximum(chances[held], 1e-12))
    worths = fitted_blend(by_features, by_networks, columns_of(made.y[held]))
    blend = Blend(worths, _worths_of_targets(made, found, told))
    logits = worths[0] * by_features + worths[1] * by_networks
    card = {
        "package": version_of("joint-stance"),
        "scikit-learn": version_of("scikit-learn"),
        "numpy": np.__version__,
        "lexicon": (lexicon or load_lexicon()).digest,
        "records": len(records),
        "targets": len(made.y),
        "statements": len(set(groups)),
        "data": digest_of(records),
        "parts": _parts(records, np.ones(len(records)) if weights is None else np.asarray(weights, dtype=np.float64)),
        "tables": dict(lexicon.tables) or None if lexicon else None,
        "shares": {stance: round(shares[stance] / len(made.y), 4) for stance in map(str, STANCES)},
        "folds": FOLDS,
        "seed": seed,
    }
    card |= cross_validated(made.y[held], [made.groups[n] for n in held], logits, seed)
    return as_shipped(Model(scorer, finder, networks, blend, card))


def _asked(made: Examples, found: Sequence[Guess]) -> list[Asked]:
    """What the networks learn from: the labelled targets, and what else the finder took into account."""
    stances = np.split(columns_of(made.y), np.cumsum([len(spans) for spans in made.spans])[:-1])
    return [
        Asked([*spans, *(pair for pair in guess.pairs if pair not in spans)], its.tolist())
        for spans, its, guess in zip(made.spans, stances, found, strict=True)
    ]


def _told_of_targets(made: Examples, told: Mapping[int, Floats]) -> tuple[Integers, Floats]:
    """The numbers of the examples in sentences of which something was told, and the logits of their stances."""
    sizes = [len(spans) for spans in made.spans]
    ends = np.cumsum(sizes)
    held = [np.arange(ends[number] - sizes[number], ends[number]) for number in told]
    logits = [its[: sizes[number], STANCE] for number, its in told.items()]
    return np.concatenate(held), np.concatenate(logits)


def _worths_of_targets(made: Examples, found: Sequence[Guess], told: Mapping[int, Floats]) -> tuple[float, float]:
    """How much finder and networks count where targets are told, given what each says of statements unknown to it."""
    by_finder = np.concatenate([found[number].logits for number in told])
    by_networks = np.concatenate([its[len(made.spans[number]) :, TARGET] for number, its in told.items()])
    right = [int(pair in made.spans[number]) for number in told for pair in found[number].pairs]
    first, second = (np.column_stack((np.zeros(len(right)), logits)) for logits in (by_finder, by_networks))
    return fitted_blend(first, second, np.array(right, dtype=np.int64))


def version_of(package: str) -> str:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"


def _parts(records: Sequence[Record], weights: Floats) -> dict[str, dict[str, Any]]:
    """The size and digest of the records of each weight that was given, beside what they have themselves."""
    parts: dict[str, list[Record]] = {}
    for record, weight in zip(records, weights.tolist(), strict=True):
        parts.setdefault(f"weight {weight:g}", []).append(record)
    return {name: {"records": len(its), "data": digest_of(its)} for name, its in list(parts.items())[:_MOST_PARTS]}
