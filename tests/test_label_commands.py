import json
import os
import pty
import subprocess
import sys

import pytest

from stance.cli import main
from stance.labelled import read_records
from stance.progress import Progress, time_in_words

LINES = [
    "We condemn [-piracy] at sea off {}.",
    "We welcome the [+accord] signed in {}.",
    "They met [=Oman] in the town of {}.",
    "We oppose the [-[=Oman] raid] on {}.",
]
TOWNS = ["Aden", "Bari", "Cork", "Dakar", "Essen", "Fez", "Graz"]
COMMAND = [sys.executable, "-m", "stance"]


@pytest.fixture
def labelled(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("".join(f"## {town}: talks\n" + "\n".join(LINES).format(*[town] * 4) + "\n" for town in TOWNS))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small model with a table of its own, and what training it printed."""
    folder = tmp_path_factory.mktemp("trained")
    tables = folder / "tables"
    tables.mkdir()
    (tables / "actors.tsv").write_text(
        "id\tclass\tnames\tdemonyms\tcapital\tavoid\texample\nzembla\tstate\tZembla\t\t\t\tWe met [=Zembla].\n"
    )
    path = folder / "mine.txt"
    path.write_text("".join(f"## {town}: talks\n" + "\n".join(LINES).format(*[town] * 4) + "\n" for town in TOWNS))
    finished = subprocess.run(
        [*COMMAND, "train", path, "-o", folder / "model", "--lexicon", tables, "--seed", "2"],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (finished.returncode, finished.stderr) == (0, "training on 28 sentences\n")
    return folder / "model", finished.stdout


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def refused(capsys, *arguments):
    with pytest.raises(SystemExit, match="2"):
        main([str(argument) for argument in arguments])
    return capsys.readouterr().err


# convert


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.json"])
def test_labels_are_converted_by_the_endings_and_back(capsys, labelled, tmp_path, name):
    status, out, err = run(capsys, "convert", labelled, tmp_path / name)
    assert (status, out, err) == (0, "", f"{tmp_path / name}: 28 sentences, 35 targets\n")
    assert run(capsys, "convert", tmp_path / name, tmp_path / "back.txt")[0] == 0
    assert [(r.text, r.targets, r.statement) for r in read_records(tmp_path / "back.txt")] == [
        (r.text, r.targets, r.statement) for r in read_records(labelled)
    ]


@pytest.mark.parametrize("name", ["doccano", "prodigy", "newsmtsc"])
def test_labels_are_converted_by_the_options_and_back(capsys, labelled, tmp_path, name):
    assert run(capsys, "convert", labelled, tmp_path / "a.jsonl", "--to", name)[0] == 0
    assert run(capsys, "convert", tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--from", name)[0] == 0
    assert read_records(tmp_path / "b.jsonl") == read_records(labelled)


def test_brat_gets_a_folder(capsys, labelled, tmp_path):
    (tmp_path / "brat").mkdir()
    status, _, err = run(capsys, "convert", labelled, tmp_path / "brat")
    assert status == 0
    assert "families are lost, brat has no place for them" in err
    assert len(list((tmp_path / "brat").glob("*.ann"))) == len(TOWNS)
    assert [r.targets for r in read_records(tmp_path / "brat")] == [r.targets for r in read_records(labelled)]


def test_labels_are_mapped_and_repairs_told(capsys, tmp_path):
    row = {"text": "We condemn piracy.", "spans": [{"start": 9, "end": 15, "text": "piracy", "label": "NEG"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    status, _, err = run(capsys, "convert", tmp_path / "a.jsonl", tmp_path / "b.txt", "--map", "neg=condemn")
    assert status == 0
    assert "note: " in err
    assert "target 'piracy' moved from 9:15 to 11:17, where its words stand" in err
    assert "We condemn [-piracy]." in (tmp_path / "b.txt").read_text()
    status, _, err = run(capsys, "convert", tmp_path / "a.jsonl", tmp_path / "c.txt")
    assert status == 1
    assert "got 'NEG'; rename the label, or map it with `--map NEG=STANCE`" in err
    assert not (tmp_path / "c.txt").exists()


def test_texts_of_several_sentences_are_split(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("We condemn [-piracy]. We welcome the [+truce].\n")
    assert run(capsys, "convert", tmp_path / "a.txt", tmp_path / "b.jsonl", "--split")[0] == 0
    assert [r.text for r in read_records(tmp_path / "b.jsonl")] == ["We condemn piracy.", "We welcome the truce."]


def test_convert_needs_a_format_and_another_file(capsys, labelled, tmp_path):
    assert "format must be told by an ending or --to, got neither; add --to" in refused(
        capsys, "convert", labelled, "x"
    )
    assert "output must not be the input; give another name" in refused(capsys, "convert", labelled, labelled)
    assert "must be LABEL=STANCE, got 'good'" in refused(
        capsys, "convert", labelled, tmp_path / "a.csv", "--map", "good"
    )


# check, describe


def test_sound_labels_are_told_to_be_so(capsys, labelled):
    assert run(capsys, "check", labelled) == (0, "", "28 sentences, 35 targets: 0 errors, 0 warnings, 0 notes\n")


def test_all_that_is_wrong_or_doubtful_is_told_at_once(capsys, labelled, tmp_path):
    bad, none = tmp_path / "bad.txt", tmp_path / "none.txt"
    bad.write_text("We condemn [piracy].\nWe back [+AUKUS.\nWe condemn [=piracy] at sea off Bari.\n")
    status, out, err = run(capsys, "check", labelled, bad, none)
    assert status == 1
    assert err == "29 sentences, 36 targets: 3 errors, 2 warnings, 0 notes\n"
    lines = out.splitlines()
    assert [line.split(": ")[1] for line in lines[:3]] == [f"{bad}:1", f"{bad}:2", str(none)]
    assert f"warning: {bad}:3: labels contradict those of {labelled}:7: 'piracy' is condemn there, neutral here" in out
    assert f"warning: {bad}:3: sentence is nearly that of {labelled}:7, in another file" in out


def test_warnings_fail_only_where_that_is_wanted(capsys, tmp_path):
    (tmp_path / "a.txt").write_text("## s\nWe condemn [-it].\nWe note [=it].\nWe welcome [+it].\nWe condemn [-it].\n")
    assert run(capsys, "check", tmp_path / "a.txt")[0] == 0
    assert run(capsys, "check", tmp_path / "a.txt", "--strict")[0] == 1


def test_bad_labels_are_all_reported(capsys, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("We condemn [piracy].\nWe back [+AUKUS.\n")
    status, out, err = run(capsys, "evaluate", path)
    assert (status, out) == (1, "")
    assert [line.split(": ")[1] for line in err.splitlines()] == [f"{path}:1", f"{path}:2"]


def test_describe_counts_labels(capsys, tmp_path):
    (tmp_path / "news.txt").write_text("They met [=Oman].\nIt backs [+AUKUS].\n")
    status, out, _ = run(capsys, "describe", tmp_path, "--format", "markdown")
    assert status == 0
    assert "| news | 2 | 2 | 2 | 0.5 | 0.0 | 0.5 |" in out.splitlines()


# suggest, agree

STATEMENT = (
    "We condemn the attack on the port. We welcome the truce in the war. The talks on the plan went on in Oslo.\n"
)


@pytest.mark.parametrize(
    ("to", "name"), [("label-studio", "t.json"), ("doccano", "t.jsonl"), ("prodigy", "t.jsonl"), ("csv", "t.csv")]
)
def test_suggestions_come_with_proposals(capsys, tmp_path, to, name):
    (tmp_path / "a.txt").write_text(STATEMENT)
    status, out, err = run(capsys, "suggest", tmp_path / "a.txt", "-n", 2, "--to", to, "-o", tmp_path / name)
    assert (status, out, err) == (0, "", "2 of 3 sentences suggested\n")
    if to == "label-studio":
        tasks = json.loads((tmp_path / name).read_text())
        assert all(task["predictions"][0]["result"] and "annotations" not in task for task in tasks)
    else:
        assert all(record.targets for record in read_records(tmp_path / name, format=to))


QUOTED = """"We condemn the attack on
the port. Everybody has to condemn it," Iran's foreign minister said. They met in Oman."""


@pytest.mark.parametrize("name", ["s.jsonl", "s.csv", "s.json", "s.txt"])
def test_the_ending_decides_how_suggestions_are_written_and_all_can_be_read_back(capsys, tmp_path, name):
    (tmp_path / "a.txt").write_text(QUOTED, encoding="utf-8")
    out = tmp_path / name
    assert run(capsys, "suggest", tmp_path / "a.txt", "-o", out)[0] == 0
    status, _, err = run(capsys, "check", out)
    assert (status, " 0 errors" in err) == (0, True)


def test_labelled_sentences_are_not_suggested(capsys, tmp_path):
    (tmp_path / "a.txt").write_text(STATEMENT)
    (tmp_path / "b.txt").write_text("We condemn the [-attack] on the port.\nWe welcome the [+truce] in the war.\n")
    arguments = (
        "suggest",
        tmp_path / "a.txt",
        tmp_path / "none.txt",
        "--to",
        "marked",
        "--labelled",
        tmp_path / "b.txt",
    )
    status, out, err = run(capsys, *arguments)
    assert status == 1
    assert f"stance: {tmp_path / 'none.txt'}: no such file or directory" in err
    assert [line for line in out.splitlines() if "port" in line or "truce" in line] == []
    assert "Oslo" in out


def test_annotators_are_compared(capsys, labelled, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text(labelled.read_text().replace("[=Oman] in the town of Cork", "[+Oman] in the town of Cork"))
    status, out, err = run(capsys, "agree", labelled, other, "--format", "json")
    assert (status, err) == (0, "")
    made = json.loads(out)
    assert made["pairs"][0]["first"] == "mine"
    assert 0.9 < made["alpha"][0]["value"] < 1
    assert [(row["target"], row["mine"], row["other"]) for row in made["disagreements"]] == [
        ("Oman", "neutral", "support")
    ]
    status, out, _ = run(capsys, "agree", labelled, other)
    assert "1 targets on which they differ" in out
    assert run(capsys, "agree", labelled)[2] == "stance: annotators must be at least two, got 1; give a file of each\n"


# train, evaluate, model


def test_training_prints_the_card(model):
    rows = dict(
        line.split(None, 1) if not line.startswith("cross") else line.rsplit(None, 1)
        for line in model[1].splitlines()[1:]
    )
    assert rows["seed"] == "2"
    assert "tables actors.tsv" in model[1]
    assert "cross validated macro f1 95" in model[1]
    assert "parts weight 1 records" in model[1]


def test_adapting_prints_what_it_learned_and_keeps_the_model(capsys, labelled, tmp_path):
    status, out, _ = run(capsys, "adapt", labelled, "-o", tmp_path / "model")
    assert status == 0
    assert out.startswith("macro-F1 on held-out statements of yours: ")
    assert "\nrecords " in out
    assert "before cross validated macro f1" in out
    told = run(capsys, "model", tmp_path / "model")[1]
    assert "adapted data" in told
    assert "from cross validated macro f1" in told
    assert "must not replace the one it comes from" in refused(
        capsys, "adapt", labelled, "--model", tmp_path / "model", "-o", tmp_path / "model"
    )


def test_own_tables_are_used_wherever_the_model_goes(capsys, model, tmp_path):
    (tmp_path / "a.txt").write_text("We condemn [-Zembla].")
    status, out, _ = run(capsys, "model", model[0])
    assert status == 0
    assert "2 rows" in out
    status, out, _ = run(capsys, "evaluate", tmp_path / "a.txt", "--model", model[0], "--format", "json")
    assert status == 0


def test_own_tables_can_be_given_when_scoring(capsys, model, tmp_path):
    (tmp_path / "a.txt").write_text("We condemn Zembla.")
    tables = model[0].parent / "tables"
    assert "zembla" in run(capsys, "score", tmp_path / "a.txt", "--lexicon", tables, "--format", "csv")[1]
    assert "zembla" not in run(capsys, "score", tmp_path / "a.txt", "--format", "csv")[1]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "must hold one of actors.tsv" in run(capsys, "score", tmp_path / "a.txt", "--lexicon", empty)[2]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("We condemn [-it].\n", "records must hold every stance, got none with neutral, support; label some"),
        (
            "## a\nWe condemn [-it], [=b], [+c].\n",
            "records must come from at least 3 statements, got 1; give each record",
        ),
        (
            "## a\nWe condemn [-it], [=b], [+c].\n## b\nWe left.\n## c\nWe condemn [-it], [=b], [+c].\n",
            "a sentence must stand in one statement, got it in 'a' and 'c'; remove one",
        ),
    ],
)
def test_labels_that_cannot_be_learned_are_told_at_once(capsys, tmp_path, lines, message):
    (tmp_path / "a.txt").write_text(lines)
    status, _, err = run(capsys, "train", tmp_path / "a.txt", "-o", tmp_path / "model")
    assert status == 1
    assert message in err
    assert not (tmp_path / "model").exists()


