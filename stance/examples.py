"""Records -> Examples: the features and stances of their targets, as scikit-learn takes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.utils.parallel import Parallel, delayed

from stance.cues import Reading, read
from stance.document import Sentence, Stance
from stance.features import BUCKETS, features
from stance.finder_training import indicators
from stance.hashing import Floats
from stance.lexicon import Lexicon, load_lexicon
from stance.memo import collector_at_rest
from stance.mentions import Mention, forget, mentions
from stance.records import Record
from stance.rules import cast_in_order
from stance.segmentation import token_span, tokenize
from stance.surroundings import Surroundings
from stance.token_table import TokenTable, joined, token_table

_TOGETHER = 5_000  # records that are read together


class Examples(NamedTuple):
    """What a classifier is trained on: `X` features, `y` stances, `groups` statements, `weights`, one an element.

    `X` is a sparse matrix of the shape (elements, BUCKETS). `table` holds the tokens of the sentences, `spans` their
    labelled token spans.
    """

    X: csr_matrix
    y: NDArray[np.str_]
    groups: list[str]
    weights: Floats
    table: TokenTable
    spans: list[list[tuple[int, int]]]

    def told_by_record(self, groups: Sequence[str], weights: Floats) -> Examples:
        """The same with the statement and the weight of each record for its elements."""
        counts = [len(labelled) for labelled in self.spans]
        return self._replace(groups=np.repeat(groups, counts).tolist(), weights=np.repeat(weights, counts))


class Marked(NamedTuple):
    """Labelled sentences as read: their `readings`, and for each its `mentions` and the `stances` on them."""

    readings: list[Reading]
    mentions: list[list[Mention]]
    stances: list[list[Stance]]


@collector_at_rest()
def examples(records: Sequence[Record], lexicon: Lexicon | None = None, processes: int = 1) -> Examples:
    """The records as features, stances and groups for scikit-learn.

    Targets that begin or end within a word are widened to it. So many `processes` share the work; each part of the
    records is read and forgotten, since readings take far more memory than what is learned from.
    """
    lexicon = lexicon or load_lexicon()
    starts = range(0, max(len(records), 1), _TOGETHER)
    workers = Parallel(n_jobs=processes)
    parts = workers(delayed(_examples)(records[start : start + _TOGETHER], lexicon) for start in starts)
    matrices, stances, groups, weights, tables, spans = zip(*parts, strict=True)
    return Examples(
        csr_matrix(vstack(matrices)),
        np.concatenate(stances),
        list(chain.from_iterable(groups)),
        np.concatenate(weights),
        joined(tables),
        list(chain.from_iterable(spans)),
    )


def _examples(records: Sequence[Record], lexicon: Lexicon) -> Examples:
    """The examples of records that are read together."""
    with collector_at_rest():  # in a process of its own too
        marked = read_marked(records, lexicon)
        table = token_table(marked.readings)
        X = _matrix(table, marked.mentions)
    forget(marked.mentions)
    return Examples(
        X,
        np.array(list(map(str, chain.from_iterable(marked.stances))), dtype=np.str_),
        [record.statement or record.id for record, its in zip(records, marked.mentions, strict=True) for _ in its],
        np.ones(X.shape[0]),
        table,
        [[(mention.first, mention.last) for mention in its] for its in marked.mentions],
    )


def read_marked(records: Sequence[Record], lexicon: Lexicon | None = None) -> Marked:
    """The sentences of records, with the mentions that are labelled there."""
    lexicon = lexicon or load_lexicon()
    marked = Marked([], [], [])
    for record in records:
        reading = read(Sentence(record.text, 0, len(record.text), tokenize(record.text)), lexicon)
        touched = ((token_span(reading.tokens, t.start, t.end), t.stance) for t in record.targets)
        labelled = {span: stance for span, stance in touched if span is not None}
        marked.readings.append(reading)
        marked.mentions.append(mentions(reading, list(labelled)))
        marked.stances.append(list(labelled.values()))
    return marked


def _matrix(table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> csr_matrix:
    """The features of all mentions, shape (mentions, BUCKETS)."""
    cast_in_order(mentioned)
    own = indicators(features(table, mentioned), BUCKETS)
    mention, bucket, value = Surroundings(table, mentioned).listed()
    around = csr_matrix((value, (mention, bucket)), shape=(own.shape[0], BUCKETS + 1))[:, :BUCKETS]
    return csr_matrix(own + around)
