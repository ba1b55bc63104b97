import re
import shlex
import shutil
from pathlib import Path

import pytest

from stance.cli import main

ROOT = Path(__file__).parents[1]
GUIDES = ("aggregate", "compare", "figures", "trace")
SHOWN = re.compile(r"^    \$ stance (.+)\n(?:    (?!\$ )(.+)\n)?", re.MULTILINE)
COMMANDS = [
    (name, command, line)
    for name in GUIDES
    for command, line in SHOWN.findall((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("guide", "command", "line"), COMMANDS, ids=[f"{g}: {c[:40]}" for g, c, _ in COMMANDS])
def test_commands_of_the_guides_run_and_print_what_is_shown_first(guide, command, line, tmp_path, monkeypatch, capsys):
    if command.startswith("plot"):
        pytest.importorskip("matplotlib")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(shlex.split(command)) == 0
    written = capsys.readouterr().out.splitlines()
    assert line.split() == (written[0].split() if line else [])


def test_each_guide_shows_commands():
    assert {name for name, _, _ in COMMANDS} == set(GUIDES)
