import csv
import io
import json

import pytest
from test_cli import on_terminal, run

from stance.console import EXPECTED

BEFORE = "On 3 May 2021 the ministers met.\n\nWe regret the attack on Kharkiv. We welcome the ceasefire.\n"
AFTER = "On 3 May 2022 the ministers met.\n\nWe strongly condemn the attack on Kharkiv. We commend Poland.\n"
LATER = "On 3 May 2023 the ministers met.\n\nWe firmly reject the ceasefire. We condemn Iran.\n"


@pytest.fixture
def folder(tmp_path):
    texts = tmp_path / "texts"
    texts.mkdir()
    for name, text in (("2021-05-03-a.txt", BEFORE), ("2022-05-03-b.txt", AFTER), ("2023-05-03-c.txt", LATER)):
        (texts / name).write_text(text, encoding="utf-8")
    return texts


def rows(out):
    return list(csv.DictReader(io.StringIO(out)))


def test_aggregate_counts_over_all_texts(capsys, folder):
    status, out, err = run(capsys, "aggregate", folder, "--format", "csv")
    attack = next(row for row in rows(out) if row["target"] == "attack on Kharkiv")
    assert (status, err) == (0, "")
    assert (attack["condemn"], attack["documents"], attack["few"]) == ("2", "2", "True")
    assert float(attack["condemn_low"]) < float(attack["condemn_share"]) <= float(attack["condemn_high"])


def test_aggregate_prints_a_table_that_marks_few(capsys, folder):
    _, out, _ = run(capsys, "aggregate", folder, "--by", "year", "--min-support", 99)
    heading, *lines = out.splitlines()
    assert heading.split()[:3] == ["year", "support", "condemn"]
    assert [line.split()[0] for line in lines] == ["2021", "2022", "2023"]
    assert all(line.endswith("few") for line in lines)


@pytest.mark.parametrize("name", ["stances.csv", "stances.jsonl"])
def test_a_table_is_counted_as_its_texts_are(capsys, folder, tmp_path, name):
    assert run(capsys, "table", folder, "-o", tmp_path / name)[0] == 0
    arguments = ("--by", "target,year", "--min-confidence", 0.4, "--format", "csv")
    status, out, err = run(capsys, "aggregate", tmp_path / name, *arguments)
    assert (status, err) == (0, "")
    assert out == run(capsys, "aggregate", folder, *arguments)[1]


def test_a_table_stands_beside_texts(capsys, folder, tmp_path):
    run(capsys, "score", folder / "2021-05-03-a.txt", "-o", tmp_path / "first.csv")
    _, out, _ = run(
        capsys, "aggregate", tmp_path / "first.csv", folder / "2022-05-03-b.txt", "--by", "year", "--format", "csv"
    )
    assert [row["year"] for row in rows(out)] == ["2021", "2022"]


def test_a_file_that_is_no_table_of_judgements_is_told(capsys, tmp_path):
    (tmp_path / "other.csv").write_text("name,age\nAnna,7\n", encoding="utf-8")
    status, out, err = run(capsys, "aggregate", tmp_path / "other.csv")
    assert (status, out) == (1, "")
    assert "other.csv:2: row must have the columns of `stance table`, got \"['name', 'age']\" without file, date" in err


def test_figures_are_drawn_from_tables_but_slopes_are_not(capsys, folder, tmp_path):
    pytest.importorskip("matplotlib")
    run(capsys, "table", folder, "-o", tmp_path / "stances.csv")
    status, _, err = run(capsys, "plot", "bars", tmp_path / "stances.csv", "-o", tmp_path / "bars.svg")
    assert (status, err) == (0, "")
    assert (tmp_path / "bars.svg").read_text(encoding="utf-8").startswith("<?xml")
    status, _, err = run(capsys, "plot", "slopes", tmp_path / "stances.csv", "-o", tmp_path / "slopes.svg")
    assert status == 1
    assert "slopes: must have two texts, got a table in" in err