def test_scores_are_shown_with_intervals(capsys, model, labelled):
    status, out, err = run(capsys, "evaluate", labelled, "--model", model[0], "--rules", "--calibration")
    assert (status, err) == (0, "")
    for heading in ("bootstrap intervals", "F1 of each stance", "labelled stance by given", "votes of each rule"):
        assert heading in out
    assert "expected calibration error" in out
    assert "what is left from a confidence on" in out


def test_a_page_of_figures_is_drawn_beside_the_scores(capsys, model, labelled, tmp_path):
    pytest.importorskip("matplotlib")
    page = tmp_path / "scores.pdf"
    status, out, err = run(capsys, "evaluate", labelled, "--model", model[0], "--figures", page)
    assert (status, err) == (0, "")
    assert page.read_bytes().startswith(b"%PDF")
    assert "bootstrap intervals" in out
    status, out, err = run(capsys, "evaluate", labelled, "--figures", tmp_path / "scores.txt")
    assert (status, out) == (1, "")
    assert "figures must end in .png, .pdf or .svg, got '.txt'; give another name" in err


def test_two_models_are_compared(capsys, model, labelled, tmp_path):
    output = tmp_path / "comparison.md"
    assert run(capsys, "evaluate", labelled, "--against", model[0], "-o", output)[0] == 0
    text = output.read_text()
    assert "### second model less first" in text
    assert "targets that only the second judges right" in text
    status, out, _ = run(capsys, "evaluate", labelled, "--against", model[0], "--format", "json")
    made = json.loads(out)
    assert {"figures", "differences", "gains", "losses"} <= set(made)
    assert 0 < made["differences"][0]["p"] <= 1


