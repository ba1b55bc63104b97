"""From unlabelled texts to a better model: choose sentences, label them, check them, train, and see whether it helped.

Labelled sentences of the package play the person who labels, so that the example runs by itself; with texts of your
own, open what `suggest` writes in Label Studio, doccano, Prodigy or a spreadsheet, label it there and read the export
with `stance.read_records`. The same on the command line: `stance suggest`, `check`, `train`, `evaluate --against`.
Run it with `python examples/labelling_loop.py [FOLDER]`.
"""

import sys
import tempfile
from pathlib import Path

import stance
from stance import checking
from stance.evaluation import changes, differences, measure
from stance.labelled import read_labelled
from stance.suggestion import candidates, suggest
from stance.writers import WRITERS

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
folder.mkdir(parents=True, exist_ok=True)

# 1. A first model, from a few sentences; yours would be the shipped one.
records = stance.load_records()
statements = sorted({record.statement for record in records})
first = stance.train([record for record in records if record.statement in set(statements[::60])])

# 2. Unlabelled texts, and the sentences of which the model is least sure, no two alike, with its labels as a proposal.
pool = {record.text: record for record in records if record.statement in set(statements[1::20])}
chosen = suggest(candidates([(record.id, text) for text, record in pool.items()], first), most=60)
(folder / "tasks.json").write_text("\n".join(WRITERS["label-studio"]([each.record for each in chosen], True)), "utf-8")
print(f"{len(chosen)} of {len(pool)} sentences to label: {folder / 'tasks.json'}")

# 3. Somebody labels them; here the labels are known.
done = [pool[each.record.text] for each in chosen if each.record.text in pool]
(folder / "mine.jsonl").write_text("\n".join(WRITERS["jsonl"](done, False)) + "\n", "utf-8")

# 4. What is wrong or doubtful?
labelled = read_labelled(folder / "mine.jsonl")
doubts = [*labelled.problems, *checking.warnings(checking.placed(labelled))]
print(f"{len(labelled.records)} labelled, {len(doubts)} doubts", *doubts[:3], sep="\n  ")

# 5. A model from both, and whether it is better on statements that neither saw.
old = [record for record in records if record.statement in set(statements[::60])]
second = stance.train([*old, *labelled.records], weights=[1.0] * len(old) + [2.0] * len(labelled.records))
stance.save(second, folder / "model")
held_out = [record for record in records if record.statement in set(statements[3::60])]
before, after = measure(first, held_out), measure(second, held_out)
found = differences(before, after)["judge_macro_f1"]
gains, losses = changes(before, after)
print(f"macro-F1 {found.value:+.3f} ({found.low:+.3f} to {found.high:+.3f}, p {found.p:.3f})")
print(f"{len(gains)} targets won, {len(losses)} lost; the model is in {folder / 'model'}")
