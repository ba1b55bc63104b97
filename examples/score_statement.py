"""Score a statement and print who is condemned and who is supported, with the words that say so.

Run it with `python examples/score_statement.py [FILE]`.
"""

import sys
from pathlib import Path

import stance

path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("statement.txt")
analysis = stance.analyze(path.read_text(encoding="utf-8"))
for verdict in (stance.Stance.CONDEMN, stance.Stance.SUPPORT):
    print(f"{verdict}:")
    for judgement in analysis:
        if judgement.stance is verdict and judgement.confidence >= 0.6:
            words = " ".join(judgement.target.text.split())
            print(f"  {judgement.confidence:4.0%}  {words}  <- {judgement.evidence or 'no cue'}")
