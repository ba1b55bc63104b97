"""Who backs, who condemns, what is merely mentioned: targets and stances in diplomatic statements.

>>> import stance
>>> [(str(j.stance), j.target.text) for j in stance.analyze("We condemn the attack.").judgements]
[('condemn', 'attack')]
"""

from stance.analysis import analyze, analyze_many, explain, judge
from stance.document import Analysis, Document, Facts, Holder, Judgement, Sentence, Stance, Target, TargetKind, Token
from stance.evaluation import evaluate
from stance.model import Model, load, save
from stance.records import LabelledTarget, Record, load_records, read_records
from stance.segmentation import segment
from stance.training import make_pipeline, train

__version__ = "0.1.0"
__all__ = [
    "Analysis",
    "Document",
    "Facts",
    "Holder",
    "Judgement",
    "LabelledTarget",
    "Model",
    "Record",
    "Sentence",
    "Stance",
    "Target",
    "TargetKind",
    "Token",
    "analyze",
    "analyze_many",
    "evaluate",
    "explain",
    "judge",
    "load",
    "load_records",
    "make_pipeline",
    "read_records",
    "save",
    "segment",
    "train",
]
