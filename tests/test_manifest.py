import datetime

import pytest

import stance
from stance.manifest import NOTHING, read_manifest


def written(folder, text):
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_manifest_gives_facts_by_file(tmp_path):
    path = written(tmp_path, "file,date,issuers,title\na.txt,2031-05-04,PER; Chad,Ours\ndeep/b.txt,,,\n")
    manifest = read_manifest(path)
    assert len(manifest) == 2
    assert manifest.of(tmp_path / "a.txt") == ("Ours", datetime.date(2031, 5, 4), ("PER", "Chad"))
    assert manifest.of(tmp_path / "deep" / ".." / "deep" / "b.txt") == NOTHING
    assert manifest.of("another.txt") == NOTHING


def test_what_a_manifest_gives_goes_to_analyze(tmp_path):
    path = written(tmp_path, "file,issuers\na.txt,PER; Chad\n")
    given = read_manifest(path).of(tmp_path / "a.txt")
    analysis = stance.analyze("We condemn the attack.", **given._asdict())
    assert [issuer.id for issuer in analysis.facts.issuers] == ["PER", "TCD"]
    assert [judgement.holder.id for judgement in analysis] == ["PER+TCD"]


def test_spreadsheets_may_write_a_mark_and_spaces(tmp_path):
    manifest = read_manifest(written(tmp_path, "\ufefftitle, file\r\nOurs, a.txt\r\n"))
    assert manifest.of(tmp_path / "a.txt").title == "Ours"


@pytest.mark.parametrize(("header", "got"), [("date,issuers", "date,issuers"), ("file,day", "file,day"), ("", "")])
def test_a_header_that_is_wrong_is_refused(tmp_path, header, got):
    with pytest.raises(ValueError, match=rf":1: header must have 'file' .* got '{got}'; rename the columns"):
        read_manifest(written(tmp_path, f"{header}\nx,y\n"))


def test_all_wrong_rows_are_named_at_once(tmp_path):
    path = written(tmp_path, "file,date\na.txt,4 May 2031\n,2031-05-04\nb.txt,\nb.txt,\n")
    with pytest.raises(ValueError, match="mend the row") as caught:
        read_manifest(path)
    assert str(caught.value).splitlines() == [
        f"{path}:2: date must be written YYYY-MM-DD, got '4 May 2031'; mend the row",
        f"{path}:3: file must be named, got ''; fill the cell in or drop the row",
        f"{path}:5: file must be named once, got 'b.txt' as in row 4; drop one",
    ]


def test_semicolons_may_part_the_cells(tmp_path):
    manifest = read_manifest(written(tmp_path, "file;date\na.txt;2031-05-04\n"))
    assert manifest.of(tmp_path / "a.txt").date == datetime.date(2031, 5, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"file\nl\xe9\n", r"manifest\.csv: manifest must be UTF-8, got byte 0xe9 at 6; save as UTF-8"),
        (b'file\nb.txt\n"a.txt\nc.txt\n', r"manifest\.csv:3: row must be CSV, got unexpected end of data; look for"),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_manifest(path)
