"""What the guides show is what the commands print. STANCE_WRITE_GUIDES=1 writes it anew, as after a training."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from stance.cli import main

ROOT = Path(__file__).parents[1]
GUIDES = ("aggregate", "compare", "figures", "trace")
SHOWN = re.compile(r"^    \$ stance (.+)\n((?:    (?!\$ ).*\n|\n(?=    (?!\$ )))*)", re.MULTILINE)
LEFT_OUT = "..."  # some lines of the output


def shown(guide):
    """The commands of a guide with the lines that it shows of their output."""
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    return [(match[1], [line.removeprefix("    ") for line in match[2].splitlines()]) for match in SHOWN.finditer(text)]


COMMANDS = [(guide, command, lines) for guide in GUIDES for command, lines in shown(guide)]


def abridged(written, lines):
    """As many lines of the output as are shown, with those left out that are left out there."""
    if LEFT_OUT not in lines:
        return written[: len(lines)]
    first = lines.index(LEFT_OUT)
    rest = len(lines) - first - 1
    return [*written[:first], LEFT_OUT, *written[len(written) - rest :]]


def rewrite(guide, command, lines):
    page = ROOT / "docs" / f"{guide}.md"
    block = "".join(f"    {line}".rstrip() + "\n" for line in lines)
    text = page.read_text(encoding="utf-8")
    old = next(match for match in SHOWN.finditer(text) if match[1] == command)
    page.write_text(text[: old.start(2)] + block + text[old.end(2) :], encoding="utf-8")


@pytest.mark.parametrize(("guide", "command", "lines"), COMMANDS, ids=[f"{g}: {c[:40]}" for g, c, _ in COMMANDS])
def test_commands_of_the_guides_print_what_is_shown(guide, command, lines, tmp_path, monkeypatch, capsys):
    if command.startswith("plot"):
        pytest.importorskip("matplotlib")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "118")
    assert main(shlex.split(command)) == 0
    written = abridged([line.rstrip() for line in capsys.readouterr().out.splitlines()], lines)
    if "STANCE_WRITE_GUIDES" in os.environ:
        rewrite(guide, command, written)
    else:
        assert written == lines


def test_each_guide_shows_commands_and_most_show_output():
    assert {name for name, _, _ in COMMANDS} == set(GUIDES)
    assert sum(bool(lines) for _, _, lines in COMMANDS) >= 6
