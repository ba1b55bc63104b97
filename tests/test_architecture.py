import ast
import re
from pathlib import Path

import pytest

import stance

PACKAGE = Path(stance.__file__).parent
ORDER = (
    "markup", "toolkit", "inputs", "outputs", "document", "segmentation", "passages", "memo", "inflection",
    "word_tables", "lexicon",
    "records", "readers", "register", "mending", "labelled", "writers", "speakers", "registry",
    "manifest", "corpus", "dating", "issuers", "facts",
    "hashing", "forest", "cues", "mentions", "rules", "token_table", "features", "surroundings", "span_features",
    "rivals", "targets", "naming", "strength", "views", "holders",
    "network", "model", "pieces", "analysis", "batches", "arrow", "spark",
    "bootstrap", "learner", "finder_training", "network_training", "trainable", "examples", "fitting", "training",
    "adaptation", "estimator",
    "evaluation", "learning_curve", "splitting", "checking", "agreement", "suggestion", "card",
    "terminal", "explanation", "rows", "stored_rows", "frame", "table", "matching",
    "aggregation", "comparison", "tracing", "ladders",
    "report_data", "report_series", "report", "canvas", "plot", "score_figures", "scoreboard",
    "__init__", "arguments", "extraction", "documents",
    "console", "progress", "series_commands", "table_commands", "label_commands", "cli", "__main__",
)  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
FORBIDDEN = {"pickle", "cPickle", "dill", "joblib", "marshal", "shelve", "skops"}


def imported(tree):
    """The modules of the package that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "stance":
            parts = node.module.split(".")[1:2]
            yield from parts or [alias.name for alias in node.names if alias.name in TREES] or ["__init__"]
        elif isinstance(node, ast.Import):  # "import stance" is the public door
            yield from (
                (alias.name.split(".") + ["__init__"])[1]
                for alias in node.names
                if alias.name.split(".")[0] == "stance"
            )


def called(tree):
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def outside(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def test_every_module_has_its_place_in_the_order():
    assert set(TREES) - set(ORDER) == set()


@pytest.mark.parametrize("name", sorted(TREES))
def test_module_imports_only_from_those_above_it(name):
    above = ORDER[: ORDER.index(name)] if name in ORDER else ORDER
    assert set(imported(TREES[name])) - set(above) == set()


def test_the_package_is_flat():
    assert {path.parent for path in MODULES} == {PACKAGE}


def test_no_module_bears_the_name_of_a_public_function():
    functions = {name for name in stance.__all__ if callable(getattr(stance, name))}
    assert functions.isdisjoint(TREES)


@pytest.mark.parametrize(
    "name", sorted(set(TREES) & {"utils", "util", "helpers", "common", "misc", "core", "base"}) or ["none"]
)
def test_no_module_is_a_drawer_for_odds_and_ends(name):
    assert name == "none"


def test_public_names_are_sorted_and_exist():
    assert stance.__all__ == sorted(set(stance.__all__))
    assert all(hasattr(stance, name) for name in stance.__all__)


@pytest.mark.parametrize("name", sorted(set(TREES) - {"cli", "console", "progress", "label_commands"}))
def test_only_the_command_line_prints(name):
    assert "print" not in called(TREES[name])


@pytest.mark.parametrize("name", sorted(TREES))
def test_nothing_runs_code_that_it_reads(name):
    assert called(TREES[name]).isdisjoint({"eval", "exec", "compile", "__import__"})
    assert FORBIDDEN.isdisjoint(outside(TREES[name]))


@pytest.mark.parametrize("name", sorted(TREES))
def test_arrays_are_read_without_pickle(name):
    loads = [
        {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load")
    ]
    assert all(keywords.get("allow_pickle") == "False" for keywords in loads)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_package_knows_no_path_of_the_machine_it_was_made_on(path):
    assert re.findall(r"\.\./shared|/work/|/home/\w|shared/(?:gold|statements)", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", sorted(TREES))
def test_no_module_uses_the_network(name):
    assert {"socket", "urllib", "http", "requests", "ssl"}.isdisjoint(outside(TREES[name]))
