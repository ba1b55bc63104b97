"""Train on the targets of NewsMTSC (Hamborg and Donnay 2021) and score its two test sets, targets given.

    python benchmarks/newsmtsc.py FOLDER [--model OUT] [--search]

FOLDER holds `train.jsonl`, `devtest_rw.jsonl` and `devtest_mt.jsonl`. Each target is a record of its own: where a
sentence has two labelled targets, they are neutral a fifth of the time in the training file and half of the time in
`devtest_mt`, so that other targets beside a target must tell nothing. With --search the penalty is chosen by
cross-validation over the articles of the training file alone.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.model_selection import GridSearchCV, GroupKFold

import stance
from stance.bootstrap import class_f1, interval, macro_f1
from stance.document import STANCES
from stance.estimator import records_to_rows
from stance.labelled import read_labelled
from stance.model import Model
from stance.records import Record

PENALTIES = (0.03, 0.1, 0.3, 1.0)


def single_targets(path: Path) -> list[Record]:
    """The records of a file, one a target; a sentence that stands in two articles counts to the first."""
    labelled = read_labelled(path, format="newsmtsc")
    for problem in labelled.problems:
        print("left out:", problem[:150])
    articles: dict[str, str] = {}
    made = []
    for record in labelled.records:
        words = " ".join(re.findall(r"\w+", record.text.casefold()))
        article = articles.setdefault(words, record.statement)
        made += [
            replace(record, id=f"{record.id}:{target.start}", targets=(target,), statement=article)
            for target in record.targets
        ]
    return made


def search(records: Sequence[Record]) -> float:
    """The penalty with the best macro-F1 in three-fold cross-validation over articles."""
    rows, stances, groups = records_to_rows(records)
    grid = GridSearchCV(
        stance.make_pipeline(), {"classifier__C": PENALTIES}, cv=GroupKFold(3), scoring="f1_macro", refit=False
    )
    grid.fit(rows, stances, groups=groups)
    for C, score in zip(PENALTIES, grid.cv_results_["mean_test_score"], strict=True):
        print(f"C = {C}: macro-F1 {score:.3f} in cross-validation")
    return float(grid.best_params_["classifier__C"])


def main() -> None:
    """Train and score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="save the model in this folder")
    parser.add_argument("--search", action="store_true", help="choose the penalty by cross-validation first")
    parser.add_argument("-C", type=float, default=0.3, help="inverse strength of the penalty; default 0.3")
    options = parser.parse_args()
    records = single_targets(options.folder / "train.jsonl")
    C = search(records) if options.search else options.C
    started = time.perf_counter()
    model = stance.train(records, pipeline=stance.make_pipeline(C=C))
    print(f"trained on {len(records):,} targets with C = {C} in {time.perf_counter() - started:.0f} s")
    print(f"cross-validated on the training file: macro-F1 {model.card['cross_validated_macro_f1']:.3f}")
    for name in ("devtest_rw", "devtest_mt"):
        report(name, model, single_targets(options.folder / f"{name}.jsonl"))
    if options.model:
        stance.save(model, options.model)


def report(name: str, model: Model, records: Sequence[Record]) -> None:
    """Print the scores on one test set."""
    counts = np.zeros((len(records), 9), dtype=np.int64)
    for row, record in zip(counts, records, strict=True):
        (judgement,) = stance.judge(record.text, record.spans, model=model)
        row[3 * STANCES.index(record.targets[0].stance) + STANCES.index(judgement.stance)] = 1
    total = counts.sum(axis=0)
    low, high = interval(counts, macro_f1)
    each = ", ".join(f"{stance} {value:.3f}" for stance, value in zip(STANCES, class_f1(total), strict=True))
    print(f"{name}: {len(records):,} targets, macro-F1 {macro_f1(total):.3f} ({low:.3f} to {high:.3f}); {each}")


if __name__ == "__main__":
    main()