def test_aggregate_of_an_unknown_facet_says_which_there_are(capsys, folder):
    status, _, err = run(capsys, "aggregate", folder, "--by", "colour")
    assert status == 1
    assert "by must name different ones of target, holder, issuer, document, month, year" in err


def test_dates_come_from_the_names_of_files_where_texts_have_none(capsys, tmp_path):
    for name in ("2019-01-02-a.txt", "2020-13-45-b.txt", "c.txt"):
        (tmp_path / name).write_text("We condemn the attack.", encoding="utf-8")
    _, out, _ = run(capsys, "aggregate", tmp_path, "--by", "year", "--format", "csv")
    assert [row["year"] for row in rows(out)] == ["2019", "unknown"]


def test_compare_shows_both_quotes(capsys, folder):
    status, out, err = run(capsys, "compare", folder / "2021-05-03-a.txt", folder / "2022-05-03-b.txt")
    assert (status, err) == (0, "")
    block = out[out.index("hardened: attack on Kharkiv") :].splitlines()
    assert block[1].strip().startswith("A condemn")
    assert "*regret* the [attack on Kharkiv]" in block[2]
    assert "condemn* the [attack on Kharkiv]" in block[4]
    assert "new: Poland (POL)" in out
    assert "dropped: ceasefire" in out


def test_compare_of_readouts_names_what_is_only_in_one(capsys, folder):
    names = folder / "2021-05-03-a.txt", folder / "2022-05-03-b.txt"
    _, out, _ = run(capsys, "compare", *names, "--readouts", "--format", "jsonl")
    found = {row["target"]: row for row in map(json.loads, out.splitlines())}
    assert found["Poland"]["change"] == "only in second"
    assert found["ceasefire"]["change"] == "only in first"
    assert found["Poland"]["quote_before"] is None
    assert found["attack on Kharkiv"]["quote_after"] == "We strongly condemn the attack on Kharkiv."


def test_compare_of_several_texts_gives_the_stances_of_each_in_order(capsys, folder):
    names = sorted(folder.iterdir(), reverse=True)
    _, out, _ = run(capsys, "compare", *names, "--format", "csv")
    found = {row["target"]: row for row in rows(out)}
    assert list(found["attack on Kharkiv"])[2:] == ["2021-05-03", "2022-05-03", "2023-05-03"]
    assert found["attack on Kharkiv"]["2021-05-03"].startswith("condemn")
    assert found["attack on Kharkiv"]["2023-05-03"] == "-"


def test_compare_has_a_column_for_each_text_whatever_it_is_called(capsys, tmp_path):
    names = [tmp_path / name for name in ("one/s.txt", "two/s.txt", "three/target.txt")]
    for name in names:
        name.parent.mkdir()
        name.write_text("We condemn Iran.")
    _, out, _ = run(capsys, "compare", *names, "--format", "csv")
    header, row = csv.reader(io.StringIO(out))
    assert header == ["target", "id", str(names[0]), str(names[1]), "target (text)"]
    assert len(row) == 5


@pytest.mark.parametrize("command", [["score"], ["table"], ["aggregate"], ["trace", "Iran"], ["suggest"]])
def test_an_output_of_before_stays_where_no_text_can_be_read(capsys, tmp_path, command):
    output = tmp_path / "kept.csv"
    output.write_text("kept")
    status, _, err = run(capsys, *command, tmp_path / "nowhere.txt", "-o", output)
    assert status == 1
    assert output.read_text() == "kept"
    assert f"-o {output}: nothing is written, since no text could be read" in err


def test_compare_can_be_asked_for_one_target(capsys, folder):
    names = folder / "2021-05-03-a.txt", folder / "2022-05-03-b.txt"
    _, out, _ = run(capsys, "compare", *names, "--target", "POL", "--format", "csv")
    assert [row["target"] for row in rows(out)] == ["Poland"]


def test_compare_of_one_text_is_refused(capsys, folder):
    status, out, err = run(capsys, "compare", folder / "2021-05-03-a.txt")
    assert (status, out) == (1, "")
    assert "compare: must have two texts to compare, got 1; name more files" in err


