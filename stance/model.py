"""The learned part: linear weights in arrays and a card that says where they come from. Loading it runs no code.

A stance is scored twice: once from a mention's own features, then with the probabilities of the targets around it added to them.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from stance.document import STANCES
from stance.targets import BUCKETS, FinderWeights, Floats

FORMAT = 1
_LARGEST = 200_000_000  # bytes of arrays that a model may hold
_ARRAYS = {
    "alone_names": np.uint8, "alone_weights": np.float32, "joint_names": np.uint8, "joint_weights": np.float32, "temperature": np.float64,
    "finder_starts": np.float32, "finder_ends": np.float32, "finder_pairs": np.float32, "finder_thresholds": np.float64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinearScorer:
    """Named features -> logits.

    `weights` has the shape (features + 1, 3): a row a feature and the intercept last, with the columns condemn, neutral, support.
    """

    vocabulary: dict[str, int] = field(repr=False)
    weights: Floats = field(repr=False)

    def logits(self, rows: Sequence[Mapping[str, float]]) -> Floats:
        """The logits of rows of features, shape (rows, 3); features never seen in training count nothing."""
        indices: list[int] = []
        values: list[float] = []
        starts: list[int] = []
        known = self.vocabulary
        for row in rows:
            starts.append(len(indices))
            indices.append(len(known))  # the intercept, so that no row is empty
            values.append(1.0)
            for name, value in row.items():
                index = known.get(name)
                if index is not None:
                    indices.append(index)
                    values.append(value)
        if not starts:
            return np.zeros((0, len(STANCES)))
        return np.asarray(np.add.reduceat(self.weights[indices] * np.array(values)[:, None], starts, axis=0))


@dataclass(frozen=True, slots=True)
class Model:
    """Everything learned, and the `card`: format, versions, digests of lexicon and training data, label shares, scores."""

    alone: LinearScorer
    joint: LinearScorer
    temperature: float
    finder: FinderWeights = field(repr=False)
    card: Mapping[str, Any] = field(repr=False)


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def save(model: Model, path: str | Path) -> None:
    """Write a model to a folder as `model.npz` and `card.json`; a folder that holds one is replaced whole."""
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _arrays(model)
    packed = _packed(arrays)
    card = dict(model.card) | {"format": FORMAT, "digest": hashlib.sha256(packed).hexdigest()}
    for name, content in (("model.npz", packed), ("card.json", (json.dumps(card, indent=1, sort_keys=True) + "\n").encode())):
        partial = folder / f".{name}.part"
        partial.write_bytes(content)
        partial.replace(folder / name)


def load(path: str | Path) -> Model:
    """The model in a folder, or at its `model.npz` beside its `card.json`.

    Raises
    ------
    OSError
        Where a file is missing or unreadable.
    ValueError
        Where a file is damaged, altered, of another format or of absurd size.
    """
    path = Path(path)
    folder = path.parent if path.is_file() else path
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ValueError(f"{folder}/card.json: must be a JSON object, got something else; train or copy the model again") from None
    packed = (folder / "model.npz").read_bytes()
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        got = card.get("format") if isinstance(card, dict) else card
        raise ValueError(f"{folder}/card.json: format must be {FORMAT}, got {str(got)[:40]!r}; train it again or use the version of stance that made it")
    if card.get("digest") != hashlib.sha256(packed).hexdigest():
        raise ValueError(f"{folder}/model.npz: digest must be that of the card, got another; the file was altered or cut, copy it again")
    arrays = _unpacked(packed, f"{folder}/model.npz")
    alone, joint = (_scorer(arrays[f"{n}_names"], arrays[f"{n}_weights"], f"{folder}/model.npz") for n in ("alone", "joint"))
    finder = FinderWeights(*(arrays[f"finder_{n}"].astype(np.float64) for n in FinderWeights._fields))
    if any(w.shape != (BUCKETS + 1,) for w in finder[:3]) or finder.thresholds.shape != (3,):
        raise ValueError(f"{folder}/model.npz: finder must have {BUCKETS + 1} weights thrice, got {[w.shape for w in finder]}; train it again")
    return Model(alone, joint, float(arrays["temperature"].ravel()[0]), finder, card)


@cache
def shipped_model() -> Model:
    """The model that ships with the package."""
    with resources.as_file(resources.files("stance").joinpath("model")) as folder:
        return load(folder)


def as_shipped(model: Model) -> Model:
    """The model as it will be once saved and loaded: its weights rounded to single precision."""
    arrays = _arrays(model)
    alone, joint = (_scorer(arrays[f"{n}_names"], arrays[f"{n}_weights"], "model") for n in ("alone", "joint"))
    return Model(alone, joint, model.temperature, FinderWeights(*(arrays[f"finder_{n}"].astype(np.float64) for n in FinderWeights._fields)), model.card)


def _arrays(model: Model) -> dict[str, np.ndarray[Any, Any]]:
    arrays = {
        "alone_names": _joined(model.alone.vocabulary), "alone_weights": model.alone.weights,
        "joint_names": _joined(model.joint.vocabulary), "joint_weights": model.joint.weights, "temperature": np.array([model.temperature]),
    }  # fmt: skip
    arrays |= {f"finder_{name}": getattr(model.finder, name) for name in FinderWeights._fields}
    return {name: np.asarray(array, dtype=_ARRAYS[name]) for name, array in arrays.items()}


def _joined(names: Iterable[str]) -> np.ndarray[Any, Any]:
    return np.frombuffer("\n".join(names).encode("utf-8"), dtype=np.uint8)


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
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, MemoryError, NotImplementedError) as error:
        raise ValueError(f"{place}: must hold the arrays {', '.join(_ARRAYS)}, got a damaged file ({error}); copy it again") from None
    for name, array in arrays.items():
        if array.dtype != _ARRAYS[name] or (array.dtype != np.uint8 and not np.isfinite(array).all()):
            raise ValueError(f"{place}: {name} must be finite {np.dtype(_ARRAYS[name])}, got {array.dtype}; train it again")
    return arrays


def _scorer(names: np.ndarray[Any, Any], weights: np.ndarray[Any, Any], place: str) -> LinearScorer:
    vocabulary = {name: index for index, name in enumerate(names.tobytes().decode("utf-8").split("\n"))}
    if weights.shape != (len(vocabulary) + 1, len(STANCES)):
        raise ValueError(f"{place}: weights must have the shape {(len(vocabulary) + 1, len(STANCES))}, got {weights.shape}; train it again")
    return LinearScorer(vocabulary, weights.astype(np.float64))
