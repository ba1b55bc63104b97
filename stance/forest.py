"""Boosted decision trees as arrays: values of things -> logits, as scikit-learn's trees would give them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.hashing import Floats

_AT_ONCE = 1 << 20  # ways of a thing through a tree that are gone together; bounds memory


class Forest(NamedTuple):
    """Trees of one depth, each complete: the children of node n are 2n + 1, where it goes on if not above, and 2n + 2.

    `columns` tells which column of the values a node asks for and `bounds` what it must be above to go right, both of
    the shape (trees, 2**depth - 1); `leaves`, shape (trees, 2**depth), what a tree adds to the logit.
    """

    columns: NDArray[np.uint8]
    bounds: NDArray[np.float32]
    leaves: NDArray[np.float32]

    def logits(self, values: NDArray[np.float32]) -> Floats:
        """The logits of things, shape (things,); their values have the shape (things, columns)."""
        step = max(1, _AT_ONCE // len(self.columns))
        parts = [self._logits(values[i : i + step]) for i in range(0, len(values), step)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _logits(self, values: NDArray[np.float32]) -> Floats:
        trees, inner = self.columns.shape
        tree = np.arange(trees, dtype=np.int32)  # half the bytes of numbers in 64 bits, and half the time
        first = tree * inner  # where the nodes of a tree begin among all
        row = (np.arange(len(values), dtype=np.int32) * values.shape[1])[:, None]
        columns, bounds, flat = self.columns.ravel().astype(np.int32), self.bounds.ravel(), values.ravel()
        node = np.zeros((len(values), trees), dtype=np.int32)
        for _ in range(int(inner).bit_length()):
            asked = node + first
            node = 2 * node + 1 + (flat.take(columns.take(asked) + row) > bounds.take(asked))
        leaf = node - inner + tree * (inner + 1)
        return np.asarray(self.leaves.ravel().take(leaf).sum(axis=1, dtype=np.float64))
