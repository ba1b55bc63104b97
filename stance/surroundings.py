"""The words around a target as features, by side and distance: summed along each sentence once for all its targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.features import BUCKETS, NOTHING, negated
from stance.hashing import Codes, Floats, Integers, Templates, is_any
from stance.mentions import Mention
from stance.token_table import TokenTable, counted


class Window(NamedTuple):
    """What is seen to one side of a target: a template, how many tokens far, what one counts beside a plain feature."""

    side: str
    template: str
    width: int
    value: float


_WORD, _TONE, _MEANING = "word", "tone cue negated", "tone sense negated"
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
_SAME_TOKENS = [
    [number for number, window in enumerate(_WINDOWS) if (window.side, window.width) == place]
    for place in dict.fromkeys((window.side, window.width) for window in _WINDOWS)
]
TEMPLATES = Templates([window.template for window in _WINDOWS], BUCKETS, first=3000)


class Surroundings:
    """The windows around the mentions of a batch of sentences.

    A feature is a word in a window, or what a word means (a good, a harm, a predicate, its class) and whether it is
    negated. The tokens of a mention's windows stand at `firsts` up to but without `lasts`, both of the shape (windows,
    mentions); `buckets` holds the bucket of each token in each window, shape (windows, tokens), `NOTHING` for one that
    tells nothing.
    """

    def __init__(self, table: TokenTable, mentioned: Sequence[Sequence[Mention]]) -> None:
        offsets = np.array(table.offsets, dtype=np.int64)
        sentence = np.repeat(np.arange(len(offsets)), [len(group) for group in mentioned])
        begin, end = offsets[sentence], table.sentence_ends[sentence]
        first = begin + np.array([m.first for group in mentioned for m in group], dtype=np.int64)
        last = begin + np.array([m.last for group in mentioned for m in group], dtype=np.int64)
        edges = [
            (np.maximum(begin, first - w.width), first) if w.side == "left" else (last, np.minimum(end, last + w.width))
            for w in _WINDOWS
        ]
        self.firsts, self.lasts = (np.stack(those) for those in zip(*edges, strict=True))
        self._fields = _fields(table)
        self.buckets = self._hashed(len(table))

    def sums(self, weights_of: Callable[[Codes], NDArray[np.float32]]) -> Floats:
        """The sums of each mention's windows of the weights of their features, shape (mentions, columns).

        `weights_of` gives for buckets of the shape (tokens,) their weights, shape (tokens, columns).
        """
        found = 0.0
        for windows in _SAME_TOKENS:
            told = np.add.reduce([_WINDOWS[w].value * weights_of(self.buckets[w]) for w in windows])
            totals = np.zeros((len(told) + 1, told.shape[1]))
            np.cumsum(told, axis=0, out=totals[1:])
            found = found + (totals[self.lasts[windows[0]]] - totals[self.firsts[windows[0]]])
        return np.asarray(found)

    def listed(self) -> tuple[Integers, Codes, Floats]:
        """The same features one by one: the number of the mention, the bucket and the value of each."""
        mention, window, position = self._listed()
        return mention, self.buckets[window, position], _VALUES[window]

    def named(self, number: int, texts: Mapping[int, str]) -> tuple[list[str], Codes, Floats]:
        """The features around one mention: their names, buckets and values."""
        mention, window, position = self._listed()
        own = mention == number
        window, position = window[own], position[own]
        described = TEMPLATES.describe(self._fields, texts)
        names = [
            f"{_WINDOWS[w].side}{'' if _WINDOWS[w].width == _SENTENCE else _WINDOWS[w].width} {described[p][w]}"
            for w, p in zip(window.tolist(), position.tolist(), strict=True)
        ]
        return names, self.buckets[window, position], _VALUES[window]

    def _hashed(self, tokens: int) -> Codes:
        tone, sense, cue = (self._fields[name] for name in ("tone", "sense", "cue"))
        silent = {
            _WORD: np.zeros(tokens, dtype=bool),
            _TONE: is_any(tone, "", "plain") & (cue == 0),
            _MEANING: is_any(tone, "") & is_any(sense, ""),
        }
        hidden = np.stack([silent[window.template] for window in _WINDOWS])
        return np.where(hidden, np.uint32(NOTHING), TEMPLATES.hash(self._fields, tokens))

    def _listed(self) -> tuple[Integers, Integers, Integers]:
        """The mention, the window and the position of each token around, one after the other."""
        counts = (self.lasts - self.firsts).ravel()
        positions = np.repeat(self.firsts.ravel(), counts) + counted(counts)
        window, mention = np.divmod(np.repeat(np.arange(len(counts)), counts), self.firsts.shape[1])
        return mention, window, positions


_VALUES = np.array([window.value for window in _WINDOWS])


def _fields(table: TokenTable) -> dict[str, NDArray[np.uint32]]:
    columns = table.columns
    turned = negated(columns["tag"], np.arange(len(table)))
    return {
        "word": columns["mask"],
        "tone": columns["tone"],
        "sense": columns["sense"],
        "cue": columns["cue_label"],
        "negated": turned.astype(np.uint32),
    }
