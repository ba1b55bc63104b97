import csv
import datetime
import json

import pytest

from stance.cli import main
from stance.corpus import Unread, read_corpus
from stance.manifest import Given

HEADER = ("id", "words", "date", "issuers", "title")


@pytest.fixture
def speeches(tmp_path):
    def write(*rows, name="speeches.csv", header=HEADER):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


def test_each_row_is_a_text_with_what_is_given_of_it(speeches):
    path = speeches(("un-1", "We condemn it.\n\nWe met.", "2031-05-04", "PER; Chad", "Talks"), ("un-2", "", "", "", ""))
    one, other = read_corpus(path, "words")
    assert (one.name, one.text) == ("un-1", "We condemn it.\n\nWe met.")
    assert one.given == Given("Talks", datetime.date(2031, 5, 4), ("PER", "Chad"))
    assert (other.name, other.text, other.given) == ("un-2", "", Given())


def test_json_lines_are_read_as_well(tmp_path):
    path = tmp_path / "speeches.jsonl"
    path.write_text(json.dumps({"file": "a.txt", "words": "We met.", "date": None, "seats": 4}) + "\n")
    (entry,) = read_corpus(path, "words")
    assert entry == ("a.txt", "We met.", Given())


def test_texts_without_a_name_of_their_own_go_by_their_line(speeches):
    path = speeches(("a", "One."), ("a", "Two."), ("", "Three."), header=("id", "words"))
    assert [entry.name for entry in read_corpus(path, "words")] == ["a", f"{path}:3", f"{path}:4"]


def test_long_texts_are_read_and_the_limit_of_others_stays(speeches):
    usual = csv.field_size_limit()
    text = "We met. " * 50_000
    (entry,) = read_corpus(speeches(("a", text), header=("id", "words")), "words")
    assert entry.text == text
    assert csv.field_size_limit() == usual


def test_bad_rows_are_told_and_the_others_read(tmp_path):
    path = tmp_path / "speeches.jsonl"
    path.write_text('{"words": "We met."}\n{"words": 5}\n{}\n[1]\n{"words": "No.", "date": "May"}\n{"words": "Yes."}\n')
    found = list(read_corpus(path, "words"))
    assert [entry.text for entry in found if not isinstance(entry, Unread)] == ["We met.", "Yes."]
    assert [str(entry.error) for entry in found if isinstance(entry, Unread)] == [
        f"{path}:2: words must be a text, got 5; mend the row",
        f"{path}:3: words must be a text, got only an empty row; mend the row",
        f"{path}:4: row must have columns, got '[1]'; mend it",
        f"{path}:5: date must be written YYYY-MM-DD, got 'May'; mend the row",
    ]


def test_missing_column_is_told_once(speeches):
    with pytest.raises(
        ValueError, match=r"speeches.csv:1: header must have the column 'text', got id, words, .*; name"
    ):
        list(read_corpus(speeches(("a", "One."), ("b", "Two.")), "text"))


def test_names_are_taken_once_in_all_tables(speeches, capsys):
    one = speeches(("a", "We condemn piracy."), header=("id", "words"))
    other = speeches(("a", "We welcome the truce."), header=("id", "words"), name="more.csv")
    assert main(["table", str(one), str(other), "--text-column", "words"]) == 0
    rows = csv.DictReader(capsys.readouterr().out.splitlines())
    assert [(row["file"], row["target"]) for row in rows] == [("a", "piracy"), (f"{other}:2", "truce")]


def test_row_that_is_no_csv_is_told(tmp_path):
    path = tmp_path / "speeches.csv"
    path.write_text('id,words\na,"We "met" there."\nb,We met.\n')
    bad, good = read_corpus(path, "words")
    assert str(bad.error).startswith(f"{path}:2: row must be CSV, got ")
    assert good == ("b", "We met.", Given())


