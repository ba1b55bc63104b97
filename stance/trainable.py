"""Records -> whether a model can be learned from them, and how much each of them counts."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from stance.document import STANCES
from stance.hashing import Floats
from stance.records import Record, check_records

_FEWEST = 3  # statements; grouped cross-validation needs as many
_TELLING = 5  # words from which the same sentence in two statements is no chance


def checked_weights(records: Sequence[Record], weights: Sequence[float] | None) -> Floats:
    """The weight of each record, its own times the one given.

    Raises
    ------
    ValueError
        Where their number is another than that of the records, or one is not a positive number.
    """
    check_records(records)
    each = np.ones(len(records)) if weights is None else np.asarray(weights, dtype=np.float64)
    if each.shape != (len(records),):
        raise ValueError(f"weights must be one a record, {len(records)}, got the shape {each.shape}; give one each")
    own = np.array([record.weight for record in records], dtype=np.float64)
    both = each * own
    wrong = ~(np.isfinite(both) & (each > 0) & (own > 0))
    if wrong.any():
        raise ValueError(f"weights must be positive numbers, got {both[wrong][0]!r}; leave out what should not count")
    return both


def check_stances(shares: Counter[str]) -> None:
    """Raise a ValueError where a stance has no target."""
    missing = [str(stance) for stance in STANCES if not shares[stance]]
    if missing:
        raise ValueError(f"records must hold every stance, got none with {', '.join(missing)}; label some")


def check_statements(records: Sequence[Record]) -> None:
    """Raise a ValueError where there are too few statements, or one sentence stands in two."""
    statements = {record.statement or record.id for record in records}
    if not statements:
        raise ValueError("records must be labelled sentences, got none; `stance check FILE` tells what a file holds")
    if len(statements) < _FEWEST:
        raise ValueError(
            f"records must come from at least {_FEWEST} statements, got {len(statements)}; "
            "give each record its statement, or label some of others"
        )
    known: dict[str, Record] = {}
    for record in records:
        words = re.findall(r"\w+", record.text.casefold())
        first = known.setdefault(" ".join(words), record)
        there, here = (each.statement or each.id for each in (first, record))
        if len(words) >= _TELLING and there != here:
            raise ValueError(
                f"record {record.id}: a sentence must stand in one statement, got it in {there!r} and {here!r}; "
                "remove one, or cross-validation would be too kind"
            )


def shuffled(groups: Sequence[str], seed: int) -> list[str]:
    """The groups under other names, which decide in which fold each comes; seed 0 leaves them."""
    names = sorted(set(groups))
    order = np.random.default_rng(seed).permutation(len(names)) if seed else np.arange(len(names))
    number = {name: f"{place:08}" for name, place in zip(names, order.tolist(), strict=True)}
    return [number[group] for group in groups]


def digest_of(records: Sequence[Record]) -> str:
    """The digest of the labelled data, which changes with any label or weight."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(
            repr((record.text, [(t.start, t.end, str(t.stance)) for t in record.targets], record.weight)).encode(
                "utf-8", "surrogatepass"
            )
        )
    return digest.hexdigest()[:16]
