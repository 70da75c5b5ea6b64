from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from embeddings.encoders import create_encoder, describe_encoder, list_encoders
from embeddings.encoders.adapted import AdaptedEncoder, AdaptedTagEncoder, install_adapted
from embeddings.encoders.adapted_spec import HEAD_FILE
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.spec import Encoder
from embeddings.encoders.store import install
from embeddings.errors import EncoderError
from embeddings.heads import apply_head
from tests.embeddings.brightness import ThoroughEncoder
from tests.embeddings.encoders.conftest import sound


@pytest.fixture(scope="module")
def base() -> Encoder:
    return create_encoder()


@pytest.fixture(scope="module")
def waveforms(base: Encoder) -> np.ndarray:
    spec = base.spec.segments
    return np.stack([sound(spec.window_samples, spec.rate_hz, seed) for seed in range(3)])


def make_head(dimension: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (np.eye(dimension) + 0.1 * rng.normal(size=(dimension, dimension))).astype(np.float32)


def test_an_adapted_encoder_gives_the_rows_of_its_base_turned(home: Path, base: Encoder, waveforms: np.ndarray) -> None:
    head = make_head(base.spec.dimension)
    install_adapted(home, "mine", base, head)
    mine = create_encoder("mine")
    expected = apply_head(head, base.embed_segments(waveforms))
    found = mine.embed_segments(waveforms)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert abs(float((found[0] * base.embed_segments(waveforms)[0]).sum())) < 0.95


def test_its_card_is_that_of_the_base_with_another_name_and_signature(home: Path, base: Encoder) -> None:
    install_adapted(home, "mine", base, make_head(base.spec.dimension))
    shipped, mine = list_encoders()
    assert (mine.name, mine.family, mine.licence) == ("mine", "adapted", shipped.licence)
    assert (mine.segments, mine.front_ends, mine.dimension) == (shipped.segments, shipped.front_ends, shipped.dimension)
    assert mine.parameters == shipped.parameters + shipped.dimension**2
    assert mine.signature != shipped.signature
    assert mine.has_weights
    install_adapted(home, "other", base, make_head(base.spec.dimension, seed=1))
    assert len({card.signature for card in list_encoders()}) == 3


def test_adapting_again_adapts_the_same_base_by_both_heads(home: Path, base: Encoder, waveforms: np.ndarray) -> None:
    first, second = (make_head(base.spec.dimension, seed) for seed in (0, 1))
    install_adapted(home, "mine", base, first)
    card = install_adapted(home, "again", create_encoder("mine"), second)
    assert card.options["base"] == base.spec.name
    expected = apply_head(second, create_encoder("mine").embed_segments(waveforms))
    np.testing.assert_allclose(create_encoder("again").embed_segments(waveforms), expected, atol=1e-4)


def test_tags_stay_those_of_the_base() -> None:
    tagging = ThoroughEncoder()
    mine = AdaptedTagEncoder(tagging.spec, tagging, make_head(2), tags=tagging)
    waves = np.random.default_rng(0).normal(size=(2, 1000)).astype(np.float32)
    assert mine.tag_names == tagging.tag_names
    vectors, tags = mine.describe_segments(waves)
    np.testing.assert_array_equal(tags, tagging.describe_segments(waves)[1])
    np.testing.assert_array_equal(vectors, mine.embed_segments(waves))
    assert (mine.embed_segments(waves) != tagging.embed_segments(waves)).any()


def test_a_taken_name_is_refused(home: Path, base: Encoder) -> None:
    install_adapted(home, "mine", base, make_head(base.spec.dimension))
    with pytest.raises(EncoderError, match="another encoder of this name"):
        install_adapted(home, "mine", base, make_head(base.spec.dimension, seed=1))
    with pytest.raises(EncoderError, match="belongs to another encoder"):
        install_adapted(home, base.spec.name, base, make_head(base.spec.dimension))


def card_for(encoder: Encoder, **options: str) -> InstalledCard:
    return InstalledCard(
        family="adapted",
        name="mine",
        description="An encoder of mine",
        licence="MIT",
        source="a test",
        dimension=encoder.spec.dimension,
        parameters=1,
        options={"base": encoder.spec.name, "base_signature": encoder.spec.signature} | options,
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"base_signature": "0" * 16}, "adapt_encoder` again"),
        ({"base": "nonesuch"}, "no encoder 'nonesuch'"),
        ({"base": "mine"}, "does not name the encoder"),
    ],
)
def test_a_card_that_does_not_fit_its_base_is_refused(
    options: dict[str, str], reason: str, home: Path, base: Encoder
) -> None:
    files = {HEAD_FILE: save({"head": make_head(base.spec.dimension)})}
    with pytest.raises(EncoderError, match=reason):
        install(home, card_for(base, **options), files)
    assert len(list_encoders()) == 1


def test_a_base_that_was_taken_away(home: Path, base: Encoder) -> None:
    install_adapted(home, "mine", base, make_head(base.spec.dimension))
    card = home / "mine" / "card.json"
    card.write_text(card.read_text().replace('"base": "compact"', '"base": "gone"'))
    assert [spec.name for spec in list_encoders()] == ["compact"]
    with pytest.raises(EncoderError, match="no encoder 'gone'"):
        describe_encoder("mine")


def test_an_adapted_encoder_is_no_base(home: Path, base: Encoder) -> None:
    install_adapted(home, "first", base, make_head(base.spec.dimension))
    options = {"base": "first", "base_signature": describe_encoder("first").signature}
    with pytest.raises(EncoderError, match="adapted itself"):
        install(home, card_for(base, **options), {HEAD_FILE: save({"head": make_head(base.spec.dimension)})})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda _size: save({"head": make_head(7)}), "one square head"),
        (lambda size: save({"other": make_head(size)}), "one square head"),
        (lambda size: save({"head": make_head(size) * np.float32(np.nan)}), "not finite"),
        (lambda _size: b"garbage", "not a safetensors"),
    ],
    ids=["shape", "name", "nan", "garbage"],
)
def test_a_head_that_does_not_fit_is_refused(
    content: Callable[[int], bytes], reason: str, home: Path, base: Encoder
) -> None:
    install(home, card_for(base), {HEAD_FILE: content(base.spec.dimension)})
    with pytest.raises(EncoderError, match=reason):
        create_encoder("mine")


def test_an_altered_head_is_refused(home: Path, base: Encoder) -> None:
    install_adapted(home, "mine", base, make_head(base.spec.dimension))
    (home / "mine" / HEAD_FILE).write_bytes(save({"head": make_head(base.spec.dimension, seed=1)}))
    with pytest.raises(EncoderError, match="altered"):
        create_encoder("mine")


def test_it_is_made_for_the_encoder_protocol(home: Path, base: Encoder) -> None:
    install_adapted(home, "mine", base, make_head(base.spec.dimension))
    mine = create_encoder("mine")
    assert isinstance(mine, AdaptedEncoder)
    empty = np.zeros((0, base.spec.segments.window_samples), np.float32)
    assert mine.embed_segments(empty).shape == (0, base.spec.dimension)
