"""How often stances are right: beside others on the same targets, by amount and parts of the data, by confidence.

    python benchmarks/accuracy.py [FILE...] [--parts peers curve ablation coverage] [--write PAGE...]

FILE is a labelled file or folder in any format that stance reads; what is learned is `datasets/`, or --train. Without
FILE a fifth of the statements is held out and learned from the others. The targets are given to all. With the shipped
sentences and a FILE the shipped model answers; else one is trained, which takes minutes. The curve and the ablation
fit the features of the targets only and train no network; the row "features alone" says what that costs. `make
bench-accuracy FILES=...` installs what it compares with; what is missing is skipped and said so.

--write puts each row into the pages in the place of the row of the same name, between `<!-- PART -->` and
`<!-- end -->`; rows that were skipped stay as they are.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

import stance
from stance.bootstrap import class_f1, interval, macro_f1
from stance.document import STANCES, Stance
from stance.estimator import TargetFeatures, records_to_rows
from stance.evaluation import coverage, measure
from stance.fitting import make_steps
from stance.lexicon import Lexicon, Match, load_lexicon
from stance.model import Model, shipped_model
from stance.records import LabelledTarget, Record
from stance.rows import format_markdown
from stance.word_tables import TABLES

SIZES = (500, 1000, 2000, 4000, 8000, 16000)  # sentences of the curve
NEAR = 4  # words beside a target that TF-IDF tells from those further off
SEED = 0

Row = dict[str, object]
Answers = Sequence[Stance | str]  # one a target, in the order of the records


@dataclass(frozen=True)
class Task:
    """The records to learn from and those that are asked for; `shipped` where the shipped model has learned."""

    learned: Sequence[Record]
    asked: Sequence[Record]
    shipped: bool

    @cached_property
    def model(self) -> Model:
        """The shipped model, or one that learned."""
        return shipped_model() if self.shipped else stance.train(self.learned)


def make_task(paths: Sequence[str], train: str | None) -> Task:
    """The records of the files, or a fifth of the statements of those to learn from."""
    records = stance.read_records(train) if train else stance.load_records()
    if paths:
        return Task(records, [record for path in paths for record in stance.read_records(path)], not train)
    splits = GroupShuffleSplit(1, test_size=0.2, random_state=SEED).split(
        records, groups=[record.statement or record.id for record in records]
    )
    learned, asked = next(splits)
    return Task([records[n] for n in learned], [records[n] for n in asked], False)


def scored(name: str, records: Sequence[Record], answers: Answers, **told: object) -> Row:
    """A row with the macro-F1 of the answers, its 95% interval over sentences, and the F1 of each stance."""
    counts, left = np.zeros((len(records), 9), dtype=np.int64), iter(answers)
    for row, record in zip(counts, records, strict=True):
        for target in record.targets:
            row[3 * STANCES.index(target.stance) + STANCES.index(Stance(next(left)))] += 1
    low, high = interval(counts, macro_f1)
    total = counts.sum(axis=0)
    each = {str(stance): f"{value:.3f}" for stance, value in zip(STANCES, class_f1(total), strict=True)}
    return {"": name, "macro-F1": f"{macro_f1(total):.3f}", "95%": f"{low:.3f} to {high:.3f}"} | each | told


# Those that answer


def ours(task: Task) -> Answers:
    """The whole model."""
    return [j.stance for record in task.asked for j in stance.judge(record.text, record.spans, model=task.model)]


def features_alone(task: Task, lexicon: Lexicon | None = None) -> Answers:
    """The model of features, without the network."""
    features, stances, _ = featured(task.learned, lexicon)
    return fitted(features, stances, featured(task.asked, lexicon)[0])


def featured(records: Sequence[Record], lexicon: Lexicon | None = None) -> tuple[Any, Any, Any]:
    """The features of the targets, their stances, and the numbers of their records."""
    rows, stances, _ = records_to_rows(records)
    owners = np.repeat(np.arange(len(records)), [len(record.targets) for record in records])
    return TargetFeatures(lexicon).fit_transform(rows), np.array(stances), owners


def fitted(features: Any, stances: Any, asked: Any) -> Answers:
    """The answers of a classifier fitted on features and stances."""
    return list(make_steps().fit(features, stances).predict(asked))


def vader(task: Task) -> Answers:
    """VADER: the tone of the sentence, by its authors' thresholds."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return by_tone(task.asked, lambda text: analyzer.polarity_scores(text)["compound"], 0.05)


