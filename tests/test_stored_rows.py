import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked import make_row

from stance.rows import WRITERS, Row
from stance.stored_rows import read_rows

ROWS = [
    make_row("condemn", "frost, hail", date="2021-05-01", holder="farmers"),
    make_row("neutral", 'the "rain"', date=None, holder="poets"),
]


def written(path, rows):
    lines = WRITERS[path.suffix[1:]]((row._asdict() for row in rows), Row._fields)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_what_was_written_is_read(name, tmp_path):
    assert read_rows(written(tmp_path / name, ROWS)) == ROWS


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@given(words=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=20))
def test_any_target_comes_back(words, ending, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / f"rows{ending}"
    assert [row.target for row in read_rows(written(path, [make_row(target=words)]))] == [words]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            {"stance": "hate"},
            r"1: row must have a stance \(.*\) and a confidence in 0..1, got 'hate' and .*; correct it",
        ),
        ({"confidence": 2}, r"1: row must have a stance .* got 'condemn' and 2.0; correct it"),
        ({"strength": "much"}, r"1: strength must be a number, got 'much'; correct it"),
        ({"start": None}, r"1: start must be a number, got 'None'; correct it"),
    ],
)
def test_bad_rows_are_told(cells, message, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[0]._asdict() | cells) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"rows.jsonl:{message}"):
        read_rows(path)


def test_what_is_no_row_is_told_line_by_line(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"file": "a"}\nnothing\n' + "[]\n" * 30, encoding="utf-8")
    with pytest.raises(ValueError, match=r"rows.jsonl:3: row must be JSON, got 'nothing'; mend it") as told:
        read_rows(path)
    lines = str(told.value).splitlines()
    assert [line.split(": ")[0].rpartition(":")[2] for line in lines[:2]] == ["2", "3"]
    assert lines[-1].endswith("rows.jsonl: and 12 more")


def test_other_bytes_are_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"file\n\xff\n")
    with pytest.raises(ValueError, match=r"rows.csv: table must be UTF-8, got byte 0xff at 5; save as UTF-8"):
        read_rows(path)


def test_date_that_is_none_is_told_with_its_line(tmp_path):
    path = written(tmp_path / "rows.csv", [make_row(date="20/05/2023")])
    with pytest.raises(ValueError, match=r"rows\.csv:2: date must be written YYYY-MM-DD, got '20/05/2023'"):
        read_rows(path)


def test_semicolons_may_part_the_cells(tmp_path):
    path = written(tmp_path / "rows.csv", [make_row()])
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert read_rows(path) == [make_row(sentence=make_row().sentence.replace(",", ";"))]
