import importlib.util
import sys
from pathlib import Path

import pytest

from stance.document import Stance
from stance.records import Record, parse_marked

PATH = Path(__file__).parents[1] / "benchmarks" / "accuracy.py"
specification = importlib.util.spec_from_file_location("accuracy", PATH)
accuracy = sys.modules["accuracy"] = importlib.util.module_from_spec(specification)
specification.loader.exec_module(accuracy)

QUICK = ("joint-stance, features alone", "TF-IDF + logistic regression", "VADER", "MiniLM, fine-tuned")
THINGS = ("attack", "embargo", "blockade", "raid", "threat", "coup", "riot", "theft", "fraud", "siege")


@pytest.fixture
def taught(tmp_path):
    path = tmp_path / "taught.txt"
    lines = ("We condemn the [-{}].", "We welcome the [+end of the [-{}]].", "The [={}] was discussed in Oslo.")
    path.write_text(
        "\n".join(
            f"## s{n}: taught\n" + "\n".join(line.format(thing) for line in lines) for n, thing in enumerate(THINGS)
        ),
        encoding="utf-8",
    )
    return path


def marked(line):
    return Record("r", *parse_marked(line), "s")


def test_all_answer_the_same_targets_in_one_run(taught, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "vaderSentiment", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    accuracy.main(["--train", str(taught), "--parts", "peers", "curve", "ablation", "--peers", *QUICK])
    out = capsys.readouterr().out
    assert "24 sentences to learn from; 6 with 8 targets asked for" in out
    assert "VADER: skipped: " in out
    assert "MiniLM, fine-tuned: skipped: " in out
    rows = {line.split(" | ")[0][2:]: line.split(" | ") for line in out.splitlines() if line.startswith("| ")}
    assert {"TF-IDF + logistic regression", "all sentences", "without the votes of the rules"} <= set(rows)
    assert rows["joint-stance, features alone"][1] == rows["all sentences"][1] == rows["all of it"][1] == "1.000"


def test_a_fifth_of_the_statements_is_held_out(taught):
    task = accuracy.make_task([], str(taught))
    learned, asked = ({record.statement for record in records} for records in (task.learned, task.asked))
    assert (len(learned), len(asked), learned & asked) == (8, 2, set())


def test_files_are_asked_for_where_given(taught):
    task = accuracy.make_task([str(taught)], None)
    assert (len(task.asked), task.shipped, len(task.learned) > 1000) == (30, True, True)


def test_scores_count_answers_in_order():
    records = [marked("We condemn [-Iran] and [=Oman]."), marked("We thank [+Chad].")]
    right = [Stance.CONDEMN, Stance.NEUTRAL, Stance.SUPPORT]
    assert accuracy.scored("all", records, right)["macro-F1"] == "1.000"
    row = accuracy.scored("two", records, ["condemn", "condemn", "support"])
    assert (row["condemn"], row["neutral"], row["support"]) == ("0.667", "0.000", "1.000")


def test_confidence_buys_accuracy(taught):
    rows = list(accuracy.confident(accuracy.make_task([str(taught)], None)))
    assert (rows[0]["--min-confidence"], rows[0]["targets left"], rows[0]["share of all"]) == ("0", "40", "100%")


def test_tone_goes_to_every_target_of_the_sentence():
    tones = {"We thank Chad and Mali.": 0.4, "It was.": 0.0}
    records = [marked("We thank [+Chad] and [+Mali]."), marked("[=It] was.")]
    assert accuracy.by_tone(records, tones.get, 0.05) == [Stance.SUPPORT, Stance.SUPPORT, Stance.NEUTRAL]


def test_words_know_their_place():
    record = marked("We condemn the [-raid on Oslo] today.")
    assert {"<<we condemn", "<the", "=raid on", ">today"} <= set(accuracy.placed_words((record, record.targets[0])))


def test_a_table_is_left_out():
    words = ["We", "condemn", "Iran"]
    keys = [word.lower() for word in words]
    assert [match.entry.table for match in accuracy.Without("actors").find(words, keys)] == ["predicates"]
    assert accuracy.Without("words").vocabulary == {}
    assert accuracy.Without("issues").vocabulary


def test_rows_are_written_in_the_place_of_those_of_the_same_name(tmp_path):
    page, other = tmp_path / "page.md", tmp_path / "other.md"
    other.write_text("no table of peers\n", encoding="utf-8")
    page.write_text("before\n<!-- peers -->\n<!-- end -->\nafter\n", encoding="utf-8")
    accuracy.write_rows([other, page], "peers", [{"": "a", "x": "1"}, {"": "b", "x": "2"}])
    accuracy.write_rows([other, page], "peers", [{"": "b", "x": "3"}])
    assert other.read_text(encoding="utf-8") == "no table of peers\n"
    written = page.read_text(encoding="utf-8")
    assert written == "before\n<!-- peers -->\n|  | x |\n|---|---|\n| a | 1 |\n| b | 3 |\n<!-- end -->\nafter\n"
    with pytest.raises(SystemExit, match=r"page.md: must hold <!-- curve --> and <!-- end -->, got neither; add them"):
        accuracy.write_rows([page], "curve", [{"": "a"}])
