"""Spark frame -> Spark frame: `score_batch` on every batch of every partition (extra `stance[spark]`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from stance.arrow import COLUMNS, JUDGEMENT, score_batch

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType


def score_frame(frame: DataFrame, text: str = "text", model: str | None = None) -> DataFrame:
    """The frame with the columns `judgements` and `error` of `stance.arrow.score_batch`.

    Parameters
    ----------
    frame
        One row a text; its columns are kept.
    text
        The column that holds the texts.
    model
        The path of a model that every worker can read; each reads it once. The shipped one if None.
    """

    def scored(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return (score_batch(batch, text, model) for batch in batches)

    return frame.mapInArrow(scored, _schema(frame))


def _schema(frame: DataFrame) -> StructType:
    from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType, StructField, StructType

    kinds = {pa.int32(): IntegerType(), pa.float64(): DoubleType(), pa.string(): StringType()}
    judgement = StructType([StructField(field.name, kinds[field.type]) for field in JUDGEMENT])
    judgements, error = (field.name for field in COLUMNS)
    return StructType(
        [*frame.schema.fields, StructField(judgements, ArrayType(judgement)), StructField(error, StringType())]
    )
