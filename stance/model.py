"""The learned part: weights and trees in arrays and a card that says where they come from. Loading it runs no code.

A stance is scored twice: once from a mention's own features, then with the probabilities of the targets around it
added to them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.document import STANCES
from stance.features import BUCKETS, TEMPLATES
from stance.forest import Forest
from stance.hashing import Codes, Floats
from stance.joint import TEMPLATES as NEIGHBOURS
from stance.lexicon import TABLES, Lexicon, load_lexicon
from stance.outputs import replaced
from stance.rivals import COLUMNS
from stance.span_features import BUCKETS as FINDER_BUCKETS
from stance.span_features import PAIR_TEMPLATES, TOKEN_TEMPLATES
from stance.surroundings import TEMPLATES as WINDOWS
from stance.surroundings import Surroundings
from stance.targets import FinderWeights, in_columns, in_rows

FORMAT = 5
_LARGEST = 200_000_000  # bytes of arrays that a model may hold
_LARGEST_CARD = 10_000_000  # bytes
_LARGEST_TABLE = 10_000_000  # characters
_ARRAYS = {
    "buckets": np.uint32,
    "alone": np.float16,
    "joint": np.float16,
    "intercepts": np.float32,
    "temperature": np.float64,
    "finder_tokens": np.float16,
    "finder_pairs": np.float16,
    "finder_thresholds": np.float64,
    "trees_columns": np.uint8,
    "trees_bounds": np.float32,
    "trees_leaves": np.float32,
}
_MOST_TREES, _MOST_NODES = 1000, 1023
_ALONE, JOINT, _ROW = slice(0, 3), slice(3, 6), 8  # columns of weights; a row of 32 bytes is read in one piece
_LINEAR = {"tokens": (3, FINDER_BUCKETS + 1), "pairs": (FINDER_BUCKETS + 1,)}  # models of the finder, as stored


@dataclass(frozen=True, slots=True)
class LinearScorer:
    """Buckets of features -> logits.

    `weights` has the shape (buckets, 3), a row for each of the `buckets`, in rising order, that have a weight, with the
    columns condemn, neutral, support; `intercept` has the shape (3,).
    """

    buckets: Codes = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    intercept: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """Everything learned, and the `card`: format, versions, digests of lexicon and training data, label shares, scores.

    `alone` scores a target by its own features, `joint` with those of its neighbours added.
    """

    alone: LinearScorer
    joint: LinearScorer
    temperature: float
    finder: FinderWeights = field(repr=False)
    card: Mapping[str, Any] = field(repr=False)
    _places: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    _rows: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the weights of both scorers side by side, so that the bucket of a feature is looked up once."""
        buckets, rows = _side_by_side(self.alone, self.joint)
        places = np.full(BUCKETS + 1, len(buckets), dtype=np.int32)
        places[buckets] = np.arange(len(buckets))
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_rows", np.vstack([rows, np.zeros((1, _ROW), dtype=np.float32)]))

    @property
    def lexicon(self) -> Lexicon:
        """The word tables that the model reads with: the shipped ones and those that its card holds."""
        return load_lexicon(tuple((self.card.get("tables") or {}).items()))

    def with_lexicon(self, lexicon: Lexicon) -> Model:
        """The same model reading with other tables, which take the place of any that its card holds."""
        return replace(self, card=dict(self.card) | {"tables": dict(lexicon.tables) or None})

    def weights(self, buckets: Codes) -> NDArray[np.float32]:
        """The weights of buckets: one more axis, with the columns of `alone`, those of `joint`, and empty ones."""
        return self._rows.take(self._places.take(buckets), axis=0)

    def logits(self, features: Codes, around: Surroundings) -> tuple[Floats, Floats]:
        """What `alone` and `joint` say of targets, the neighbours left out; both of the shape (targets, 3).

        Parameters
        ----------
        features
            The buckets of the targets' features, shape (features, targets).
        around
            The words around the targets.
        """
        both = self.weights(features).sum(axis=0) + around.sums(self.weights)
        return both[:, _ALONE] + self.alone.intercept, both[:, JOINT] + self.joint.intercept

    def weighted(self, features: Codes, values: Floats) -> Floats:
        """What features of neighbours, which have values, add to the logits of `joint`, shape (targets, 3)."""
        return np.asarray(np.einsum("ftc,ft->tc", self.weights(features)[..., JOINT], values))


