import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marked import NEVER, finder_arrays, reading_of, small_network

from stance import analyze, load, save
from stance.document import STANCES
from stance.model import FORMAT, Blend, LinearScorer, Model, as_shipped, shipped_model, softmax
from stance.network import stacked
from stance.rivals import COLUMNS
from stance.span_features import BUCKETS as FINDER_BUCKETS
from stance.surroundings import NOTHING
from stance.targets import FinderWeights
from stance.token_table import token_table

SHIPPED = Path(__file__).parents[1] / "stance" / "model"
TREES = (("columns", np.uint8), ("bounds", np.float32), ("leaves", np.float32))
TEXT = "We condemn Iran's attack on Israel, welcome the truce and took note of the report."


def small_model():
    """A model with two features, with a finder that finds nothing and networks that say nothing."""
    weights = np.array([[0.1, 0.2, 0.3], [1.5, -0.5, 0.0]], dtype=np.float32)
    scorer = LinearScorer(np.array([4, 7], dtype=np.uint32), weights, np.array([0.0, 0.25, -1.0]))
    empty = np.append(np.zeros(FINDER_BUCKETS), -20.0)
    finder = FinderWeights(np.zeros((len(empty), 4)), empty, NEVER, np.array([0.1, 0.1, 0.5]))
    blend = Blend((0.75, 1.25), (1.0, 0.5))
    networks = stacked([small_network(), small_network()])
    return as_shipped(Model(scorer, finder, networks, blend, {"records": 3, "tables": None}))


@pytest.fixture
def folder(tmp_path):
    save(small_model(), tmp_path / "model")
    return tmp_path / "model"


def rewrite(folder, packed, **card):
    """Put other bytes in the place of the arrays, with a card whose digest is theirs."""
    (folder / "model.npz").write_bytes(packed)
    old = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    new = old | {"digest": hashlib.sha256(packed).hexdigest()} | card
    (folder / "card.json").write_text(json.dumps(new), encoding="utf-8")


def with_arrays(folder, **changed):
    """The bytes of the arrays with some changed, or left out where None."""
    with np.load(folder / "model.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored} | changed
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: array for name, array in arrays.items() if array is not None})
    return buffer.getvalue()


ALTERED = (
    r"model\.npz: digest must be that of the card, got another; "
    r"one of the two files was altered or cut, copy both again"
)


def refused(folder, match):
    with pytest.raises(ValueError, match=match) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    return caught.value


def test_softmax_sums_to_one_and_bears_large_logits():
    chances = softmax(np.array([[0.0, 0.0, 0.0], [1e4, 0.0, -1e4], [-1e4, -1e4, -1e4]]))
    assert np.isfinite(chances).all()
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[1, 0] == pytest.approx(1)


class Nowhere:
    """Surroundings without a word."""

    def __init__(self, mentions):
        self.mentions = mentions

    def sums(self, weights_of):
        return np.zeros((self.mentions, weights_of(np.zeros(0, dtype=np.uint32)).shape[-1]))


def test_weights_of_a_bucket_are_those_of_the_scorer_or_none():
    weights = small_model().weights(np.array([7, 8, 4, NOTHING]))[:, :3]
    assert (weights * 512).tolist() == [[768, -256, 0], [0] * 3, [51, 102, 154], [0] * 3]


def test_logits_add_the_intercept_and_the_weights():
    model = small_model()
    features = np.array([[8, 4, 4, 9], [8, 8, 7, 9]])
    w, intercept = model.weights(np.arange(10)), model.scorer.intercept
    logits = model.logits(features, Nowhere(4))
    assert logits == pytest.approx(np.array([w[9], w[4], w[4] + w[7], w[9]])[:, :3] + intercept)


def test_nothing_has_no_logits():
    assert small_model().logits(np.zeros((5, 0), dtype=np.uint32), Nowhere(0)).shape == (0, len(STANCES))


class Told:
    """What networks say, whatever they are asked."""

    def __init__(self, *logits):
        self.told = np.array(logits)

    def logits(self, firsts, lasts):
        return self.told.repeat(len(firsts), axis=0)


def test_chances_are_of_both_logits_each_as_much_as_it_is_worth():
    logits, told = np.array([[1.0, 0.0, -1.0]]), Told([0.0, 2.0, -2.0, 9.0])
    found = small_model().chances(logits, told, np.zeros(1, int), np.ones(1, int))
    assert found == pytest.approx(softmax(0.75 * logits + 1.25 * np.array([[0.0, 2.0, -2.0]])))