def textblob(task: Task) -> Answers:
    """TextBlob: the tone of the sentence."""
    from textblob import TextBlob

    return by_tone(task.asked, lambda text: TextBlob(text).sentiment.polarity, 1e-9)


def by_tone(records: Iterable[Record], tone: Callable[[str], float], least: float) -> list[Stance]:
    """The sign of the tone of a sentence as the stance on each of its targets; neutral below `least`."""
    tones = [(tone(record.text), len(record.targets)) for record in records]
    signs = [Stance.SUPPORT if t >= least else Stance.CONDEMN if t <= -least else Stance.NEUTRAL for t, _ in tones]
    return [sign for sign, (_, targets) in zip(signs, tones, strict=True) for _ in range(targets)]


def tf_idf(task: Task) -> Answers:
    """TF-IDF of words and pairs that know on which side of the target they stand, and how near; logistic regression."""
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=placed_words, min_df=2, sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
    )
    learned = [(record, target) for record in task.learned for target in record.targets]
    pipeline.fit(learned, [str(target.stance) for _, target in learned])
    return list(pipeline.predict([(record, target) for record in task.asked for target in record.targets]))


def placed_words(pair: tuple[Record, LabelledTarget]) -> Iterator[str]:
    """The words and pairs of words before, in and behind a target, each marked with its place."""
    record, target = pair
    before, within, after = (
        re.findall(r"\w+", part.lower())
        for part in (record.text[: target.start], record.text[target.start : target.end], record.text[target.end :])
    )
    places = {"<<": before, "<": before[-NEAR:], "=": within, ">": after[:NEAR], ">>": after}
    for place, words in places.items():
        yield from (f"{place}{word}" for word in words)
        yield from (f"{place}{one} {other}" for one, other in zip(words, words[1:], strict=False))


def minilm(task: Task) -> Answers:
    """A transformer that is fine-tuned on the same records."""
    import torch
    from minilm import fine_tuned

    torch.set_num_threads(1)
    return fine_tuned(task.learned, task.asked)


PEERS: dict[str, Callable[[Task], Answers]] = {
    "joint-stance": ours,
    "joint-stance, features alone": features_alone,
    "MiniLM, fine-tuned": minilm,
    "TF-IDF + logistic regression": tf_idf,
    "VADER": vader,
    "TextBlob": textblob,
}


# Parts


def peers(task: Task, names: Sequence[str]) -> Iterator[Row]:
    """Each that answers: how often it is right, from how many sentences, and in how long."""
    for name in names:
        started = time.process_time()
        try:
            answers = PEERS[name](task)
        except ImportError as error:
            print(f"{name}: skipped: {error}", flush=True)
            continue
        learned = 0 if name in ("VADER", "TextBlob") else len(task.learned)
        seconds = f"{time.process_time() - started:,.0f}"
        if task.shipped and name == "joint-stance":
            learned, seconds = task.model.card["records"], "shipped"
        yield scored(name, task.asked, answers, learned=f"{learned:,}", seconds=seconds)


def curve(task: Task) -> Iterator[Row]:
    """The features on growing parts of the statements."""
    features, stances, owners = featured(task.learned)
    asked, _, _ = featured(task.asked)
    names = [record.statement or record.id for record in task.learned]
    place = {name: n for n, name in enumerate(np.random.default_rng(SEED).permutation(sorted(set(names))).tolist())}
    order = sorted(range(len(names)), key=lambda n: place[names[n]])
    parts = {f"{size:,} sentences": order[:size] for size in SIZES if size < len(order)} | {"all sentences": order}
    for name, part in parts.items():
        kept = np.isin(owners, part)
        answers = fitted(features[kept], stances[kept], asked)
        yield scored(name, task.asked, answers, learned=f"{len(part):,}")


