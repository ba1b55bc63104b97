"""Train a model on a part of the labelled sentences, keep it in a folder, load it and score it on another part.

A part, so that it takes seconds; leave out the slices for a model like the shipped one. For sentences of your own put
`stance.read_records("mine.jsonl")` beside them. Run it with `python examples/retrain.py [FOLDER]`.
"""

import sys
import tempfile
from pathlib import Path

import stance

records = stance.load_records()
statements = sorted({record.statement for record in records})
# whole statements are held out: sentences of one statement resemble each other
learned, held_out = set(statements[::24]), set(statements[12::48])
model = stance.train([record for record in records if record.statement in learned])

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp()) / "my-model"
stance.save(model, folder)
scores = stance.evaluate(stance.load(folder), [record for record in records if record.statement in held_out])
print(f"{folder}: macro-F1 of stances {scores.judge_macro_f1:.2f} on {scores.targets} targets that it never saw")