def test_cells_beyond_the_header_and_facts_that_are_none_are_told(tmp_path, speeches):
    path = speeches(("We met, and left.",), header=("words",))
    path.write_text("words,date\nWe met, and left.,2031-05-04\n")
    (bad,) = read_corpus(path, "words")
    assert str(bad.error) == f"{path}:2: row must have 2 cells, got 3; quote it"
    path = tmp_path / "a.jsonl"
    rows = [
        {"words": "A", "id": 0, "issuers": ["PER", "TCD"]},
        {"words": "B", "id": ["x"]},
        {"words": "C", "id": "x\x1b\ny"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    one, two, three = read_corpus(path, "words")
    assert (one.name, one.given.issuers) == ("0", ("PER", "TCD"))
    assert str(two.error) == f"{path}:2: id must be a text, got \"['x']\"; mend the row"
    assert three.name == "x y"


@pytest.mark.parametrize("content", ["", "id,title\n", "\n\nid,title\n"])
def test_table_without_the_column_is_refused_even_where_it_is_empty(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(
        ValueError, match=r"a.csv:1: header must have the column 'words', got (nothing|id, title); name"
    ):
        list(read_corpus(path, "words"))


def test_tabs_part_the_cells_of_a_tsv_file(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("id\twords\na\tWe met, twice.\n")
    assert list(read_corpus(path, "words")) == [("a", "We met, twice.", Given())]


def test_a_manifest_gives_what_the_rows_of_a_table_do_not(speeches, tmp_path, capsys):
    path = speeches(("a", "We condemn piracy.", "", "", ""), ("b", "We condemn piracy.", "2031-05-04", "", ""))
    (tmp_path / "facts.csv").write_text(f"file,date,issuers\n{path.name},2030-01-01,PER\n")
    options = ["--text-column", "words", "--manifest", str(tmp_path / "facts.csv")]
    assert main(["table", str(path), *options]) == 0
    rows = csv.DictReader(capsys.readouterr().out.splitlines())
    assert [(row["date"], row["issuers"]) for row in rows] == [("2030-01-01", "PER"), ("2031-05-04", "PER")]


def test_standard_input_is_no_table(capsys):
    assert main(["score", "-", "--text-column", "words"]) == 1
    assert "-: table must be a file, got standard input; save it as .csv" in capsys.readouterr().err


def test_command_line_reads_a_corpus_beside_texts(speeches, tmp_path, capsys):
    path = speeches(("un-1", "We condemn piracy.", "2031-05-04", "", ""), ("un-2", "They met.", "May", "", ""))
    (tmp_path / "a.txt").write_text("We welcome the truce.")
    assert main(["table", str(path), str(tmp_path / "a.txt"), "--text-column", "words"]) == 1
    told = capsys.readouterr()
    rows = list(csv.DictReader(told.out.splitlines()))
    assert [(row["file"], row["date"], row["target"]) for row in rows] == [
        ("un-1", "2031-05-04", "piracy"),
        (str(tmp_path / "a.txt"), "", "truce"),
    ]
    assert told.err == f"stance: {path}:3: date must be written YYYY-MM-DD, got 'May'; mend the row\n"


def test_tables_are_counted_as_texts_where_their_column_is_named(speeches, capsys):
    path = speeches(("un-1", "We condemn piracy.", "2031-05-04", "", ""))
    assert main(["aggregate", str(path), "--text-column", "words", "--by", "target,year", "--format", "csv"]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (row["target"], row["year"], row["condemn"]) == ("piracy", "2031", "1")


def test_a_table_is_no_text(speeches, capsys):
    path = speeches(("un-1", "We condemn piracy.", "", "", ""))
    assert main(["score", str(path)]) == 1
    assert (
        f"{path}: file must be a text, got a table; name the column of its texts: --text-column"
        in capsys.readouterr().err
    )


def test_texts_in_another_language_are_noted(tmp_path, capsys):
    french = (
        "Les dirigeants ont fermement condamné les attaques et ont salué le sommet tenu à Lima par les deux pays amis."
    )
    (tmp_path / "fr.txt").write_text(french, encoding="utf-8")
    (tmp_path / "en.txt").write_text(
        "The leaders of the two countries condemned the attacks and met in the town of Lima."
    )
    assert main(["score", str(tmp_path)]) == 0
    (note,) = capsys.readouterr().err.splitlines()
    assert (
        note
        == f"stance: note: {tmp_path / 'fr.txt'}: text does not read like English; what is found in it means nothing"
    )


def test_files_that_are_passed_over_are_noted(tmp_path, capsys):
    for name in ("a.txt", "b.rtf", "c.rtf", "d.xlsx", "e.xlsx", ".hidden", "facts.csv"):
        (tmp_path / name).write_text("file\na.txt\n" if name == "facts.csv" else "We met.")
    assert main(["score", str(tmp_path), "--manifest", str(tmp_path / "facts.csv")]) == 0
    (note,) = capsys.readouterr().err.splitlines()
    assert note == f"stance: note: {tmp_path}: no texts by their endings, passed over: b.rtf, c.rtf, d.xlsx and 1 more"
