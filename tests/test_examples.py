import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("score_statement.py", "Houthis' attacks"),
        ("retrain.py", "macro-F1 of stances 0."),
        ("long_table.py", "PER+TCD condemn"),
    ],
)
def test_examples_run(name, shown, tmp_path):
    arguments = [tmp_path / "model"] if name == "retrain.py" else []
    # threads of the linear algebra fight each other for the few cores of a shared machine
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    finished = subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments], env=environment, capture_output=True, text=True, timeout=100
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    assert shown in finished.stdout