@pytest.mark.parametrize(("logit", "found"), [(60.0, True), (-60.0, False)])
def test_what_the_networks_say_decides_what_is_a_target(logit, found):
    model = replace(shipped_model(), blend=Blend((1.0, 0.0), (1.0, 1.0)))
    table = token_table([reading_of("We condemn the attack.")])
    spans = model.find(table, Told([0.0, 0.0, 0.0, logit]))[0]
    assert bool(spans) == found


def test_model_comes_back_as_it_was_saved(folder):
    model, back = small_model(), load(folder)
    ones, others = (
        [
            *(each.scorer.buckets, each.scorer.weights, each.scorer.intercept),
            *(*finder_arrays(each.finder), *each.networks),
        ]
        for each in (back, model)
    )
    assert len(back.networks.words) == 2
    assert all(np.array_equal(a, b) for a, b in zip(ones, others, strict=True))
    assert back.blend == model.blend
    written = {name: back.card[name] for name in ("digest", "features")}
    assert back.card == dict(model.card) | {"format": FORMAT} | written


def test_shipped_model_gives_the_same_scores_after_saving_and_loading(tmp_path):
    save(shipped_model(), tmp_path)
    assert analyze(TEXT, model=load(tmp_path)) == analyze(TEXT)


def test_saving_twice_gives_the_same_bytes(folder, tmp_path):
    save(load(folder), tmp_path / "again")
    for name in ("model.npz", "card.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_saving_replaces_an_older_model_and_leaves_nothing_else(folder):
    save(small_model(), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "model.npz"]
    assert load(folder).card["records"] == 3


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("name", ["", "model.npz", "card.json"])
def test_model_is_loaded_from_its_folder_or_a_file_in_it(folder, name, kind):
    assert load(kind(folder / name)).blend.stances == (0.75, 1.25)


def test_shipped_model_is_small():
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 10_000_000


def test_weights_of_stances_and_words_are_kept_in_grains():
    scorer = LinearScorer(np.array([1, 5], dtype=np.uint32), np.full((2, 3), 0.1001, np.float32), np.zeros(3))
    rounded = as_shipped(replace(shipped_model(), scorer=scorer))
    assert (rounded.scorer.weights == np.float32(51 / 512)).all()
    grains = rounded.networks.words * 512
    assert np.array_equal(grains, np.round(grains))


def test_shipped_model_is_loaded_once():
    assert shipped_model() is shipped_model()


def test_shipped_card_says_where_the_model_comes_from():
    card = shipped_model().card
    assert {"format", "package", "lexicon", "data", "records", "targets", "statements", "shares", "digest"} <= set(card)
    assert sum(card["shares"].values()) == pytest.approx(1, abs=0.01)
    assert card["cross_validated_macro_f1"] > 0.7


def test_shipped_card_names_no_path_of_the_machine_it_was_made_on():
    assert "/" not in (SHIPPED / "card.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["card.json", "model.npz"])
def test_missing_file_is_named(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(FileNotFoundError, match=missing.replace(".", r"\.")):
        load(folder)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere.card\.json"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_cut_file_is_refused(folder, kept):
    path = folder / "model.npz"
    path.write_bytes(path.read_bytes()[:kept])
    refused(folder, ALTERED)


@pytest.mark.parametrize("place", [0, 10, 500, 2000, -1])
def test_flipped_bit_is_refused(folder, place):
    packed = bytearray((folder / "model.npz").read_bytes())
    packed[place] ^= 4
    (folder / "model.npz").write_bytes(packed)
    refused(folder, ALTERED)


@pytest.mark.parametrize("digest", ["0" * 64, "", None, 7])
def test_altered_digest_is_refused(folder, digest):
    rewrite(folder, (folder / "model.npz").read_bytes(), digest=digest)
    refused(folder, r"model\.npz: digest must be that of the card, got another")


def test_altered_card_is_refused(folder):
    card = (folder / "card.json").read_text(encoding="utf-8")
    (folder / "card.json").write_text(card.replace('"records": 3', '"records": 7'), encoding="utf-8")
    refused(folder, ALTERED)


@pytest.mark.parametrize(("name", "size"), [("card.json", 10_000_001), ("model.npz", 200_000_001)])
def test_endless_file_is_refused(folder, name, size):
    with (folder / name).open("r+b") as file:
        file.truncate(size)  # a hole takes no room
    refused(folder, rf"{name}: file must be at most [\d,]+ bytes, got more; it is no model, copy it again")


@pytest.mark.parametrize("version", [FORMAT + 1, 0, None, "1", [1], {"a": 1}])
def test_other_format_is_refused(folder, version):
    rewrite(folder, (folder / "model.npz").read_bytes(), format=version)
    refused(
        folder,
        rf"card\.json: format must be {FORMAT}, got .*; train it again or use the version of stance that made it",
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'"text"', b"[1]", b"null"], ids=range(7)
)
def test_card_that_is_no_object_is_refused(folder, content):
    (folder / "card.json").write_bytes(content)
    refused(folder, rf"card\.json: (must be a JSON object, got something else; train|format must be {FORMAT}, got)")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.zeros((3, 3), np.float16)}, r"weights must have the shape \(2, 3\), got \(3, 3\); train it"),
        ({"weights": np.zeros((2, 2), np.float16)}, r"weights must have the shape \(2, 3\), got \(2, 2\); train it"),
        ({"weights": np.float16(1)}, r"weights must have the shape \(2, 3\), got \(\); train it again"),
        (
            {"intercept": np.zeros((2, 3), np.float32)},
            r"intercept must have the shape \(3,\), got \(2, 3\); train it again",
        ),
        ({"bucket_steps": np.array([4], np.uint32)}, r"weights must have the shape \(1, 3\), got \(2, 3\)"),
        (
            {"bucket_steps": np.array([4, 0], np.uint32)},
            r"buckets must rise and stay below 1048576, got .*; train it again",
        ),
        (
            {"bucket_steps": np.array([7, 2**32 - 3], np.uint32)},
            r"buckets must rise and stay below 1048576, got .*; train it again",
        ),
        (
            {"bucket_steps": np.array([4, 1 << 30], np.uint32)},
            r"buckets must rise and stay below 1048576, got .*; train it again",
        ),
        (
            {"bucket_steps": np.array([[4, 7]], np.uint32)},
            r"buckets must rise and stay below 1048576, got .*; train it again",
        ),
        (
            {"finder_pairs": np.zeros(9, np.float16)},
            rf"finder must have weights of the shapes .*\({FINDER_BUCKETS + 1},\)}}, got .*\(9,\).*; train it",
        ),
        (
            {"finder_thresholds": np.zeros(4)},
            r"finder_thresholds must have the shape \(3,\), got \(4,\); train it",
        ),
        (
            {"trees_leaves": np.zeros((1, 3), np.float32)},
            r"trees must be complete and at most 1000 of 1023 nodes, got arrays of the shapes .*\(1, 3\)\]; train it",
        ),
        ({"trees_bounds": np.zeros(1, np.float32)}, r"trees must be complete .*, got arrays .*\(1,\).*; train it"),
        (
            {f"trees_{name}": np.zeros((1, 2 + (name == "leaves")), kind) for name, kind in TREES},
            r"trees must be complete .*\(1, 2\).*; train it",
        ),
        (
            {f"trees_{name}": np.zeros((1001, 1 + (name == "leaves")), kind) for name, kind in TREES},
            r"trees must be complete .*\(1001, 1\).*; train it",
        ),
        ({"trees_columns": np.full((1, 1), 99, np.uint8)}, rf"trees must ask for columns below {len(COLUMNS)}, got 99"),
        ({"finder_thresholds": np.array([0.1, np.nan, 0.1])}, r"finder_thresholds must be finite float64, got float64"),
        ({"weights": np.full((3, 3), np.nan, np.float16)}, r"weights must be finite float16, got float16"),
        ({"weights": np.full((3, 3), -np.inf, np.float16)}, r"weights must be finite float16, got float16"),
        ({"weights": np.zeros((3, 3))}, r"weights must be finite float16, got float64; train it again"),
        (
            {"network_buckets": np.array([5, 1 << 18], np.uint32)},
            r"network_buckets must rise and stay below 262144, got .*; train it again",
        ),
        (
            {"network_words": np.zeros((2, 2, 64), np.float16)},
            r"network_words must have the shape \(2, 3, 64\), got \(2, 2, 64\); train it again",
        ),
        ({"network_outputs": np.zeros((9, 4), np.float16)}, r"network_outputs must have the shape \(2, 224, 4\), got"),
        ({"network_views": np.full((2, 768, 224), np.inf, np.float16)}, r"network_views must be finite float16, got"),
        ({"bucket_steps": np.array(["a", "b"])}, r"bucket_steps must be finite uint32, got <U1; train it again"),
        ({"blend": np.zeros(0)}, r"blend must have the shape \(2, 2\), got \(0,\); train it again"),
        ({"blend": np.full((2, 2), -1.0)}, r"blend must hold no number below 0, .* got \[\[-1\.0, .*; train it again"),
        ({"blend": np.eye(2)[::-1]}, r"blend must .* the first above it, got \[\[0\.0, 1\.0\], .*; train it again"),
        ({"blend": np.full((2, 2), np.nan)}, r"blend must be finite float64, got float64; train it again"),
        ({"blend": None}, r"must hold the arrays .*blend.*, got a damaged file \(.*blend.*\); copy it"),
    ],
)
def test_arrays_that_are_no_model_are_refused(folder, changed, message):
    rewrite(folder, with_arrays(folder, **changed))
    refused(folder, rf"model\.npz: {message}")


