"""The registry, the cards, the weights file and the vectors of the shipped encoder."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from embeddings.encoders import DEFAULT_ENCODER, create_encoder, list_encoders, register
from embeddings.encoders.card import read_card
from embeddings.encoders.cnn import CnnEncoder, CompactNetwork
from embeddings.encoders.cnn_spec import CARD_PATH, WINDOW_SAMPLES, compact_spec
from embeddings.encoders.spec import EncoderSpec
from embeddings.encoders.weights import load_weights
from embeddings.errors import EncoderError
from tests.embeddings.golden import GOLDEN, GOLDEN_WAVEFORMS, pluck_chord

RATE_HZ = 16_000


@pytest.fixture(scope="module")
def encoder() -> CnnEncoder:
    made = create_encoder()
    assert isinstance(made, CnnEncoder)
    return made


def music(seed: int = 0) -> np.ndarray:
    return pluck_chord(seed)


def embed(encoder: CnnEncoder, *waves: np.ndarray) -> np.ndarray:
    return encoder.embed_segments(np.stack(waves).astype(np.float32))


def test_reading_cards_loads_no_torch() -> None:
    program = (
        "import sys; import embeddings.encoders as e, embeddings.encoders.spec;"
        "print(e.list_encoders()[0].signature, 'torch' in sys.modules, 'librosa' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [compact_spec().signature, "False", "False"]


def test_card_of_the_shipped_encoder(encoder: CnnEncoder) -> None:
    spec = next(card for card in list_encoders() if card.name == DEFAULT_ENCODER)
    assert spec == encoder.spec
    assert spec.has_weights
    assert spec.weights_path.stat().st_size <= 10_000_000
    assert spec.parameters == sum(parameter.numel() for parameter in encoder.network.parameters())
    assert spec.segments.window_samples == WINDOW_SAMPLES
    card = read_card(CARD_PATH)
    assert {"sha256", "licence", "data", "command", "made", "training_tracks", "held_out_tracks"} <= card.keys()
    assert not set(card["training_tracks"]) & set(card["held_out_tracks"])


def test_the_published_figures_are_those_of_the_shipped_weights() -> None:
    figures = json.loads(CARD_PATH.with_suffix(".figures.json").read_text())
    assert figures["systems"]["compact"]["signature"] == compact_spec().signature
    assert figures["tracks"] == len(read_card(CARD_PATH)["held_out_tracks"])


def test_signature_follows_what_decides_vectors() -> None:
    spec = compact_spec()
    assert len(spec.signature) == 16
    assert replace(spec, description="other", licence="other").signature == spec.signature
    changed = [
        replace(spec, name="other"),
        replace(spec, weights_sha256="0" * 64),
        replace(spec, pooling="median"),
        replace(spec, revision=spec.revision + 1),
        replace(spec, segments=replace(spec.segments, hop_seconds=3.0)),
        replace(spec, front_ends=(replace(spec.front_ends[0], n_mels=80), spec.front_ends[1])),
    ]
    assert len({spec.signature, *(other.signature for other in changed)}) == 7


def test_golden_vectors(encoder: CnnEncoder) -> None:
    """The weights at hand give the vectors they gave when they were made; other processors round otherwise."""
    golden = json.loads(GOLDEN.read_text())
    assert golden["sha256"] == encoder.spec.weights_sha256
    vectors = embed(encoder, *(make() for make in GOLDEN_WAVEFORMS.values()))
    for name, vector in zip(GOLDEN_WAVEFORMS, vectors, strict=True):
        expected = np.array(golden["vectors"][name], np.float32)
        assert float(vector @ expected) > 0.9999, name


def test_rows_are_unit_length_and_do_not_depend_on_the_batch(encoder: CnnEncoder) -> None:
    waves = [music(seed) for seed in range(10)]
    together = embed(encoder, *waves)
    assert together.shape == (10, encoder.spec.dimension)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together[9:], embed(encoder, waves[9]), atol=1e-4)
    assert embed(encoder, *waves[:1]).shape == (1, encoder.spec.dimension)


@pytest.mark.parametrize("change", [lambda w: w * 0.25, lambda w: w * 1e-3, lambda w: w + 0.2, lambda w: -w])
def test_level_offset_and_polarity_do_not_matter(encoder: CnnEncoder, change: object) -> None:
    wave = music()
    first, second = embed(encoder, wave, change(wave))  # type: ignore[operator]
    assert float(first @ second) > 0.999


@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(WINDOW_SAMPLES),
        np.full(WINDOW_SAMPLES, 0.7),
        np.sign(music()),
        1e4 * music(),
        np.eye(1, WINDOW_SAMPLES, 5)[0],
        np.full(WINDOW_SAMPLES, np.nan),
        np.where(np.arange(WINDOW_SAMPLES) == 9, np.inf, music()),
    ],
    ids=["silence", "offset", "clipped", "huge", "click", "nan", "infinite"],
)
def test_always_finite(encoder: CnnEncoder, wave: np.ndarray) -> None:
    vector = embed(encoder, wave)[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


def test_tells_sounds_apart(encoder: CnnEncoder) -> None:
    noise = np.random.default_rng(0).normal(size=WINDOW_SAMPLES) * 0.1
    same, other, rush = embed(encoder, music(0), np.roll(music(0), 4321), noise)
    assert float(same @ other) > float(same @ rush) + 0.2


@pytest.mark.parametrize("shape", [(3, 1000), (WINDOW_SAMPLES,), (1, 2, WINDOW_SAMPLES)])
def test_other_window_lengths_are_refused(encoder: CnnEncoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="waveforms must be"):
        encoder.embed_segments(np.zeros(shape, np.float32))


def test_no_window_gives_no_row(encoder: CnnEncoder) -> None:
    assert encoder.embed_segments(np.zeros((0, WINDOW_SAMPLES), np.float32)).shape == (0, encoder.spec.dimension)


def test_unknown_encoder_is_an_error_that_names_the_known() -> None:
    with pytest.raises(EncoderError, match=DEFAULT_ENCODER):
        create_encoder("nonesuch")


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        register(DEFAULT_ENCODER, compact_spec, "embeddings.encoders.cnn")


def spec_of(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> EncoderSpec:
    monkeypatch.setattr("embeddings.encoders.spec.WEIGHTS_FOLDER", folder)
    (folder / "some.safetensors").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return replace(compact_spec(), weights_file="some.safetensors", weights_sha256=digest)


def test_weights_missing_altered_or_unfit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = CompactNetwork()
    state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    good = spec_of(tmp_path, save(state), monkeypatch)
    load_weights(network, good)
    with pytest.raises(EncoderError, match="cannot be read"):
        load_weights(network, replace(good, weights_file="none.safetensors"))
    with pytest.raises(EncoderError, match="altered"):
        load_weights(network, replace(good, weights_sha256="0" * 64))
    with pytest.raises(EncoderError, match="not a safetensors"):
        load_weights(network, spec_of(tmp_path, b"garbage", monkeypatch))
    with pytest.raises(EncoderError, match=r"does not fit.*assembly.centre"):
        load_weights(network, spec_of(tmp_path, save(state | {"assembly.centre": torch.zeros(3)}), monkeypatch))
    bad = torch.full_like(state["assembly.centre"], torch.nan)
    with pytest.raises(EncoderError, match="not finite"):
        load_weights(network, spec_of(tmp_path, save(state | {"assembly.centre": bad}), monkeypatch))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sha256": 3}'])
def test_broken_card_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(EncoderError, match="card"):
        read_card(tmp_path / "card.json")
