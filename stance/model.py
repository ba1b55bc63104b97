"""The learned part: weights and trees in arrays and a card that says where they come from. Loading it runs no code.

Targets and stances are each told twice, by models of features and by networks that read the words; what the two say
is added, each as much as it is worth.
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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stance.document import STANCES
from stance.features import BUCKETS, TEMPLATES
from stance.forest import Forest
from stance.hashing import Codes, Floats, Integers, places_of
from stance.lexicon import Lexicon, load_lexicon
from stance.network import BUCKETS as NETWORK_BUCKETS
from stance.network import STANCE, TARGET, Network, Seen
from stance.network import TEMPLATES as NETWORK_TEMPLATES
from stance.network import shapes as network_shapes
from stance.outputs import replaced
from stance.rivals import COLUMNS
from stance.span_features import BUCKETS as FINDER_BUCKETS
from stance.span_features import PAIR_TEMPLATES, TOKEN_TEMPLATES, probability
from stance.surroundings import TEMPLATES as WINDOWS
from stance.surroundings import Surroundings
from stance.targets import FinderWeights, Span, decode, in_columns, in_rows, rounded, weighed
from stance.token_table import TokenTable
from stance.word_tables import TABLES

FORMAT = 12
_LARGEST = 200_000_000  # bytes of arrays that a model may hold
_LARGEST_CARD = 10_000_000  # bytes
_LARGEST_TABLE = 10_000_000  # characters
_NETWORK = tuple(network_shapes(0))  # its arrays
_ARRAYS = {
    "bucket_steps": np.uint32,  # from each bucket to the next: half the bytes once packed
    "weights": np.float16,
    "intercept": np.float32,
    "blend": np.float64,
    "finder_tokens": np.float16,
    "finder_pairs": np.float16,
    "finder_thresholds": np.float64,
    "trees_columns": np.uint8,
    "trees_bounds": np.float32,
    "trees_leaves": np.float32,
    "network_buckets": np.uint32,
    **{f"network_{name}": np.float16 for name in _NETWORK},
}
_GRAINED, _GRAINS = ("weights", "network_words"), 512  # rounded to so many parts of one: a quarter less to store
_MOST_TREES, _MOST_NODES, _MOST_NETWORKS = 1000, 1023, 10
_STANCES, _ROW = len(STANCES), 4  # columns of weights; a row of 16 bytes is read in one piece
_LINEAR = {"tokens": (3, FINDER_BUCKETS + 1), "pairs": (FINDER_BUCKETS + 1,)}  # models of the finder, as stored


@dataclass(frozen=True, slots=True, eq=False)
class LinearScorer:
    """Buckets of features -> logits.

    `weights` has the shape (buckets, 3), a row for each of the `buckets`, in rising order, that have a weight, with the
    columns condemn, neutral, support; `intercept` has the shape (3,).
    """

    buckets: Codes = field(repr=False)
    weights: NDArray[np.float32] = field(repr=False)
    intercept: Floats


class Blend(NamedTuple):
    """How much the logits of the models of features and those of the networks count, for stances and for targets."""

    stances: tuple[float, float]
    targets: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Everything learned, and the `card`: format, versions, digests of lexicon and training data, label shares, scores.

    `scorer` tells the stance of a target from its features and `finder` where targets are; `networks`, stacked, tell
    both anew.
    """

    scorer: LinearScorer
    finder: FinderWeights = field(repr=False)
    networks: Network = field(repr=False)
    blend: Blend
    card: Mapping[str, Any] = field(repr=False)
    _places: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    _rows: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the weights out in rows, which are found by the bucket of a feature."""
        rows = np.zeros((len(self.scorer.buckets) + 1, _ROW), dtype=np.float32)
        rows[:-1, :_STANCES] = self.scorer.weights
        object.__setattr__(self, "_places", places_of(self.scorer.buckets, BUCKETS + 1))
        object.__setattr__(self, "_rows", rows)

    @property
    def lexicon(self) -> Lexicon:
        """The word tables that the model reads with: the shipped ones and those that its card holds."""
        return load_lexicon(tuple((self.card.get("tables") or {}).items()))

    def with_lexicon(self, lexicon: Lexicon) -> Model:
        """The same model reading with other tables, which take the place of any that its card holds."""
        return replace(self, card=dict(self.card) | {"tables": dict(lexicon.tables) or None})

    def weights(self, buckets: Codes) -> NDArray[np.float32]:
        """The weights of buckets: one more axis, with a column for each stance and one that is empty."""
        return self._rows.take(self._places.take(buckets), axis=0)

    def logits(self, features: Codes, around: Surroundings) -> Floats:
        """What the scorer says of targets, shape (targets, 3).

        Parameters
        ----------
        features
            The buckets of the targets' features, shape (features, targets).
        around
            The words around the targets.
        """
        summed = self.weights(features).sum(axis=0) + around.sums(self.weights)
        return np.asarray(summed[:, :_STANCES] + self.scorer.intercept)

    def chances(self, logits: Floats, seen: Seen, firsts: Integers, lasts: Integers) -> Floats:
        """The probabilities of the stances on targets, shape (targets, 3), given the `logits` of the scorer.

        The targets hold the tokens `firsts` up to but without `lasts` of the table that the networks have `seen`.
        """
        by_features, by_networks = self.blend.stances
        return softmax(by_features * logits + by_networks * seen.logits(firsts, lasts)[:, STANCE])

    def find(self, table: TokenTable, seen: Seen) -> list[list[Span]]:
        """The targets of each sentence of a table, ordered by start, the longer first; they nest but never cross."""
        by_features, by_networks = self.blend.targets
        pairs, logits = weighed(table, self.finder)
        both = by_features * logits + by_networks * seen.logits(pairs.starts, pairs.ends + 1)[:, TARGET]
        return decode(table, pairs, probability(both), float(self.finder.thresholds[2]))


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


def given_model(model: Model | None) -> Model:
    """The model that is given, or the shipped one.

    Raises
    ------
    TypeError
        Where something else is given.
    """
    if model is not None and not isinstance(model, Model):
        raise TypeError(f"model must be a Model, got {type(model).__name__}; load it with stance.load(path)")
    return model or shipped_model()


@cache
def shipped_model() -> Model:
    """The model that ships with the package."""
    with resources.as_file(resources.files("stance").joinpath("model")) as folder:
        return load(folder)


def as_shipped(model: Model) -> Model:
    """The model as it will be once saved and loaded: its weights rounded."""
    return _made(_arrays(model), model.card, "model")


def _seen() -> str:
    """A digest of what models see: weights learned of other features would tell nothing, and nobody would notice."""
    asked = (TEMPLATES, WINDOWS, TOKEN_TEMPLATES, PAIR_TEMPLATES, NETWORK_TEMPLATES)
    seen = [(templates.names, templates.numbers) for templates in asked]
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
    arrays = {
        "bucket_steps": np.diff(model.scorer.buckets, prepend=np.uint32(0)),
        "weights": model.scorer.weights,
        "intercept": model.scorer.intercept,
        "blend": np.array(model.blend),
    }
    arrays |= {f"finder_{name}": getattr(model.finder, name) for name in ("pairs", "thresholds")}
    arrays["finder_tokens"] = in_columns(model.finder.tokens)
    arrays |= {f"trees_{name}": getattr(model.finder.rivals, name) for name in Forest._fields}
    arrays["network_buckets"] = np.flatnonzero(model.networks.places < model.networks.words.shape[1] - 1)
    arrays |= {f"network_{name}": getattr(model.networks, name) for name in _NETWORK}
    for name in _GRAINED:
        arrays[name] = rounded(arrays[name], _GRAINS)
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
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(
            f"{place}: must hold the arrays {', '.join(_ARRAYS)}, got a damaged file ({reason}); copy it again"
        ) from None
    for name, array in arrays.items():
        got = getattr(array, "dtype", type(array).__name__)  # what is no array comes as bytes
        if got != _ARRAYS[name] or not np.isfinite(array).all():
            raise ValueError(f"{place}: {name} must be finite {np.dtype(_ARRAYS[name])}, got {got}; train it again")
    return arrays


def _made(arrays: Mapping[str, np.ndarray[Any, Any]], card: Mapping[str, Any], place: str) -> Model:
    buckets = arrays["bucket_steps"].cumsum(axis=-1, dtype=np.uint64)
    _check_buckets(buckets, BUCKETS, f"{place}: buckets")
    _check_buckets(arrays["network_buckets"], NETWORK_BUCKETS, f"{place}: network_buckets")
    shapes = {"weights": (len(buckets), _STANCES), "intercept": (_STANCES,), "finder_thresholds": (3,)}
    several = min(max(len(np.atleast_1d(arrays["network_words"])), 1), _MOST_NETWORKS)
    sizes_of_one = network_shapes(len(arrays["network_buckets"]))
    shapes |= {f"network_{name}": (several, *its) for name, its in sizes_of_one.items()}
    for name, shape in (shapes | {"blend": (2, 2)}).items():
        if arrays[name].shape != shape:
            raise ValueError(f"{place}: {name} must have the shape {shape}, got {arrays[name].shape}; train it again")
    if (arrays["blend"] < 0).any() or not arrays["blend"][0, 0]:
        got = str(arrays["blend"].tolist())
        raise ValueError(f"{place}: blend must hold no number below 0, the first above it, got {got}; train it again")
    learned = {name: arrays[f"finder_{name}"].astype(np.float32) for name in _LINEAR}
    sizes = {name: weights.shape for name, weights in learned.items()}
    if sizes != _LINEAR:
        raise ValueError(f"{place}: finder must have weights of the shapes {_LINEAR}, got {sizes}; train it again")
    forest = Forest(*(arrays[f"trees_{name}"] for name in Forest._fields))
    tokens, pairs = in_rows(learned["tokens"]), learned["pairs"]
    finder = FinderWeights(tokens, pairs, _checked(forest, place), arrays["finder_thresholds"])
    weights, intercept = arrays["weights"].astype(np.float32), arrays["intercept"].astype(np.float64)
    read = {name: arrays[f"network_{name}"].astype(np.float32) for name in _NETWORK}
    places = places_of(arrays["network_buckets"], NETWORK_BUCKETS)
    blend = Blend(*map(tuple, arrays["blend"].tolist()))
    scorer = LinearScorer(buckets.astype(np.uint32), weights, intercept)
    return Model(scorer, finder, Network(places, **read), blend, card)


def _check_buckets(buckets: np.ndarray[Any, Any], most: int, place: str) -> None:
    steps = np.diff(buckets.ravel().astype(np.int64), append=most)
    if buckets.ndim != 1 or (steps <= 0).any():
        raise ValueError(f"{place} must rise and stay below {most}, got {str(buckets)!r:.40}; train it again")


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