class Hostile:
    """What a pickle runs when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["weights", "bucket_steps", "blend", "finder_tokens", "network_words"])
def test_pickled_code_does_not_run(folder, tmp_path, name):
    trace = tmp_path / "it ran"
    rewrite(folder, with_arrays(folder, **{name: np.array([Hostile(trace)], dtype=object)}))
    refused(folder, r"model\.npz: must hold the arrays .*, got a damaged file \(.*pickle.*\); copy it again")
    assert not trace.exists()
    with np.load(folder / "model.npz", allow_pickle=True) as stored:  # the payload is live
        assert stored[name].shape == (1,)
    assert trace.exists()


def test_pickle_in_the_place_of_the_arrays_does_not_run(folder, tmp_path):
    trace = tmp_path / "it ran"
    buffer = io.BytesIO()
    np.save(buffer, np.array([Hostile(trace)], dtype=object), allow_pickle=True)
    bare = buffer.getvalue()[buffer.getvalue().index(b"\n") + 1 :]
    for packed in (bare, buffer.getvalue()):
        rewrite(folder, packed)
        refused(folder, r"model\.npz: must hold the arrays .*, got a damaged file \(.*\); copy it again")
    assert not trace.exists()


def test_entry_that_is_no_array_is_refused(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(folder / "model.npz") as stored, zipfile.ZipFile(buffer, "w") as made:
        for name in stored.namelist():
            made.writestr(name, b"hello" if name == "blend.npy" else stored.read(name))
    rewrite(folder, buffer.getvalue())
    refused(folder, r"model\.npz: blend must be finite float64, got bytes; train it again")


def test_file_that_unpacks_to_more_than_a_model_holds_is_refused(folder, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made, made.open("buckets.npy", "w") as entry:
        for _ in range(210):
            entry.write(b"\0" * 1_000_000)
    rewrite(folder, buffer.getvalue())
    refused(folder, r"model\.npz: must hold the arrays .*, got a damaged file \(holds more than 200000000 bytes\)")


def attempt(folder):
    """What loading says: "" or the error, which has to be a ValueError."""
    try:
        load(folder)
    except ValueError as error:
        return str(error)
    return ""


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_damaged_file_with_a_digest_made_to_fit_is_loaded_whole_or_refused_in_one_line(folder, place, bit):
    save(small_model(), folder)
    packed = bytearray((folder / "model.npz").read_bytes())
    packed[int(place * len(packed))] ^= 1 << bit
    rewrite(folder, bytes(packed))
    assert re.fullmatch(rf"({re.escape(str(folder))}/model\.npz: .*; .*)?", attempt(folder))


def test_model_of_other_features_is_refused(folder, monkeypatch):
    monkeypatch.setattr("stance.model.COLUMNS", (*COLUMNS, "another"))
    with pytest.raises(
        ValueError, match=r"card.json: features must be those of this version, \w{16}, got '\w{16}'; train it again or"
    ):
        load(folder)
