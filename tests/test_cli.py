import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest

import stance
from stance.cli import main

TEXT = "We condemn the attack on Kharkiv. We welcome the ceasefire. The ministers discussed the report.\n"
COMMAND = [sys.executable, "-m", "stance"]


@pytest.fixture
def statement(tmp_path):
    path = tmp_path / "statement.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def run(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def start(*arguments, **others):
    environment = os.environ | {"COLUMNS": "100"} | others.pop("env", {})
    return subprocess.run([*COMMAND, *map(str, arguments)], env=environment, capture_output=True, timeout=60, **others)


def on_terminal(*arguments, **environment):
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"} | environment
    with subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            written += piece
    os.close(ours)
    return process.returncode, written.decode()


def test_report_writes_a_page(capsys, statement, tmp_path):
    output = tmp_path / "report.html"
    assert run(capsys, "report", statement, "-o", output, "--title", "Kharkiv & more") == (0, "", "")
    page = output.read_text(encoding="utf-8")
    assert "<h1>Kharkiv &amp; more</h1>" in page
    assert "attack on" in page


def test_report_goes_on_where_a_file_cannot_be_read(capsys, statement, tmp_path):
    output = tmp_path / "report.html"
    status, _, err = run(capsys, "report", tmp_path / "none.txt", statement, "-o", output)
    assert (status, output.exists()) == (1, True)
    assert "none.txt: no such file or directory" in err


def test_report_does_not_overwrite_a_text(capsys, statement):
    with pytest.raises(SystemExit):
        run(capsys, "report", statement, "-o", statement)
    assert "output must not be one of the texts" in capsys.readouterr().err


def test_report_is_a_page_and_nothing_else(capsys, statement, tmp_path):
    with pytest.raises(SystemExit):
        run(capsys, "report", statement, "-o", tmp_path / "report.pdf")
    assert "report.pdf: output must end in .html, got '.pdf'; give another name" in capsys.readouterr().err


def test_report_may_have_a_date_in_its_name(capsys, statement, tmp_path):
    assert run(capsys, "report", statement, "-o", tmp_path / "report-2031.05.17")[0] == 0


def test_score_prints_a_table(capsys, statement):
    status, out, err = run(capsys, "score", statement)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].startswith("stance   target")
    assert any(line.startswith("condemn  attack on Kharkiv") and "*condemn*" in line for line in out.splitlines())
    assert "\x1b" not in out


def test_score_reads_standard_input():
    finished = start("score", "-", "--format", "jsonl", input=TEXT.encode())
    rows = [json.loads(line) for line in finished.stdout.splitlines()]
    assert finished.returncode == 0
    assert {row["file"] for row in rows} == {"-"}
    assert ("support", "ceasefire") in {(row["stance"], row["target"]) for row in rows}


def test_several_files_are_headed_by_their_names(capsys, statement, tmp_path):
    (tmp_path / "other.md").write_text("It rained.")
    status, out, _ = run(capsys, "score", tmp_path)
    assert status == 0
    assert out.splitlines()[0] == str(tmp_path / "other.md")
    assert str(statement) in out.splitlines()


@pytest.mark.parametrize("name", ["csv", "jsonl", "json"])
def test_data_formats_give_the_same_rows(capsys, statement, name):
    readers = {
        "csv": lambda out: list(csv.DictReader(io.StringIO(out))),
        "jsonl": lambda out: [json.loads(line) for line in out.splitlines()],
        "json": json.loads,
    }
    _, out, _ = run(capsys, "score", statement, "--format", name)
    rows = readers[name](out)
    spans = [(judgement.target.start, judgement.target.end) for judgement in stance.analyze(TEXT)]
    assert [(int(row["start"]), int(row["end"])) for row in rows] == spans
    assert all(TEXT[int(row["start"]) : int(row["end"])] == row["target"] for row in rows)


def test_rows_can_be_selected(capsys, statement):
    _, out, _ = run(capsys, "score", statement, "--no-neutral", "--target", "ceasefire", "--format", "csv")
    assert [row["target"] for row in csv.DictReader(io.StringIO(out))] == ["ceasefire"]
    _, out, _ = run(capsys, "score", statement, "--stance", "condemn", "--stance", "neutral", "--format", "csv")
    assert {row["stance"] for row in csv.DictReader(io.StringIO(out))} <= {"condemn", "neutral"}
    _, out, _ = run(capsys, "score", statement, "--min-confidence", "1", "--format", "json")
    assert json.loads(out) == []


