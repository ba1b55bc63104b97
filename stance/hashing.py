"""Fields -> buckets: tuples of coded fields hashed into numbered weights, for a whole batch in a few NumPy operations.

A *field* is a row of codes, one for each thing to be scored (a token, a pair of tokens, a target). A *template* names
the fields that make one feature together; its bucket is the hash of their codes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.memo import Memo

Codes = NDArray[np.uint32]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Weights = NDArray[np.floating[Any]]
Coder = Callable[[str], int]

_PRIME = np.uint32(0x9E3779B1)
_FIRST, _SECOND = np.uint32(0x2C1B3C6D), np.uint32(0x297A2D39)  # of a finish in which each bit touches all
_FIFTEEN, _TWELVE = np.uint32(15), np.uint32(12)
_SEED = 0x9E3779B1
_LONGEST = 200  # characters of a text whose code is kept: labels are made of several words


def _code(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "surrogatepass"))


# The code of a text: the same on every machine and in every process (CRC-32).
code: Coder = Memo(_code, _LONGEST).__getitem__


def places_of(buckets: Codes, size: int) -> NDArray[np.int32]:
    """The place of each of `size` buckets among those given, in rising order, which have one; behind them of others."""
    places = np.full(size, len(buckets), dtype=np.int32)
    places[buckets] = np.arange(len(buckets))
    return places


class Templates:
    """Templates over named fields, ready to be hashed.

    A template is written as the names of its fields with spaces between; `names` holds them split, those of most fields
    first. Templates of the same number and codes share a bucket: `numbers` are 1, 2, 3 ... unless given, and sets which
    share weights are numbered apart. `fields` are the fields in the order in which `hash` gets them, that of the
    templates unless given; `counted` are those that hold numbers, not codes.
    """

    def __init__(
        self,
        names: Sequence[str],
        buckets: int,
        numbers: Sequence[int] = (),
        fields: Sequence[str] = (),
        counted: Collection[str] = (),
    ) -> None:
        given = zip(numbers or range(1, len(names) + 1), (tuple(name.split()) for name in names), strict=True)
        numbered = sorted(given, key=lambda each: -len(each[1]))
        self.names: tuple[tuple[str, ...], ...] = tuple(name for _, name in numbered)
        self.numbers = tuple(number for number, _ in numbered)
        self.fields = tuple(fields or dict.fromkeys(field for template in self.names for field in template))
        self._counted = frozenset(counted)
        self._last_bucket = np.uint32(buckets - 1)
        rows = {field: number for number, field in enumerate(self.fields)}
        parts = zip_longest(*self.names)  # the first fields, the second ones ..., which ever fewer templates have
        self._parts = [np.array([rows[field] for field in part if field is not None]) for part in parts]
        seeds = np.array(self.numbers, dtype=np.uint64) * np.uint64(_SEED)
        self._seeds = (seeds & np.uint64(0xFFFFFFFF)).astype(np.uint32)[:, None]

    def __len__(self) -> int:
        """How many templates."""
        return len(self.names)

    def hash(self, values: NDArray[Any]) -> Codes:
        """The bucket of each template for each thing, shape (templates, things), from the values of `fields`."""
        if len(values) != len(self.fields):
            raise ValueError(f"values must have {len(self.fields)} rows, got {len(values)}; give one a field, in order")
        codes = values.astype(np.uint32, copy=False)
        mixed = np.empty((len(self), values.shape[1]), dtype=np.uint32)
        mixed[:] = self._seeds
        scratch = np.empty_like(mixed)  # new memory is what takes most of the time here
        for part in self._parts:
            own, taken = mixed[: len(part)], scratch[: len(part)]
            codes.take(part, axis=0, out=taken, mode="clip")
            own += taken
            own *= _PRIME
        for shift, factor in ((_FIFTEEN, _FIRST), (_TWELVE, _SECOND)):
            np.right_shift(mixed, shift, out=scratch)
            mixed ^= scratch
            mixed *= factor
        np.right_shift(mixed, _FIFTEEN, out=scratch)
        mixed ^= scratch
        mixed &= self._last_bucket
        return mixed

    def describe(self, values: NDArray[Any], texts: Mapping[int, str]) -> list[list[str]]:
        """The features by name, for each thing one a template ("cue=condemn preposition=of"); `texts` undoes codes."""
        fields = dict(zip(self.fields, values.tolist(), strict=True))
        columns = []
        for template in self.names:
            rows = zip(*(fields[field] for field in template), strict=True)
            undone: list[Mapping[int, str]] = [{} if name in self._counted else texts for name in template]
            columns.append(
                [" ".join(f"{f}={t.get(v, v)}" for f, t, v in zip(template, undone, row, strict=True)) for row in rows]
            )
        return [list(row) for row in zip(*columns, strict=True)]
