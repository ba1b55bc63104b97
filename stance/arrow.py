"""Arrow batch -> Arrow batch: the same scoring within any engine that hands out record batches (extra `stance[arrow]`).

Each row in is one row out, in order. A row that cannot be analysed says why in its `error`; it never fails its batch.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from stance.batches import outcomes
from stance.document import Analysis, Judgement
from stance.model import Model, load

Batch = TypeVar("Batch", pa.RecordBatch, pa.Table)

JUDGEMENT = pa.struct(
    [
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("target", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("id", pa.string()),
        pa.field("stance", pa.string(), nullable=False),
        pa.field("condemn", pa.float64(), nullable=False),
        pa.field("neutral", pa.float64(), nullable=False),
        pa.field("support", pa.float64(), nullable=False),
        pa.field("holder", pa.string(), nullable=False),
        pa.field("holder_id", pa.string()),
        pa.field("evidence", pa.string(), nullable=False),
        pa.field("strength", pa.int32(), nullable=False),
    ]
)
COLUMNS = (pa.field("judgements", pa.list_(JUDGEMENT)), pa.field("error", pa.string()))


def score_batch(batch: Batch, text: str = "text", model: Model | str | Path | None = None) -> Batch:
    """The batch with two columns more: `judgements`, a list of structs a row, and `error`, null where all went well.

    Parameters
    ----------
    batch
        A record batch or a table; its columns are kept.
    text
        The column that holds the texts; offsets in the judgements count its characters.
    model
        A model, or the path of one, which each process reads once; the shipped one if None.

    Raises
    ------
    ValueError
        Where the text column is missing, or a column has the name of one of ours.

    Examples
    --------
    >>> scored = score_batch(pa.RecordBatch.from_pydict({"text": ["We condemn the attack.", None]}))
    >>> [[j["stance"] for j in row or []] for row in scored["judgements"].to_pylist()]
    [['condemn'], []]
    >>> scored["error"].to_pylist()
    [None, 'TypeError: text must be a str, got NoneType; decode bytes first']
    """
    names = batch.schema.names
    if text not in names:
        raise ValueError(f"batch: must have the column {text!r}, got {names!r}; name the column of the texts")
    if taken := [field.name for field in COLUMNS if field.name in names]:
        raise ValueError(f"batch: columns must not be named {taken[0]!r}, got {names!r}; rename that column")
    found = outcomes(
        batch.column(text).to_pylist(), model if model is None or isinstance(model, Model) else _read(model)
    )
    judgements = [[_row(judgement) for judgement in one] if isinstance(one, Analysis) else None for one in found]
    faults = [None if isinstance(one, Analysis) else f"{type(one).__name__}: {one}" for one in found]
    added: list[Any] = [
        pa.array(values, field.type) for values, field in zip((judgements, faults), COLUMNS, strict=True)
    ]
    return type(batch).from_arrays([*batch.columns, *added], schema=score_schema(batch.schema))


def score_schema(schema: pa.Schema) -> pa.Schema:
    """The schema of what `score_batch` makes of batches with this one."""
    return pa.schema([*schema, *COLUMNS], metadata=schema.metadata)


@cache
def _read(path: str | Path) -> Model:
    return load(path)


def _row(judgement: Judgement) -> dict[str, Any]:
    target, holder = judgement.target, judgement.holder
    return {
        "start": target.start,
        "end": target.end,
        "target": target.text,
        "kind": str(target.kind),
        "id": target.id,
        "stance": str(judgement.stance),
        **judgement.probabilities,
        "holder": holder.text,
        "holder_id": holder.id,
        "evidence": judgement.evidence,
        "strength": judgement.strength,
    }
