import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "output", "shown"),
    [
        ("score_statement.py", None, "Houthis' attacks"),
        ("retrain.py", "model", "macro-F1 of stances 0."),
        ("labelling_loop.py", "loop", "targets won"),
        ("long_table.py", None, "PER+TCD condemn"),
        (
            "compare_statements.py",
            None,
            "hardened  attack on the port of Odesa: regret (condemn 3) -> condemn (condemn 5)",
        ),
        ("draw_figures.py", "figures.png", "judgements, support"),
    ],
)
def test_examples_run(name, output, shown, tmp_path):
    arguments = [tmp_path / output] if output else []
    # threads of the linear algebra fight each other for the few cores of a shared machine
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    finished = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments], env=environment, capture_output=True, text=True, timeout=300
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert shown in finished.stdout
