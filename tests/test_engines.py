"""Spark and Ray themselves, in one process or two of this machine: `make test-engines` installs and runs them."""

import sys

import pytest

import stance
from stance.document import Analysis

TEXTS = ["We condemn the attack on Iraq.", "We welcome the truce.", "", None] * 10
FAULT = "TypeError: text must be a str, got NoneType; decode bytes first"


def expected():
    """Key, stances and error of each row, as one process gives them."""
    for key, text in enumerate(TEXTS):
        found = stance.analyze(text) if text is not None else None
        yield (
            key,
            [str(j.stance) for j in found] if isinstance(found, Analysis) else None,
            FAULT if found is None else None,
        )


def rows(scored):
    """The same of rows that an engine gives."""
    return sorted(
        (row["key"], None if row["judgements"] is None else [j["stance"] for j in row["judgements"]], row["error"])
        for row in scored
    )


@pytest.fixture
def spark(monkeypatch):
    """Spark with two workers on this machine."""
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)  # else its workers run whatever python3 is found first
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "127.0.0.1").config("spark.log.level", "ERROR").getOrCreate()
    yield session
    session.stop()


def test_spark_frame_is_scored_in_its_workers(spark):
    from stance.spark import score_frame

    frame = spark.createDataFrame(list(enumerate(TEXTS)), "key int, text string").repartition(3)
    scored = score_frame(frame)
    assert scored.columns == ["key", "text", "judgements", "error"]
    assert rows(row.asDict(recursive=True) for row in scored.collect()) == list(expected())
    condemned = scored.selectExpr("explode(judgements) as j").where("j.stance = 'condemn'")
    assert condemned.count() == sum((stances or []).count("condemn") for _, stances, _ in expected())


def test_ray_dataset_is_scored_in_its_workers():
    pytest.importorskip("ray.data")
    import ray

    from stance.arrow import score_batch

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        dataset = ray.data.from_items([{"key": key, "text": text} for key, text in enumerate(TEXTS)])
        scored = dataset.map_batches(score_batch, batch_format="pyarrow", batch_size=16)
        assert rows(scored.take_all()) == list(expected())
    finally:
        ray.shutdown()
