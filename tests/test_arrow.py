import pytest

import stance

pa = pytest.importorskip("pyarrow")

from stance import arrow  # noqa: E402
from stance.arrow import score_batch, score_schema  # noqa: E402

TEXTS = ["We condemn the attack on Iraq.", None, "", "We welcome the truce.\n\nThe sides met."]
BATCH = pa.RecordBatch.from_pydict({"key": [4, 3, 2, 1], "text": TEXTS})


@pytest.mark.parametrize("batch", [BATCH, pa.Table.from_batches([BATCH.slice(0, 2), BATCH.slice(2)])])
def test_each_row_gives_one_row_with_its_own_columns_and_the_judgements_of_its_text(batch):
    scored = score_batch(batch)
    assert type(scored) is type(batch)
    assert scored.schema == score_schema(batch.schema)
    assert scored["key"].to_pylist() == [4, 3, 2, 1]
    for text, row in zip(TEXTS, scored["judgements"].to_pylist(), strict=True):
        expected = [(j.target.start, j.target.text, str(j.stance)) for j in stance.analyze(text)] if text else []
        assert [(j["start"], j["target"], j["stance"]) for j in row or []] == expected


def test_row_holds_all_that_a_judgement_tells():
    text = TEXTS[0]
    row = score_batch(BATCH)["judgements"].to_pylist()[0][1]
    judgement = stance.analyze(text).judgements[1]
    assert {name: row[name] for name in ("condemn", "neutral", "support")} == dict(judgement.probabilities)
    assert (row["target"], row["kind"], row["id"]) == ("Iraq", "actor", "IRQ")
    assert text[row["start"] : row["end"]] == row["target"]
    assert (row["holder"], row["holder_id"]) == (judgement.holder.text, judgement.holder.id)
    assert (row["evidence"], row["strength"]) == (judgement.evidence, judgement.strength)


def test_bad_row_says_why_and_the_others_are_scored():
    scored = score_batch(BATCH)
    assert scored["error"].to_pylist() == [
        None, "TypeError: text must be a str, got NoneType; decode bytes first", None, None,
    ]  # fmt: skip
    assert [row is None for row in scored["judgements"].to_pylist()] == [False, True, False, False]


def test_empty_batch_keeps_the_schema():
    assert score_batch(BATCH.slice(0, 0)).schema == score_schema(BATCH.schema)


def test_text_column_may_have_another_name_and_be_of_another_string_type():
    batch = pa.RecordBatch.from_pydict(
        {"body": pa.array(["We condemn it."] * 2, pa.large_string()).dictionary_encode()}
    )
    assert score_batch(batch, text="body")["error"].null_count == 2


def test_model_is_read_once_from_its_path(tmp_path, monkeypatch):
    model = stance.load(stance.__path__[0] + "/model")
    loaded = []
    monkeypatch.setattr(arrow, "load", lambda path: loaded.append(path) or model)
    for _ in range(2):
        assert score_batch(BATCH, model=str(tmp_path)) == score_batch(BATCH, model=model) == score_batch(BATCH)
    assert loaded == [str(tmp_path)]


def test_missing_text_column_is_refused():
    message = r"batch: must have the column 'body', got \['key', 'text'\]; name the column of the texts"
    with pytest.raises(ValueError, match=message):
        score_batch(BATCH, text="body")


@pytest.mark.parametrize("name", ["judgements", "error"])
def test_column_with_a_name_of_ours_is_refused(name):
    batch = pa.RecordBatch.from_pydict({"text": ["a"], name: [1]})
    message = rf"batch: columns must not be named '{name}', got \['text', '{name}'\]; rename that column"
    with pytest.raises(ValueError, match=message):
        score_batch(batch)


def test_schema_is_the_documented_one():
    judgements, error = score_schema(pa.schema([]))
    assert (judgements.name, str(judgements.type)) == (
        "judgements",
        "list<item: struct<start: int32 not null, end: int32 not null, target: string not null, kind: string not null, "
        "id: string, stance: string not null, condemn: double not null, neutral: double not null, "
        "support: double not null, holder: string not null, holder_id: string, evidence: string not null, "
        "strength: int32 not null>>",
    )
    assert (error.name, error.type) == ("error", pa.string())