def _side_by_side(alone: LinearScorer, joint: LinearScorer) -> tuple[Codes, NDArray[np.float32]]:
    """The buckets that have a weight in either, and the weights of both, shape (buckets, _ROW)."""
    buckets = np.union1d(alone.buckets, joint.buckets).astype(np.uint32)
    rows = np.zeros((len(buckets), _ROW), dtype=np.float32)
    rows[np.searchsorted(buckets, alone.buckets), _ALONE] = alone.weights
    rows[np.searchsorted(buckets, joint.buckets), JOINT] = joint.weights
    return buckets, rows


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def save(model: Model, path: str | Path) -> None:
    """Write a model to a folder as `model.npz` and `card.json`; a folder that holds one is replaced whole."""
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    packed = _packed(_arrays(model))
    card = dict(model.card) | {"format": FORMAT, "features": _seen()}
    card["digest"] = _digest(packed, card)
    with _alone_in(folder), replaced(folder / "model.npz", folder / "card.json") as (arrays_file, card_file):
        arrays_file.write_bytes(packed)
        card_file.write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def load(path: str | Path | None = None) -> Model:
    """The model in a folder, or at its `model.npz` beside its `card.json`; the shipped one if None.

    Raises
    ------
    OSError
        Where a file is missing or unreadable.
    ValueError
        Where a file is damaged, altered, of another format or of absurd size.
    """
    if path is None:
        return shipped_model()
    path = Path(path)
    folder = path.parent if path.is_file() else path
    written, packed = _read(folder / "card.json", _LARGEST_CARD), _read(folder / "model.npz", _LARGEST)
    try:
        card = json.loads(written.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ValueError(
            f"{folder}/card.json: must be a JSON object, got something else; train or copy the model again"
        ) from None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        got = card.get("format") if isinstance(card, dict) else card
        raise ValueError(
            f"{folder}/card.json: format must be {FORMAT}, got {str(got)[:40]!r}; "
            "train it again or use the version of stance that made it"
        )
    if card.get("features") != (seen := _seen()):
        raise ValueError(
            f"{folder}/card.json: features must be those of this version, {seen}, got "
            f"{str(card.get('features'))[:40]!r}; train it again or use the version of stance that made it"
        )
    # models made before the digest covered the card have that of the arrays alone
    if card.get("digest") not in (_digest(packed, card), hashlib.sha256(packed).hexdigest()):
        raise ValueError(
            f"{folder}/model.npz: digest must be that of the card, got another; "
            "one of the two files was altered or cut, copy both again"
        )
    arrays = _unpacked(packed, f"{folder}/model.npz")
    _check_tables(card.get("tables"), f"{folder}/card.json")
    return _made(arrays, card, f"{folder}/model.npz")


def _check_tables(tables: Any, place: str) -> None:
    """Read the tables that a card holds once, so that bad ones are told when the model is loaded."""
    if tables is None:
        return
    held = isinstance(tables, dict) and all(
        isinstance(content, str) and name.startswith(tuple(TABLES)) and len(content) <= _LARGEST_TABLE
        for name, content in tables.items()
    )
    if not held:
        raise ValueError(
            f"{place}: tables must be the contents of {', '.join(TABLES)}, got {str(tables)[:40]!r}; train it again"
        )
    try:
        load_lexicon(tuple(tables.items()))
    except ValueError as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"{place}: tables must be sound, got {first}; train it again") from None


@cache
def shipped_model() -> Model:
    """The model that ships with the package."""
    with resources.as_file(resources.files("stance").joinpath("model")) as folder:
        return load(folder)


def as_shipped(model: Model) -> Model:
    """The model as it will be once saved and loaded: its weights rounded to half precision."""
    return _made(_arrays(model), model.card, "model")


def _seen() -> str:
    """A digest of what models see: weights learned of other features would tell nothing, and nobody would notice."""
    linear = (TEMPLATES, NEIGHBOURS, WINDOWS, TOKEN_TEMPLATES, PAIR_TEMPLATES)
    seen = [(templates.names, templates.numbers) for templates in linear]
    return hashlib.sha256(repr((seen, COLUMNS)).encode()).hexdigest()[:16]


