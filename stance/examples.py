"""Records -> Examples: the features and stances of their targets, as scikit-learn takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

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
from stance.token_table import TokenTable, token_table


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


def _matrix(table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> csr_matrix:
    """The features of all mentions, shape (mentions, BUCKETS)."""
    cast_in_order(mentioned)
    own = indicators(features(table, mentioned), BUCKETS)
    mention, bucket, value = Surroundings(table, mentioned).listed()
    around = csr_matrix((value, (mention, bucket)), shape=(own.shape[0], BUCKETS + 1))[:, :BUCKETS]
    return csr_matrix(own + around)
