"""Records -> Examples: the features and stances of their targets, labelled or found, as scikit-learn takes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from stance.cues import Reading, read
from stance.document import Sentence
from stance.features import BUCKETS, features
from stance.finder_training import indicators
from stance.hashing import Floats
from stance.lexicon import Lexicon, load_lexicon
from stance.memo import collector_at_rest
from stance.mentions import Mention, mentions
from stance.records import Record
from stance.rules import cast_in_order
from stance.segmentation import token_span, tokenize
from stance.surroundings import Surroundings
from stance.targets import match_spans
from stance.token_table import TokenTable, token_table

_FOUND_WEIGHT = 0.5  # of a found target beside a labelled one's 1


class Examples(NamedTuple):
    """What a classifier is trained on: `X` features, `y` stances, `groups` statements, `weights`, one an element.

    `X` is a sparse matrix of the shape (elements, BUCKETS). `readings` are the sentences, `table` their tokens, `spans`
    their labelled token spans, and `mentioned` the mentions there.
    """

    X: csr_matrix
    y: NDArray[np.str_]
    groups: list[str]
    weights: Floats
    mentioned: list[list[Mention]]
    readings: list[Reading]
    table: TokenTable
    spans: list[list[tuple[int, int]]]

    def told_by_record(self, groups: Sequence[str], weights: Floats) -> Examples:
        """The same with the statement and the weight of each record for its elements."""
        counts = [len(within) for within in self.mentioned]
        return self._replace(groups=np.repeat(groups, counts).tolist(), weights=np.repeat(weights, counts))


@collector_at_rest()
def examples(records: Sequence[Record], lexicon: Lexicon | None = None) -> Examples:
    """The records as features, stances and groups for scikit-learn.

    Targets that begin or end within a word are widened to it.
    """
    lexicon = lexicon or load_lexicon()
    stances, groups, readings, spans, mentioned = [], [], [], [], []
    for record in records:
        reading = read(Sentence(record.text, 0, len(record.text), tokenize(record.text)), lexicon)
        touched = ((token_span(reading.tokens, t.start, t.end), t.stance) for t in record.targets)
        labelled = {span: stance for span, stance in touched if span is not None}
        within = mentions(reading, list(labelled))
        stances += [str(stance) for stance in labelled.values()]
        groups += [record.statement or record.id] * len(within)
        readings.append(reading)
        spans.append(list(labelled))
        mentioned.append(within)
    table = token_table(readings)
    X = _matrix(table, mentioned)
    return Examples(X, np.array(stances, dtype=np.str_), groups, np.ones(X.shape[0]), mentioned, readings, table, spans)


@collector_at_rest()
def with_found(
    made: Examples, spans: Sequence[Sequence[tuple[int, int]]], groups: Sequence[str], record_weights: Floats
) -> Examples:
    """The examples, and behind them the same sentences as the finder sees them, each with the weight of its record.

    The classifier meets targets with other edges than the labelled ones when it is used; here it learns from such. The
    `spans` of each sentence come from finders that did not see it, each takes the stance of the labelled target that it
    overlaps by half; those that overlap none are left out.
    """
    stances: list[str] = []
    mentioned = []
    labels = iter(made.y.tolist())
    for reading, labelled, found in zip(made.readings, made.mentioned, spans, strict=True):
        its = list(islice(labels, len(labelled)))
        within = mentions(reading, found)
        pairs = match_spans([_characters(m) for m in labelled], [_characters(m) for m in within])
        taken = {j: its[i] for i, j in pairs}
        stances += [taken.get(j, "") for j in range(len(within))]
        mentioned.append(within)
    y = np.array(stances, dtype=np.str_)
    kept = (y != "").nonzero()[0]
    counts = [len(within) for within in mentioned]
    return made._replace(
        X=vstack([made.X, _matrix(made.table, mentioned)[kept]], format="csr"),
        y=np.concatenate([made.y, y[kept]]),
        groups=made.groups + np.repeat(groups, counts)[kept].tolist(),
        weights=np.concatenate([made.weights, _FOUND_WEIGHT * np.repeat(record_weights, counts)[kept]]),
    )


def _matrix(table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> csr_matrix:
    """The features of all mentions, shape (mentions, BUCKETS)."""
    cast_in_order(mentioned)
    own = indicators(features(table, mentioned), BUCKETS)
    mention, bucket, value = Surroundings(table, mentioned).listed()
    around = csr_matrix((value, (mention, bucket)), shape=(own.shape[0], BUCKETS + 1))[:, :BUCKETS]
    return csr_matrix(own + around)


def _characters(mention: Mention) -> tuple[int, int]:
    return mention.reading.tokens.span(mention.first, mention.last)
