"""The words around a target as features, by side and distance: summed along each sentence once for all its targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.features import BUCKETS
from stance.hashing import Codes, Floats, Integers, Templates, Weights, code
from stance.mentions import Mention
from stance.token_table import ROW, TokenTable, runs

NOTHING = BUCKETS  # the bucket of what tells nothing; it has no weight


class Window(NamedTuple):
    """What is seen to one side of a target: a template, how many tokens far, what one counts beside a plain feature."""

    side: str
    template: str
    width: int
    value: float


_WORD, _TONE, _MEANING = "word", "tone cue negated", "tone sense negated"
_AT_ONCE = 500  # tokens whose weights are summed at once: as many as the processor's nearest memory holds
_SENTENCE = 1 << 30  # as far as the sentence goes
# Widths and values were chosen by cross-validation.
_WINDOWS = tuple(
    Window(side, template, width, value)
    for template, widths in (
        (_TONE, ((3, 1.0), (7, 1.0), (15, 1.0), (_SENTENCE, 0.5))),
        (_MEANING, ((7, 0.5), (_SENTENCE, 0.5))),
        (_WORD, ((7, 0.5), (15, 0.5), (_SENTENCE, 0.5))),
    )
    for width, value in widths
    for side in ("left", "right")
)  # in the order that `Templates` keeps
_PLACES = list(dict.fromkeys((window.side, window.width) for window in _WINDOWS))
_PLACE = [_PLACES.index((window.side, window.width)) for window in _WINDOWS]  # the first windows are one a place
# The others, in runs of which the places follow one another too: the windows of these places, and the run.
_RUNS = [
    (slice(_PLACE[run[0]], _PLACE[run[-1]] + 1), slice(run[0], run[-1] + 1))
    for _, those in groupby(range(len(_PLACES), len(_WINDOWS)), key=lambda window: _PLACE[window] - window)
    for run in [list(those)]
]
_LEFT = np.array([[window.side == "left"] for window in _WINDOWS])
_WIDTHS = np.array([[window.width] for window in _WINDOWS])
_VALUES = np.array([window.value for window in _WINDOWS], dtype=np.float32)
_PLAIN = code("plain")
_SORTS = (_WORD, _TONE, _MEANING)
_SORT = np.array([_SORTS.index(window.template) for window in _WINDOWS])
_FIELDS = ("word", "tone", "sense", "cue", "negated")
_ROWS = np.array([ROW[column] for column in ("mask", "tone", "sense", "cue_label", "negated")])
TEMPLATES = Templates(
    [window.template for window in _WINDOWS], BUCKETS, range(3001, 3001 + len(_WINDOWS)), _FIELDS, ("negated",)
)


class Surroundings:
    """The windows around the mentions of a batch of sentences.

    A feature is a word in a window, or what a word means (a good, a harm, a predicate, its class) and whether it is
    negated. The tokens of a mention's windows stand at `firsts` up to but without `lasts`, both of the shape (windows,
    mentions), and its own between the two rows of `edges`, shape (2, mentions); `buckets` holds the bucket of each
    token in each window, shape (windows, tokens), `NOTHING` for one that tells nothing.
    """

    def __init__(self, table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> None:
        sizes = [len(group) for group in mentioned]
        begin, end = table.offsets.repeat(sizes), table.sentence_ends.repeat(sizes)
        self.edges = first, last = table.edges([[(m.first, m.last) for m in group] for group in mentioned])
        self.firsts = np.where(_LEFT, np.maximum(begin, first - _WIDTHS), last)
        self.lasts = np.where(_LEFT, first, np.minimum(end, last + _WIDTHS))
        self._values = table.codes.take(_ROWS, axis=0)
        self.buckets = _hashed(self._values)
        self._parts = _parts(table, sizes)

    def sums(self, weights_of: Callable[[Codes], NDArray[np.float32]]) -> Floats:
        """The sums of each mention's windows of the weights of their features, shape (mentions, columns).

        `weights_of` gives for buckets their weights, with one more axis of columns, in an array of its own.
        """
        parts = [self._summed(weights_of, *part) for part in self._parts]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _summed(
        self, weights_of: Callable[[Codes], NDArray[np.float32]], begin: int, end: int, first: int, last: int
    ) -> Floats:
        """The sums of the mentions `first:last`, whose sentences are the tokens `begin:end`."""
        weights = weights_of(self.buckets[:, begin:end])
        weights *= _VALUES[:, None, None]
        places, (_, tokens, columns) = len(_PLACES), weights.shape
        for its, more in _RUNS:
            weights[its] += weights[more]
        totals = np.zeros((places, tokens + 1, columns))
        weights[:places].cumsum(axis=1, out=totals[:, 1:])
        rows = totals.reshape(-1, columns)
        steps = np.arange(places)[:, None] * (tokens + 1) - begin
        up_to, before = self.lasts[:places, first:last] + steps, self.firsts[:places, first:last] + steps
        return np.asarray((rows.take(up_to, axis=0) - rows.take(before, axis=0)).sum(axis=0))

    def listed(self) -> tuple[Integers, Codes, Weights]:
        """The same features one by one: the number of the mention, the bucket and the value of each."""
        mention, window, position = self._listed()
        return mention, self.buckets[window, position], _VALUES[window]

    def named(self, number: int, texts: Mapping[int, str]) -> tuple[list[str], Codes, Weights]:
        """The features around one mention: their names, buckets and values."""
        mention, window, position = self._listed()
        own = mention == number
        window, position = window[own], position[own]
        described = TEMPLATES.describe(self._values, texts)
        names = [
            f"{_WINDOWS[w].side}{'' if _WINDOWS[w].width == _SENTENCE else _WINDOWS[w].width} {described[p][w]}"
            for w, p in zip(window.tolist(), position.tolist(), strict=True)
        ]
        return names, self.buckets[window, position], _VALUES[window]

    def _listed(self) -> tuple[Integers, Integers, Integers]:
        """The mention, the window and the position of each token around, one after the other."""
        counts = (self.lasts - self.firsts).ravel()
        positions = runs(self.firsts.ravel(), counts)
        window, mention = np.divmod(np.repeat(np.arange(len(counts)), counts), self.firsts.shape[1])
        return mention, window, positions


def _parts(table: TokenTable, sizes: Sequence[int]) -> list[tuple[int, int, int, int]]:
    """The tokens, from where to where, and the mentions of some sentences each; `sizes` tells how many each has."""
    if len(table) <= _AT_ONCE:
        return [(0, len(table), 0, sum(sizes))]
    block = table.offsets // _AT_ONCE
    cuts = ((block[1:] != block[:-1]).nonzero()[0] + 1).tolist()
    before = [0, *accumulate(sizes)]
    edges = [(0, 0), *((int(table.offsets[cut]), before[cut]) for cut in cuts), (len(table), before[-1])]
    return [(begin, end, first, last) for (begin, first), (end, last) in pairwise(edges)]


def _hashed(values: Codes) -> Codes:
    """The bucket of each token in each window, shape (windows, tokens)."""
    _, tone, sense, cue, _ = values
    toneless = tone == 0
    silent = np.array(
        (  # in the order of `_SORTS`
            np.zeros(len(tone), dtype=bool),
            (toneless | (tone == _PLAIN)) & (cue == 0),
            toneless & (sense == 0),
        )
    )
    return np.where(silent[_SORT], np.uint32(NOTHING), TEMPLATES.hash(values))
