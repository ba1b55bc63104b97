import sys

import pytest

import stance
from stance.rows import Row, rows_of

pytest.importorskip("pandas")
import pandas as pd

from stance.frame import frame_of, to_frame, write_frame

TEXT = "Joint Statement of Peru and Chad\n\nLima, 4 May 2031\n\nWe condemn the attack on Mali. Oman welcomed the truce."


@pytest.fixture(scope="module")
def rows():
    return list(rows_of("a.txt", stance.analyze(TEXT)))


def test_a_frame_has_a_row_for_each_judgement(rows):
    frame = to_frame({"a.txt": stance.analyze(TEXT)})
    assert list(frame.columns) == list(Row._fields)
    assert len(frame) == len(rows)
    assert set(frame["date"]) == {pd.Timestamp("2031-05-04")}
    assert set(frame["issuers"]) == {"PER; TCD"}
    assert frame[frame["target"] == "truce"]["holder_id"].tolist() == ["OMN"]
    assert [TEXT[start:end] for start, end in zip(frame["start"], frame["end"], strict=True)] == list(frame["target"])


def test_analyses_without_names_are_numbered():
    frame = to_frame([stance.analyze("We met."), stance.analyze("We condemn the attack.")])
    assert set(frame["file"]) == {"1"}


def test_stances_are_categories_so_that_counts_name_all(rows):
    frame = frame_of(rows[:0])
    assert frame.empty
    assert frame["stance"].value_counts().to_dict() == {"condemn": 0, "neutral": 0, "support": 0}
    assert list(frame["kind"].cat.categories) == ["actor", "issue", "object"]


def test_parquet_gives_back_the_frame(rows, tmp_path):
    pytest.importorskip("pyarrow")
    path = str(tmp_path / "out.parquet")
    write_frame(rows, path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame_of(rows), check_dtype=False)


def test_a_sheet_holds_text_as_text(rows, tmp_path):
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    path = str(tmp_path / "out.xlsx")
    write_frame([rows[0]._replace(target="=1+1", sentence="http://x.org"), *rows[1:]], path)
    sheet = openpyxl.load_workbook(path)["stances"]
    heading, first = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=2)]
    assert heading == list(Row._fields)
    assert (first[heading.index("target")], first[heading.index("sentence")]) == ("=1+1", "http://x.org")
    assert sheet.cell(2, heading.index("target") + 1).data_type == "s"
    assert sheet.cell(2, heading.index("date") + 1).is_date
    assert sheet.max_row == len(rows) + 1


def test_a_sheet_with_too_many_rows_is_refused(rows, tmp_path, monkeypatch):
    monkeypatch.setattr("stance.frame._MOST_ROWS", 1)
    with pytest.raises(ValueError, match=r"out.xlsx: a sheet holds 1 rows, got \d+; write .parquet or .csv"):
        write_frame(rows, str(tmp_path / "out.xlsx"))


@pytest.mark.parametrize("missing", ["pandas", "pyarrow"])
def test_without_the_extra_the_way_out_is_named(rows, missing, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(
        ModuleNotFoundError, match=rf"needs the package {missing}, .* pip install 'joint-stance\[table\]'"
    ):
        write_frame(rows, str(tmp_path / "out.parquet"))


def test_one_analysis_is_enough():
    analysis = stance.analyze("Peru condemned the attack.")
    assert stance.to_frame(analysis).equals(stance.to_frame([analysis]))


def test_failures_are_told_from_analyses():
    with pytest.raises(TypeError, match="analysis must be an Analysis, got Failure; leave failures out"):
        stance.to_frame([stance.Failure(0, "TypeError")])
