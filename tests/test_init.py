import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stance

HEAVY = ("sklearn", "scipy", "pandas", "matplotlib", "skops", "pyarrow", "tkinter")
LOADED = f"print([m for m in {HEAVY + ('nltk', 'numpy')} if m in sys.modules])"


def run(code):
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_heavy_and_takes_under_50_milliseconds():
    code = f"import sys, time; s = time.process_time(); import stance; t = time.process_time() - s; {LOADED}; print(t)"
    loaded, first = run(code).splitlines()
    assert loaded == "[]"
    assert min(float(first), *(float(run(code).splitlines()[1]) for _ in range(2))) < 0.05


@pytest.mark.parametrize(
    "step",
    [
        "stance.analyze('We condemn the attack.')",
        "stance.judge('We condemn the attack.', [(15, 21)])",
        "from stance.cli import main; main(['score', 'examples/statement.txt', '-o', '/dev/null'])",
    ],
)
def test_scoring_imports_nothing_that_only_training_or_pictures_need(step):
    assert run(f"import sys, stance; {step}; {LOADED}") == "['numpy']"


def test_every_public_name_has_a_home_and_type_checkers_are_told_the_same():
    assert sorted(stance._HOMES) == stance.__all__
    tree = ast.parse(Path(stance.__file__).read_text(encoding="utf-8"))
    imports = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module.startswith("stance.")
    ]
    told = {alias.name: node.module for node in imports for alias in node.names}
    assert told == {name: f"stance.{home}" for name, home in stance._HOMES.items()}


def test_public_names_are_listed_before_they_are_imported():
    assert set(stance.__all__) < set(dir(stance))


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="module 'stance' has no attribute 'analyse'"):
        _ = stance.analyse
