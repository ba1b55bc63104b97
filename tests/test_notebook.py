import os
import subprocess
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
NOTEBOOK = Path(__file__).parents[1] / "examples" / "two_statements.ipynb"
# a process of its own, since the libraries of Jupyter warn of each other
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=100).execute()
nbformat.write(notebook, "run.ipynb")
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What the cells of the notebook show, by type; it runs in a process and a folder of its own."""
    folder = tmp_path_factory.mktemp("notebook")
    copy = folder / NOTEBOOK.name
    copy.write_bytes(NOTEBOOK.read_bytes())
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    command = [sys.executable, "-c", RUN, copy.name]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=150)
    assert finished.returncode == 0, finished.stderr
    assert (folder / "norway-kenya.html").stat().st_size > 10_000
    cells = nbformat.read(folder / "run.ipynb", as_version=4).cells
    return [output for cell in cells for output in cell.get("outputs", [])]


def shown(outputs, kind):
    return [str(output.data[kind]) for output in outputs if kind in output.get("data", {})]


def test_the_notebook_shows_marked_text_and_a_table(outputs):
    text, table = shown(outputs, "text/html")
    assert "<mark " in text
    assert "World Food Programme" in text
    assert "strength" in table


def test_the_notebook_tells_what_changed(outputs):
    printed = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert "hardened: attacks on merchant vessels" in printed
    assert "open it in a browser" in printed


def test_the_notebook_is_kept_without_outputs():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    assert all(not cell.outputs for cell in cells if cell.cell_type == "code")