class Without(Lexicon):
    """The shipped tables less one."""

    def __init__(self, table: str) -> None:
        whole = load_lexicon()
        super().__init__([], whole.function_words, {} if table == "words" else whole.vocabulary, f"no {table}")
        self.table = table

    def find(self, words: Sequence[str], keys: Sequence[str] | None = None) -> list[Match]:
        """What the shipped tables find, less what the one would have."""
        return [match for match in load_lexicon().find(words, keys) if match.entry.table != self.table]


def ablation(task: Task, families: int) -> Iterator[Row]:
    """The features without the votes, without each table, and without each of the largest families of sentences."""
    yield scored("all of it", task.asked, features_alone(task))
    with mock.patch("stance.features.votes", return_value={}):
        yield scored("without the votes of the rules", task.asked, features_alone(task))
    for table in (*TABLES, "words"):
        yield scored(f"without the table of {table}", task.asked, features_alone(task, Without(table)))
    features, stances, owners = featured(task.learned)
    asked, _, _ = featured(task.asked)
    spoken = Counter(record.family for record in task.learned)
    for name, _ in spoken.most_common(families):
        kept = np.array([record.family != name for record in task.learned])[owners]
        if kept.any():
            answers = fitted(features[kept], stances[kept], asked)
            yield scored(f"without the family {name}", task.asked, answers)


def confident(task: Task) -> Iterator[Row]:
    """What `--min-confidence` leaves, and how often that is right."""
    for point in coverage(measure(task.model, task.asked)):
        yield {
            "--min-confidence": f"{point.min_confidence:g}",
            "targets left": f"{point.targets:,}",
            "share of all": f"{point.coverage:.0%}",
            "judged right": f"{point.right:.1%}",
        }


def write_rows(paths: Sequence[Path], part: str, rows: Sequence[Row]) -> None:
    """Put the rows into the table of each file that has one, each in the place of that with the same first cell."""
    begin, end = f"<!-- {part} -->\n", "<!-- end -->"
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    holding = [path for path, text in texts.items() if begin in text and end in text.partition(begin)[2]]
    if not holding:
        named = ", ".join(map(str, paths))
        raise SystemExit(f"{named}: must hold {begin.strip()} and {end}, got neither; add them")
    for path in holding:
        head, _, rest = texts[path].partition(begin)
        table, _, tail = rest.partition(end)
        lines = by_name(table.splitlines()) | by_name(format_markdown(rows, list(rows[0])))
        path.write_text("".join((head, begin, *(f"{line}\n" for line in lines.values()), end, tail)), encoding="utf-8")


def by_name(lines: Iterable[str]) -> dict[str, str]:
    """The lines of a table by their first cells."""
    return {line.split("|")[1].strip(): line for line in lines if line.startswith("|")}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the parts asked for as tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", metavar="FILE", help="what is asked for")
    parser.add_argument("--train", metavar="FILE", help="what is learned instead of datasets/")
    parser.add_argument("--parts", nargs="+", choices=("peers", "curve", "ablation", "coverage"))
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="NAME")
    parser.add_argument("--families", type=int, default=8, help="left out in turn, the largest first; default 8")
    parser.add_argument("--write", type=Path, nargs="+", metavar="PAGE", help="write the rows into these files too")
    options = parser.parse_args(arguments)
    task = make_task(options.paths, options.train)
    parts: dict[str, Callable[[], Iterator[Row]]] = {
        "peers": lambda: peers(task, options.peers),
        "curve": lambda: curve(task),
        "ablation": lambda: ablation(task, options.families),
        "coverage": lambda: confident(task),
    }
    targets = sum(len(record.targets) for record in task.asked)
    print(f"{len(task.learned):,} sentences to learn from; {len(task.asked):,} with {targets:,} targets asked for")
    with threadpool_limits(1):
        for part in options.parts or parts:
            started = time.perf_counter()
            rows = list(parts[part]())
            print(
                f"\n{part}, {time.perf_counter() - started:,.0f} s\n", *format_markdown(rows, list(rows[0])), sep="\n"
            )
            if options.write:
                write_rows(options.write, part, rows)


if __name__ == "__main__":
    main()