@pytest.mark.parametrize("name", ["table", "csv", "markdown"])
def test_a_summary_counts_each_target(capsys, statement, name):
    status, out, _ = run(capsys, "score", statement, "--summary", "--format", name)
    assert status == 0
    assert all(word in out.splitlines()[0] for word in ("target", "support", "condemn", "neutral"))
    assert "ceasefire" in out


def test_output_goes_to_a_file_in_the_format_of_its_ending(capsys, statement, tmp_path):
    status, out, err = run(capsys, "score", statement, "-o", tmp_path / "scores.json")
    assert (status, out, err) == (0, "", "")
    assert json.loads((tmp_path / "scores.json").read_text())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores.json", "statement.txt"]


def test_output_never_replaces_a_text(capsys, statement):
    with pytest.raises(SystemExit, match="2"):
        main(["score", str(statement), "-o", str(statement)])
    assert "output must not be one of the texts" in capsys.readouterr().err
    assert statement.read_text() == TEXT


def test_an_unreadable_file_is_reported_and_the_rest_scored(capsys, statement, tmp_path):
    picture = tmp_path / "picture.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    status, out, err = run(capsys, "score", picture, statement, tmp_path / "missing.txt", "--format", "jsonl")
    assert status == 1
    assert out
    assert err.splitlines() == [
        f"stance: {picture}: file must be text, got a null byte at 8; it is binary, or UTF-16 to be saved as UTF-8",
        f"stance: {tmp_path / 'missing.txt'}: no such file or directory",
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["score"], "the following arguments are required: FILE"),
        (["scor", "x"], "invalid choice: 'scor'"),
        (["score", "x", "--min-confidence", "2"], "must be a number in 0..1, got '2'"),
        (["score", "x", "--min-confidence", "nan"], "must be a number in 0..1, got 'nan'"),
        (["score", "x", "--stance", "against"], "invalid choice: 'against'"),
        (["score", "x", "--stance", "neutral", "--no-neutral"], "must name a verdict beside --no-neutral"),
        (["train", "x"], "the following arguments are required: -o/--output"),
        (["train", "x", "-o", __file__], "model must be a folder, got a file"),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(capsys, arguments, reason):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert reason in capsys.readouterr().err