def test_compare_says_when_nothing_changed(capsys, folder):
    path = folder / "2021-05-03-a.txt"
    (folder / "same.txt").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    _, out, _ = run(capsys, "compare", path, folder / "same.txt")
    assert out.splitlines()[-1] == "no changes"


def test_trace_marks_the_first_use(capsys, folder):
    status, out, _ = run(capsys, "trace", "the ceasefire", folder, "--format", "csv")
    assert status == 0
    assert [(row["date"], row["count"], row["first"]) for row in rows(out)] == [
        ("2021-05-03", "1", "first"), ("2022-05-03", "0", ""), ("2023-05-03", "1", ""),
    ]  # fmt: skip


def test_ladder_tells_the_rung_of_each_text(capsys, folder, tmp_path):
    ladder = tmp_path / "ladder.tsv"
    ladder.write_text("target\tstep\tphrase\nattack\t1\tregret\nattack\t3\tcondemn\nattack\t4\tstrongly condemn\n")
    _, out, _ = run(capsys, "ladder", ladder, folder, "--format", "csv")
    assert [(row["date"], row["step"], row["words"]) for row in rows(out)] == [
        ("2021-05-03", "1", "regret"), ("2022-05-03", "4", "strongly condemn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [["matrix", "--by", "document,target"], ["timeline", "--target", "ceasefire"], ["bars"]]
)
def test_plot_writes_a_figure(capsys, folder, tmp_path, arguments):
    pytest.importorskip("matplotlib")
    status, _, err = run(capsys, "plot", *arguments, folder, "-o", tmp_path / "figure.png")
    assert (status, err) == (0, "")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_plot_of_slopes_takes_two_texts(capsys, folder, tmp_path):
    pytest.importorskip("matplotlib")
    names = sorted(folder.iterdir())
    assert run(capsys, "plot", "slopes", *names[:2], "-o", tmp_path / "figure.svg")[0] == 0
    status, _, err = run(capsys, "plot", "slopes", *names, "-o", tmp_path / "figure.svg")
    assert status == 1
    assert "slopes: must have two texts, got 3; name two files" in err


def test_facets_are_checked_before_texts_are_read_and_may_have_spaces(capsys, folder, tmp_path, monkeypatch):
    assert run(capsys, "aggregate", folder, "--by", "target, year", "--format", "csv")[0] == 0
    monkeypatch.setattr("stance.series_commands._rows", None)
    status, _, err = run(capsys, "aggregate", folder, "--by", "foe")
    assert (status, "by must name different ones of" in err) == (1, True)
    with pytest.raises(SystemExit):
        run(capsys, "plot", "matrix", folder, "--by", "issuer", "-o", tmp_path / "a.png")
    assert "--by: must name two facets for a matrix, got 'issuer'; give issuer,target" in capsys.readouterr().err


def test_plot_needs_a_file_to_draw_to(capsys, folder):
    with pytest.raises(SystemExit):
        run(capsys, "plot", "bars", folder)
    assert (
        "-o: must name the file to draw to, got none; give one that ends in .png, .pdf or .svg"
        in capsys.readouterr().err
    )


def test_a_missing_extra_is_no_internal_error():
    assert ImportError in EXPECTED


@pytest.mark.parametrize("option", [["--most", "few"], ["--min-support", "-1"]])
def test_counts_must_be_whole_numbers(capsys, folder, option):
    with pytest.raises(SystemExit):
        run(capsys, "aggregate", folder, *option)
    assert "must be a whole number from 0 on, got" in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_counted(capsys, folder):
    (folder / "d.txt").write_bytes(b"%PDF-1.4")
    status, out, err = run(capsys, "aggregate", folder, "--by", "document", "--format", "csv")
    assert status == 1
    assert "d.txt" in err
    assert len(rows(out)) == 3


def test_many_texts_show_progress_on_a_terminal(folder):
    for number in range(6):
        (folder / f"more-{number}.txt").write_text("It rained.", encoding="utf-8")
    status, written = on_terminal("aggregate", folder, "--by", "year")
    assert status == 0
    assert "3/9" in written
