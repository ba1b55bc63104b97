import csv
import json

import pytest

from stance.cli import main

TEXT = "Joint Statement of Peru and Chad\n\nWe condemn the attack on Mali."
OWN = (
    "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\n"
    "elms\talliance\tThe Elms|Elm Group\t\t\t\tWe support [+The Elms].\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "texts" / "b.txt").write_text("The Elm Group condemned the attack.", encoding="utf-8")
    (tmp_path / "actors.tsv").write_text(OWN, encoding="utf-8")
    (tmp_path / "facts.csv").write_text("file,date,issuers\ntexts/b.txt,2031-05-04,elms\n", encoding="utf-8")
    return tmp_path


def run(*arguments):
    return main(list(map(str, arguments)))


def table_of(folder, *arguments):
    out = folder / "out.csv"
    assert run("table", folder / "texts", "-o", out, *arguments) == 0
    with out.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_table_has_a_row_for_each_judgement_of_each_text(folder):
    rows = table_of(folder)
    assert [row["file"].rsplit("/", 1)[-1] for row in rows if row["target"].startswith("attack")] == ["a.txt", "b.txt"]
    assert {row["holder_id"] for row in rows if row["file"].endswith("a.txt")} == {"PER+TCD"}
    for row in (row for row in rows if row["file"].endswith("a.txt")):
        assert TEXT[int(row["start"]) : int(row["end"])] == row["target"]


def test_a_manifest_and_tables_of_ones_own_are_used(folder):
    rows = table_of(folder, "--manifest", folder / "facts.csv", "--lexicon", folder)
    (row,) = (row for row in rows if row["file"].endswith("b.txt") and row["target"] == "attack")
    assert (row["date"], row["issuers"], row["holder_id"]) == ("2031-05-04", "elms", "elms")


def test_without_output_the_table_is_csv_on_standard_output(folder, capsys):
    assert run("table", folder / "texts" / "a.txt") == 0
    assert capsys.readouterr().out.startswith('"file","date","issuers"')


@pytest.mark.parametrize("ending", [".jsonl", ".parquet", ".xlsx"])
def test_the_ending_decides_the_format(folder, ending):
    out = folder / f"out{ending}"
    assert run("table", folder / "texts" / "a.txt", "-o", out) == 0
    if ending == ".jsonl":
        assert "PER+TCD" in {json.loads(line)["holder_id"] for line in out.read_text(encoding="utf-8").splitlines()}
    else:
        pandas = pytest.importorskip("pandas")
        frame = pandas.read_parquet(out) if ending == ".parquet" else pandas.read_excel(out)
        assert set(frame["holder_id"]) == {"PER+TCD"}


def test_an_unknown_ending_is_refused(folder, capsys):
    with pytest.raises(SystemExit):
        run("table", folder / "texts", "-o", folder / "out.doc")
    assert "output must end in .csv, .jsonl, .json, .md, .parquet, .xlsx; give another name" in capsys.readouterr().err


def test_a_broken_manifest_is_named(folder, capsys):
    (folder / "facts.csv").write_text("file,day\n", encoding="utf-8")
    assert run("table", folder / "texts", "--manifest", folder / "facts.csv") == 1
    assert "header must have 'file'" in capsys.readouterr().err


def test_a_row_of_a_manifest_that_no_text_has_is_told(folder, capsys):
    (folder / "facts.csv").write_text("file,title\ntexts/a.txt,Ours\na.txt,Theirs\n", encoding="utf-8")
    assert run("table", folder / "texts", "--manifest", folder / "facts.csv") == 0
    err = capsys.readouterr().err
    assert err.count("note:") == 1
    assert f"{folder / 'a.txt'} is none of the texts; name it as it stands beside the manifest" in err


def test_a_file_beside_its_folder_is_read_once(folder, capsys):
    text = folder / "texts" / "a.txt"
    assert run("table", folder / "texts") == 0
    once = capsys.readouterr().out
    assert run("table", folder / "texts", text, text) == 0
    assert capsys.readouterr().out == once


def test_actors_are_searched_in_ours_and_in_rows_of_ones_own(folder, capsys):
    assert run("actors", "elm", "group", "--lexicon", folder) == run("actors", "kremlin", "--format", "csv") == 0
    shown = capsys.readouterr().out
    assert "The Elms" in shown
    assert '"RUS","state","Russia"' in shown


def test_actors_of_one_kind_are_listed(capsys):
    assert run("actors", "--kind", "alliance") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 40
    assert {line.split()[1] for line in lines[1:]} == {"alliance"}


def test_an_unknown_actor_shows_the_way_to_add_it(capsys):
    assert run("actors", "zzzz") == 1
    assert "no actor goes by 'zzzz'; add it to a table of yours and name its folder with --lexicon" in (
        capsys.readouterr().err
    )