def test_a_full_disk_is_told(statement):
    with open("/dev/full", "w") as full:
        finished = subprocess.run([*COMMAND, "score", statement], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert (finished.returncode, finished.stderr) == (1, b"stance: output: no space left on device\n")


def test_output_may_be_a_device(statement):
    finished = start("score", statement, "--format", "csv", "-o", "/dev/stdout")
    assert finished.returncode == 0
    assert finished.stdout.startswith(b'"file"')


def test_closed_streams_are_no_error(statement):
    command = f"{sys.executable} -m stance score {statement} >&- 2>&-"
    assert subprocess.run(command, shell=True, timeout=60).returncode == 0


def test_a_folder_has_no_tokens(capsys, tmp_path):
    assert run(capsys, "tokenize", tmp_path) == (1, "", f"stance: {tmp_path}: is a directory\n")


def test_a_missing_model_is_named(capsys, statement, tmp_path):
    status, out, err = run(capsys, "score", statement, "--model", tmp_path / "none")
    assert (status, out) == (1, "")
    assert err == f"stance: {tmp_path / 'none' / 'card.json'}: no such file or directory\n"


def test_an_error_of_ours_is_one_line(capsys, statement, monkeypatch):
    monkeypatch.setattr(stance, "analyze", lambda *_, **__: {}["missing"])
    status, _, err = run(capsys, "score", statement)
    assert status == 1
    assert err == "stance: internal error: KeyError: 'missing'; report it with the text that brought it about\n"


def test_explain_shows_cues_votes_and_features(capsys, statement):
    status, out, _ = run(capsys, "explain", statement)
    assert status == 0
    assert "1. We condemn the attack on Kharkiv." in out
    assert "cues: condemn (condemn)" in out
    assert out.count("votes: ") == out.count("features: ") == len(stance.analyze(TEXT))


def test_tokenize_gives_offsets_into_the_file(capsys, tmp_path):
    path = tmp_path / "wrapped.txt"
    path.write_bytes("\ufeffThe U.S. took\r\nnote.".encode())
    _, out, _ = run(capsys, "tokenize", path)
    rows = [line.split("\t") for line in out.splitlines()]
    assert rows[0] == ["unit", "start", "end", "text"]
    assert rows[1] == ["sentence", "0", "20", r"The U.S. took\r\nnote."]
    assert rows[2] == ["token", "0", "3", "The"]
    assert rows[-1] == ["token", "19", "20", "."]


@pytest.mark.parametrize(
    "command",
    ["score", "explain", "tokenize", "convert", "check", "suggest", "agree", "train", "evaluate", "model", "describe"],
)
def test_help_gives_examples(capsys, command):
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert f"examples:\n  stance {command} " in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"stance {stance.__version__}\n"


@pytest.mark.parametrize(
    "text", ["", " \n", "Iran", "a" * 300_000, "We \x1b[31mcondemn\x07 the \u202eattack on the town and all in it."]
)
def test_odd_texts_get_an_answer(capsys, monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status, out, err = run(capsys, "score", "-")
    assert (status, err) == (0, "")
    assert not set(out) & set("\x1b\x07\u202e")


def test_output_is_utf_8_whatever_the_locale(tmp_path):
    path = os.fsencode(tmp_path) + b"/odd-\xff.txt"
    with open(path, "w", encoding="utf-8") as file:
        file.write("We welcome Türkiye’s mediation.")
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    finished = start("score", tmp_path, "--format", "jsonl", env=environment)
    rows = [json.loads(line) for line in finished.stdout.decode("utf-8").splitlines()]
    assert any("Türkiye’s mediation" in row["target"] for row in rows)
    assert rows[0]["file"].endswith("odd-\udcff.txt")


def test_a_closed_pipe_ends_quietly(tmp_path):
    (tmp_path / "long.txt").write_text(TEXT * 300)
    with subprocess.Popen(
        [*COMMAND, "score", tmp_path / "long.txt"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 130


def test_ctrl_c_ends_quietly_and_leaves_no_half_file(statement, tmp_path):
    os.mkfifo(tmp_path / "never.txt")  # opening it waits for a writer that does not come
    with subprocess.Popen(
        [*COMMAND, "score", statement, tmp_path / "never.txt", "-o", tmp_path / "out.csv"],
        stderr=subprocess.PIPE,
        # a shell takes it away from what it starts behind it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        while not any(path.name.startswith(".out") for path in tmp_path.iterdir()):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b""
    assert process.returncode == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["never.txt", "statement.txt"]


def test_a_terminal_gets_colours_unless_it_does_not_want_them(statement):
    assert "\x1b[31mcondemn" in on_terminal("score", statement, NO_COLOR="")[1]
    assert "\x1b" not in on_terminal("score", statement, NO_COLOR="1")[1]


def test_a_terminal_gets_a_progress_bar_for_many_files(tmp_path):
    for number in range(6):
        (tmp_path / f"{number}.txt").write_text(TEXT)
    status, written = on_terminal("score", tmp_path, "-o", tmp_path / "out.csv")
    assert status == 0
    assert "5/6" in written
    assert written.endswith("\r\x1b[K")
    assert on_terminal("score", *(tmp_path / f"{n}.txt" for n in range(5)), "-o", tmp_path / "out.csv")[1] == ""


@pytest.mark.parametrize("ending", [".xlsx", ".tsv", ".doc"])
def test_an_ending_that_stands_for_no_format_is_refused(capsys, statement, tmp_path, ending):
    status, out, err = run(capsys, "score", statement, "-o", tmp_path / f"out{ending}")
    assert (status, out, list(tmp_path.glob("out*"))) == (1, "", [])
    assert f"ending must be one of .csv, .jsonl, .json, .md, .txt, got '{ending}'; name the file so, give" in err
