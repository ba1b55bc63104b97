"""Texts -> the sentences most worth labelling next: those of which a model is least sure, no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from stance.analysis import analyze_together
from stance.document import Judgement
from stance.hashing import Floats
from stance.model import Model
from stance.records import LabelledTarget, Record

_LEAST_SURE = 3  # judgements of a sentence that count for how unsure it is
_FEWEST, _MOST = 4, 120  # words; headings teach little, lists and tables are no sentences


_ON_ONE_LINE = dict.fromkeys(map(ord, "\n\r"), " ")  # a sentence may stand on several; offsets stay as they are


class Suggestion(NamedTuple):
    """A sentence with the model's labels as a proposal, and how unsure the model is of them, 0..1."""

    record: Record
    doubt: float


def candidates(texts: Iterable[tuple[str, str]], model: Model | None = None) -> list[Suggestion]:
    """The sentences of texts, each with its proposed labels, in order and each wording once.

    Parameters
    ----------
    texts
        Pairs of a name, which becomes the statement of the sentences, and the text.
    model
        The model that labels; the shipped one if None.
    """
    made: dict[str, Suggestion] = {}
    for name, text in texts:
        (analysis,) = analyze_together([text], model=model, least=0.0)  # the doubtful are what is looked for
        told: dict[int, list[Judgement]] = {}  # by where their sentence begins
        for judgement in analysis.judgements:
            told.setdefault(analysis.sentence_of(judgement).start, []).append(judgement)
        for number, sentence in enumerate(analysis.document.sentences, 1):
            if not _FEWEST <= len(sentence.tokens) <= _MOST:
                continue
            within = [j for j in told.get(sentence.start, ()) if j.target.end <= sentence.end]
            targets = tuple(_proposed(judgement, sentence.start, sentence.end) for judgement in within)
            key = " ".join(sentence.text.casefold().split())
            record = Record(f"{name}:{number}", sentence.text.translate(_ON_ONE_LINE), targets, name, name)
            made.setdefault(key, Suggestion(record, _doubt(within)))
    return list(made.values())


def suggest(found: Sequence[Suggestion], most: int, labelled: Iterable[str] = ()) -> list[Suggestion]:
    """The sentences to label next, the best first.

    Each next one is that with the greatest doubt times its distance from the nearest one chosen, or already labelled
    (1 - cosine of vectors that say which words and pairs of words stand in a sentence); of equals the first.

    Parameters
    ----------
    found
        What `candidates` gives.
    most
        How many are wanted.
    labelled
        Texts of sentences that have labels already.
    """
    known = list(labelled)
    if not found:
        return []
    vectors = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", binary=True, use_idf=False).fit_transform(
        [*(each.record.text for each in found), *known]
    )
    rows, others = vectors[: len(found)], vectors[len(found) :]
    nearest: Floats = np.zeros(len(found))
    if known:
        nearest = np.asarray((rows @ others.T).max(axis=1).todense()).ravel()
    doubts = np.array([each.doubt for each in found])
    free = np.ones(len(found), dtype=bool)
    chosen: list[Suggestion] = []
    for _ in range(min(most, len(found))):
        worth = np.where(free, np.round(doubts * (1 - np.minimum(nearest, 1)), 9), -1.0)
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        chosen.append(found[best])
        free[best] = False
        nearest = np.maximum(nearest, np.asarray((rows @ rows[best].T).todense()).ravel())
    return chosen


def _proposed(judgement: Judgement, start: int, end: int) -> LabelledTarget:
    """A judgement as a label of the sentence that stands at `start:end`; a holder in another one is left out."""
    target, holder = judgement.target, judgement.holder
    span = None
    if holder.start is not None and holder.end is not None and start <= holder.start < holder.end <= end:
        span = (holder.start - start, holder.end - start)
    return LabelledTarget(target.start - start, target.end - start, judgement.stance, str(target.kind), span)


def _doubt(judgements: Sequence[Judgement]) -> float:
    """The mean of 1 - (first - second probability) over the judgements that are least sure; 0 without any."""
    margins = sorted(chances[-1] - chances[-2] for chances in (sorted(j.probabilities.values()) for j in judgements))
    least = margins[:_LEAST_SURE]
    return 1 - sum(least) / len(least) if least else 0.0