def test_learning_curve_grows_with_the_parts(capsys, labelled, monkeypatch):
    monkeypatch.setattr("stance.learning_curve._SHARES", (0.1, 1.0))
    status, out, _ = run(capsys, "evaluate", labelled, "--learning-curve", "--format", "json")
    assert status == 0
    (point,) = json.loads(out)["learning_curve"]  # a tenth is too little to learn from
    assert point["sentences"] == 24
    assert 0 <= point["low"] <= point["macro_f1"] <= point["high"] <= 1


def test_two_cards_are_compared(capsys, model):
    status, out, _ = run(capsys, "model", model[0], model[0], "--format", "csv")
    assert status == 0
    assert '"seed","2","2",""' in out
    assert '"folds","2"' in run(capsys, "model", "--format", "csv")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "x", "-o", "m", "--weight", "0"], "must be a positive number, got '0'"),
        (["train", "x", "-o", "m", "--weight", "inf"], "must be a positive number, got 'inf'"),
        (["train", "x", "-o", "m", "--weight", "much"], "must be a positive number, got 'much'"),
        (["train", "x", "-o", "m", "--seed", "-1"], "must be a whole number from 0 on, got '-1'"),
        (["train", "x", "-o", __file__], "model must be a folder, got a file"),
        (["adapt", "x", "-o", __file__], "model must be a folder, got a file"),
        (["adapt", "x", "-o", ""], "model must be a folder, got no name"),
        (["suggest", "x", "-n", "few"], "must be a whole number from 0 on, got 'few'"),
        (
            ["suggest", "x", "-o", "tasks.xlsx"],
            "output must end in .txt, .jsonl, .json, .csv, .tsv; rename it or add --to",
        ),
        (["convert", "x", "y", "--to", "xml"], "invalid choice: 'xml'"),
    ],
)
def test_wrong_usage_is_told(capsys, arguments, message):
    assert message in refused(capsys, *arguments)


def test_terminal_gets_a_bar_with_the_time_left(labelled, tmp_path):
    ours, theirs = pty.openpty()
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "TERM": "xterm"}
    command = [*COMMAND, "train", labelled, "-o", tmp_path / "model"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                written += os.read(ours, 65536)
            except OSError:
                break
    os.close(ours)
    assert process.returncode == 0
    text = written.decode()
    assert "fold 2 of 2, macro-F1 " in text
    assert " s left" in text
    assert text.endswith("\r\x1b[K")


def test_progress_is_silent_elsewhere(capsys):
    progress = Progress()
    progress(0.5, "half")
    progress.count(1, 3, "sentences")
    progress.clear()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (89, "89 s"), (120, "2 min")])
def test_time_in_words(seconds, words):
    assert time_in_words(seconds) == words