def _digest(packed: bytes, card: Mapping[str, Any]) -> str:
    """The digest of the arrays and of all else that the card says."""
    rest = {name: value for name, value in json.loads(json.dumps(card)).items() if name != "digest"}
    return hashlib.sha256(packed + json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"{path}: file must be at most {most:,} bytes, got more; it is no model, copy it again")
    return content


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let nobody else save into the folder meanwhile, where the system has such locks."""
    try:
        import fcntl
    except ImportError:  # on Windows; there a mixture is refused by its digest
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _arrays(model: Model) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays as they are stored."""
    buckets, rows = _side_by_side(model.alone, model.joint)
    arrays = {
        "buckets": buckets,
        "alone": rows[:, _ALONE],
        "joint": rows[:, JOINT],
        "intercepts": np.stack([model.alone.intercept, model.joint.intercept]),
        "temperature": np.array([model.temperature]),
    }
    arrays |= {f"finder_{name}": getattr(model.finder, name) for name in ("pairs", "thresholds")}
    arrays["finder_tokens"] = in_columns(model.finder.tokens)
    arrays |= {f"trees_{name}": getattr(model.finder.rivals, name) for name in Forest._fields}
    return {name: np.asarray(array, dtype=_ARRAYS[name]) for name, array in arrays.items()}


def _packed(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """The arrays as a zip of .npy files with a fixed date, so that equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            content = io.BytesIO()
            np.lib.format.write_array(content, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _unpacked(packed: bytes, place: str) -> dict[str, np.ndarray[Any, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise ValueError(f"holds more than {_LARGEST} bytes")
        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in _ARRAYS}
    except (
        Exception
    ) as error:  # a damaged file raises what it meets first: zlib.error, BadZipFile, TokenError, RuntimeError ...
        raise ValueError(
            f"{place}: must hold the arrays {', '.join(_ARRAYS)}, got a damaged file ({error}); copy it again"
        ) from None
    for name, array in arrays.items():
        got = getattr(array, "dtype", type(array).__name__)  # what is no array comes as bytes
        if got != _ARRAYS[name] or not np.isfinite(array).all():
            raise ValueError(f"{place}: {name} must be finite {np.dtype(_ARRAYS[name])}, got {got}; train it again")
    if arrays["temperature"].shape != (1,) or arrays["temperature"][0] <= 0:
        raise ValueError(
            f"{place}: temperature must be one positive number, got {arrays['temperature'].tolist()!r:.40}; "
            "train it again"
        )
    return arrays


def _made(arrays: Mapping[str, np.ndarray[Any, Any]], card: Mapping[str, Any], place: str) -> Model:
    buckets = arrays["buckets"]
    steps = np.diff(buckets.ravel().astype(np.int64), append=BUCKETS)
    if buckets.ndim != 1 or (steps <= 0).any():
        raise ValueError(
            f"{place}: buckets must rise and stay below {BUCKETS}, got {str(buckets)!r:.40}; train it again"
        )
    rows = (len(buckets), len(STANCES))
    for name, shape in {"alone": rows, "joint": rows, "intercepts": (2, 3), "finder_thresholds": (3,)}.items():
        if arrays[name].shape != shape:
            raise ValueError(f"{place}: {name} must have the shape {shape}, got {arrays[name].shape}; train it again")
    learned = {name: arrays[f"finder_{name}"].astype(np.float32) for name in _LINEAR}
    sizes = {name: weights.shape for name, weights in learned.items()}
    if sizes != _LINEAR:
        raise ValueError(f"{place}: finder must have weights of the shapes {_LINEAR}, got {sizes}; train it again")
    forest = Forest(*(arrays[f"trees_{name}"] for name in Forest._fields))
    tokens, pairs = in_rows(learned["tokens"]), learned["pairs"]
    finder = FinderWeights(tokens, pairs, _checked(forest, place), arrays["finder_thresholds"])
    alone, joint = (
        LinearScorer(buckets, arrays[name].astype(np.float32), intercept.astype(np.float64))
        for name, intercept in zip(("alone", "joint"), arrays["intercepts"], strict=True)
    )
    return Model(alone, joint, float(arrays["temperature"][0]), finder, card)


def _checked(forest: Forest, place: str) -> Forest:
    """The trees, if they are complete and ask for what there is."""
    columns, bounds, leaves = forest
    sizes = [array.shape for array in forest]
    trees, inner = columns.shape if columns.ndim == 2 else (0, 0)
    complete = bounds.shape == columns.shape and leaves.shape == (trees, inner + 1) and (inner + 1).bit_count() == 1
    if not complete or not 0 < trees <= _MOST_TREES or not 0 < inner <= _MOST_NODES:
        raise ValueError(
            f"{place}: trees must be complete and at most {_MOST_TREES} of {_MOST_NODES} nodes, "
            f"got arrays of the shapes {sizes}; train it again"
        )
    if columns.max(initial=0) >= len(COLUMNS):
        got = int(columns.max())
        raise ValueError(f"{place}: trees must ask for columns below {len(COLUMNS)}, got {got}; train it again")
    return forest
