"""Every subcommand without a network, on a full disk, interrupted, and with folders that cannot be read."""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import every_command
import pytest
from every_command import COMMANDS, WRITING, arguments_of

import stance
from stance import outputs
from stance.arguments import make_parser
from stance.cli import main

pytest.importorskip("pandas")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    every_command.make_inputs(folder)
    return folder


def test_no_subcommand_is_left_out():
    (subcommands,) = (action.choices for action in make_parser("")._actions if action.dest == "command")
    assert {name.split()[0] for name in COMMANDS} == set(subcommands)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", type("Refusing", (socket.socket,), {"__init__": refuse}))
    for name in ("create_connection", "create_server", "getaddrinfo", "gethostbyname", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)


def test_network_is_blocked_in_these_tests(no_network):
    for use in (socket.socket, lambda: socket.create_connection(("127.0.0.1", 9))):
        with pytest.raises(AssertionError, match="the network was used"):
            use()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_needs_no_network(name, inputs, tmp_path, no_network, capsys):
    assert main(arguments_of(COMMANDS[name], inputs, tmp_path / "out")) == 0
    said = capsys.readouterr()
    assert said.out or said.err or any(tmp_path.iterdir())
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("out")] == []


def test_library_needs_no_network(inputs, tmp_path, no_network):
    model = stance.load()
    stance.save(model, tmp_path / "model")
    text = (inputs / "before.txt").read_text(encoding="utf-8")
    analysis = stance.analyze(text, model=stance.load(tmp_path / "model"))
    assert list(stance.analyze_many([text], jobs=1)) == [analysis]
    assert stance.judge(text, [(j.target.start, j.target.end) for j in analysis])
    assert "Kharkiv" in stance.to_html(analysis)


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def written(name, inputs, tmp_path):
    """The arguments of a run that has been done once, and what it wrote."""
    arguments = arguments_of(WRITING[name], inputs, tmp_path / "out")
    assert main(arguments) == 0
    return arguments, contents(tmp_path)


@contextmanager
def room_for(size):
    """Let no file grow beyond a size."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the system answers with an error, as on a full disk
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, usual)


@pytest.mark.parametrize("share", [0.0, 0.6])
@pytest.mark.parametrize("name", WRITING)
def test_what_was_written_stays_where_the_disk_takes_no_more(name, share, inputs, tmp_path, capsys):
    arguments, before = written(name, inputs, tmp_path)
    room = int(share * max(map(len, before.values())))
    capsys.readouterr()
    with room_for(room):
        status = main(arguments)
    error = capsys.readouterr().err
    assert (status, contents(tmp_path)) == (1, before), error
    assert "file too large" in error.casefold()
    assert "internal error" not in error


def test_text_and_annotations_of_brat_stay_together_where_one_cannot_be_written(inputs, tmp_path, capsys):
    _, before = written("convert brat", inputs, tmp_path)
    changed = tmp_path / "changed.txt"
    changed.write_text((inputs / "labelled.txt").read_text().replace("Oman", "Iran").replace("of Graz", "of Graz" * 40))
    capsys.readouterr()
    with room_for(max(map(len, before.values()))):  # enough for all but the last text
        assert main(["convert", str(changed), str(tmp_path / "out"), "--to", "brat"]) == 1
    assert "file too large" in capsys.readouterr().err
    changed.unlink()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", WRITING)
def test_what_was_written_stays_where_ctrl_c_breaks_the_writing_off(name, inputs, tmp_path, monkeypatch, capsys):
    arguments, before = written(name, inputs, tmp_path)

    class Interrupted(type(Path())):
        def replace(self, _):
            raise KeyboardInterrupt

    monkeypatch.setattr(outputs, "Path", Interrupted)
    assert main(arguments) == 130
    assert contents(tmp_path) == before


# the rights that let root read everything: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
def without_rights():
    for right in (1, 2):
        ctypes.CDLL(None).prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP


def start(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "stance", *map(str, arguments)], capture_output=True, text=True, timeout=300,
        preexec_fn=without_rights if os.geteuid() == 0 else None,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="rights of Linux")
def test_what_cannot_be_read_is_told_and_the_rest_is_done(inputs, tmp_path):
    (tmp_path / "closed").mkdir()
    for name in ("a.txt", "secret.txt", "closed/b.txt"):
        (tmp_path / name).write_bytes((inputs / "before.txt").read_bytes())
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        done = start("score", tmp_path, "--format", "csv")
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert (done.returncode, "a.txt" in done.stdout) == (1, True)
    assert sorted(done.stderr.splitlines()) == [
        f"stance: {tmp_path / 'closed'}: permission denied",
        f"stance: {tmp_path / 'secret.txt'}: permission denied",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="rights of Linux")
@pytest.mark.parametrize("command", ["score FOLDER", "suggest FOLDER", "describe FOLDER", "actors --lexicon FOLDER"])
def test_folder_that_cannot_be_read_is_told_in_one_line(command, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(0)
    done = start(*(folder if word == "FOLDER" else word for word in command.split()))
    told = [line for line in done.stderr.splitlines() if "sentences suggested" not in line]
    assert (done.returncode, told) == (1, [f"stance: {folder}: permission denied"])


def test_links_that_go_round_in_a_circle_or_nowhere_do_no_harm(inputs, tmp_path, capsys):
    (tmp_path / "texts").mkdir()
    for name, target in (("round", "."), ("loop.txt", "loop.txt"), ("gone.txt", "nowhere"), ("dir.txt", "texts")):
        (tmp_path / name).symlink_to(tmp_path / target)
    (tmp_path / "link.txt").symlink_to(inputs / "before.txt")
    assert main(["score", str(tmp_path), "--format", "jsonl"]) == 1
    said = capsys.readouterr()
    assert {json.loads(line)["file"] for line in said.out.splitlines()} == {str(tmp_path / "link.txt")}
    assert said.err.splitlines() == [
        f"stance: {tmp_path / 'gone.txt'}: no such file or directory",
        f"stance: {tmp_path / 'loop.txt'}: too many levels of symbolic links",
    ]
    for command in ("score", "tokenize", "explain", "describe", "check", "model"):
        assert main([command, str(tmp_path / "loop.txt")]) == 1
        said = capsys.readouterr()
        assert "too many levels of symbolic links" in said.out + said.err
        assert "internal error" not in said.err
