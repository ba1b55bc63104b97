"""Who backs, who condemns, what is merely mentioned: targets and stances in diplomatic statements.

>>> import stance
>>> [(str(j.stance), j.target.text) for j in stance.analyze("We condemn the attack.").judgements]
[('condemn', 'attack')]
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stance.adaptation import adapt
    from stance.aggregation import Matrix, Tally, aggregate, make_matrix
    from stance.analysis import analyze, explain, judge
    from stance.batches import analyze_many
    from stance.comparison import Change, ChangeKind, compare
    from stance.document import (
        Analysis,
        Document,
        Facts,
        Failure,
        Holder,
        Judgement,
        Sentence,
        Stance,
        Target,
        TargetKind,
        Token,
    )
    from stance.estimator import make_pipeline
    from stance.evaluation import evaluate
    from stance.frame import to_frame
    from stance.labelled import load_records, read_records
    from stance.ladders import Footing, Rung, climb, read_ladder
    from stance.lexicon import Lexicon
    from stance.manifest import read_manifest
    from stance.model import Model, load, save
    from stance.records import LabelledTarget, Record
    from stance.report import to_html
    from stance.rows import Row, rows_of
    from stance.segmentation import segment
    from stance.tracing import Point, Trajectory, Use, trace, trajectories
    from stance.training import train

__version__ = "0.1.0"
__all__ = [
    "Analysis",
    "Change",
    "ChangeKind",
    "Document",
    "Facts",
    "Failure",
    "Footing",
    "Holder",
    "Judgement",
    "LabelledTarget",
    "Lexicon",
    "Matrix",
    "Model",
    "Point",
    "Record",
    "Row",
    "Rung",
    "Sentence",
    "Stance",
    "Tally",
    "Target",
    "TargetKind",
    "Token",
    "Trajectory",
    "Use",
    "adapt",
    "aggregate",
    "analyze",
    "analyze_many",
    "climb",
    "compare",
    "evaluate",
    "explain",
    "judge",
    "load",
    "load_records",
    "make_matrix",
    "make_pipeline",
    "read_ladder",
    "read_manifest",
    "read_records",
    "rows_of",
    "save",
    "segment",
    "to_frame",
    "to_html",
    "trace",
    "train",
    "trajectories",
]

# A name is imported when it is first asked for, so that scoring never waits for scikit-learn.
_NAMES = {
    "adaptation": ("adapt",),
    "analysis": ("analyze", "explain", "judge"),
    "batches": ("analyze_many",),
    "aggregation": ("Matrix", "Tally", "aggregate", "make_matrix"),
    "comparison": ("Change", "ChangeKind", "compare"),
    "ladders": ("Footing", "Rung", "climb", "read_ladder"),
    "rows": ("Row", "rows_of"),
    "tracing": ("Point", "Trajectory", "Use", "trace", "trajectories"),
    "document": (
        "Analysis",
        "Document",
        "Facts",
        "Failure",
        "Holder",
        "Judgement",
        "Sentence",
        "Stance",
        "Target",
        "TargetKind",
        "Token",
    ),
    "estimator": ("make_pipeline",),
    "evaluation": ("evaluate",),
    "frame": ("to_frame",),
    "labelled": ("load_records", "read_records"),
    "lexicon": ("Lexicon",),
    "manifest": ("read_manifest",),
    "model": ("Model", "load", "save"),
    "records": ("LabelledTarget", "Record"),
    "report": ("to_html",),
    "segmentation": ("segment",),
    "training": ("train",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
_MODULES = ("arrow", "plot", "spark")  # that are public themselves

if not TYPE_CHECKING:  # else it would answer for misspelt names as well

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
