"""Prints the judgements on made-up statements with scores to nine digits, and a digest: `make scores` compares them.

Two environments judge alike where what they print is the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from importlib.metadata import version

import stance

SUBJECTS = ("We", "Peru and Chad", "The ministers of Zembla", "G7 leaders")
VERBS = ("condemn", "welcome", "do not support", "took note of", "call for an end to", "are deeply concerned about")
OBJECTS = ("Iran's attack on Kharkiv", "attempts to undermine the UN Charter", "the truce between Israel and Hamas",
           "NATO, the African Union and their peace plan")  # fmt: skip


def judgements(model: stance.Model) -> list[object]:
    """All that is judged in sentences put together of the parts above."""
    text = "\n\n".join(f"{subject} {verb} {what}." for subject in SUBJECTS for verb in VERBS for what in OBJECTS)
    return [
        (
            j.target.start, j.target.end, j.target.kind, j.target.id, j.stance, j.strength, j.evidence,
            {name: f"{chance:.9f}" for name, chance in j.probabilities.items()},
        )
        for j in stance.analyze(text, model=model)
    ]  # fmt: skip


def main() -> int:
    found = judgements(stance.load())
    lines = [json.dumps(each, ensure_ascii=False) for each in found]
    if "--all" in sys.argv:
        print("\n".join(lines))
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    versions = " ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn", "nltk"))
    print(f"{digest} {len(lines)} judgements", flush=True)
    print(f"Python {sys.version.split()[0]} {versions}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
