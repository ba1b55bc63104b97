"""Sentences a second of the whole road and of its steps on one core, with CountVectorizer as the floor.

    python benchmarks/speed.py FOLDER_OR_FILE...

Figures of one run compare with each other; those of two machines, or of one machine twice, do not.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sklearn.feature_extraction.text import CountVectorizer

import stance
from stance import targets
from stance.cues import read
from stance.lexicon import load_lexicon
from stance.model import shipped_model

Result = TypeVar("Result")
REPEATS = 3


def best(step: Callable[[], Result]) -> tuple[float, Result]:
    """The shortest processor time of a few runs in seconds, and the result."""
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        result = step()
        times.append(time.process_time() - started)
    return min(times), result


def main(paths: list[str]) -> None:
    """Print one line a step."""
    files = [
        f for p in map(Path, paths) for f in (sorted(p.iterdir()) if p.is_dir() else [p]) if f.suffix in (".txt", ".md")
    ]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    if not texts:
        raise SystemExit(
            "benchmarks/speed.py: must be given .txt or .md files, got none; name a folder that holds some"
        )
    stance.analyze(texts[0])
    model, lexicon = shipped_model(), load_lexicon()
    segmenting, documents = best(lambda: [stance.segment(text) for text in texts])
    sentences = [sentence for document in documents for sentence in document.sentences]
    reading, readings = best(lambda: [read(sentence, lexicon) for sentence in sentences])
    finding, _ = best(lambda: [targets.find(readings[i : i + 100], model.finder) for i in range(0, len(readings), 100)])
    whole, _ = best(lambda: [stance.analyze(text) for text in texts])
    vectorizer = CountVectorizer(ngram_range=(1, 2)).fit(sentence.text for sentence in sentences)
    floor, _ = best(lambda: vectorizer.transform(sentence.text for sentence in sentences))
    print(f"{len(texts)} texts, {len(sentences)} sentences, {sum(map(len, texts)) / 1e6:.2f} MB, one core")
    for name, seconds in (
        ("segment", segmenting),
        ("read", reading),
        ("find targets", finding),
        ("whole road", whole),
        ("CountVectorizer", floor),
    ):
        print(f"{name:16} {len(sentences) / seconds:8.0f} sentences/s   {seconds / floor:5.1f} x the floor's time")


if __name__ == "__main__":
    main(sys.argv[1:])
