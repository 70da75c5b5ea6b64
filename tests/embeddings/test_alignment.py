import itertools

import numpy as np
import pytest

from embeddings.alignment import MAX_OFFSET_SECONDS, Alignment, align, is_same_recording
from embeddings.decoding import decode_blocks
from embeddings.fingerprint import SECONDS_PER_VALUE, compute_fingerprint
from embeddings.synthesis import synthesise, write_audio

RATE_HZ = 16_000
SECONDS = 16
STYLES = ("piano", "rock", "chiptune", "techno")


def play(style: str, seed: int, seconds: float = SECONDS) -> np.ndarray:
    return synthesise(style, seed, seconds, RATE_HZ).mean(axis=0).astype(np.float32)


@pytest.fixture(scope="module")
def pieces() -> dict[str, np.ndarray]:
    return {style: play(style, 1) for style in STYLES}


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def noise(seed: int, seconds: float = SECONDS) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)


def tones(*hertz: float) -> np.ndarray:
    clock = np.arange(SECONDS * RATE_HZ) / RATE_HZ
    return sum(0.1 * np.sin(2 * np.pi * each * clock) for each in hertz).astype(np.float32)


def hear(wave: np.ndarray) -> tuple[np.ndarray, float]:
    return compute_fingerprint(wave), wave.size / RATE_HZ


def judge(first: tuple[np.ndarray, float], second: tuple[np.ndarray, float]) -> tuple[bool, Alignment]:
    alignment = align(first[0], second[0])
    return is_same_recording(alignment, first[1], second[1]), alignment


@pytest.mark.parametrize(("container", "bit_rate"), [("mp3", 64_000), ("opus", 48_000)])
def test_another_encoding_is_the_same_recording(container, bit_rate, tmp_path, pieces):
    wave = pieces["rock"]
    write_audio(tmp_path / "copy", np.stack([wave, wave]), RATE_HZ, container=container, bit_rate=bit_rate)
    copy = np.concatenate(list(decode_blocks(tmp_path / "copy", RATE_HZ, max_seconds=60)))
    is_same, alignment = judge(hear(wave), hear(copy))
    assert is_same
    assert alignment.score > 0.95
    assert alignment.offset_seconds == 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("change", "offset_seconds"),
    [
        (lambda wave: wave[2 * RATE_HZ :], 2),
        (lambda wave: np.concatenate([silence(2), wave]), -2),
        (lambda wave: wave[: -3 * RATE_HZ], 0),
    ],
    ids=["2 s cut off", "2 s of silence before", "the end cut off"],
)
def test_a_piece_that_starts_or_ends_elsewhere_is_found_there(style, change, offset_seconds, pieces):
    whole, changed = hear(pieces[style]), hear(change(pieces[style]))
    is_same, alignment = judge(whole, changed)
    assert is_same
    spare = 2 if style == "techno" else SECONDS_PER_VALUE  # which fits nearly as well at any other bar
    assert alignment.offset_seconds == pytest.approx(offset_seconds, abs=spare)
    is_same, back = judge(changed, whole)
    assert is_same
    assert back.offset_seconds == pytest.approx(-alignment.offset_seconds, abs=2 * SECONDS_PER_VALUE)


def test_different_pieces_are_different(pieces):
    heard = [hear(wave) for wave in [*pieces.values(), *(play(style, 2) for style in STYLES)]]
    found = [judge(first, second) for first, second in itertools.combinations(heard, 2)]
    assert not any(is_same for is_same, _ in found)
    assert max(alignment.score for _, alignment in found) < 0.75


def test_what_says_nothing_is_never_the_same(pieces):
    held = [silence(SECONDS), 1e-5 * noise(1), tones(440), tones(440, 550, 660), tones(50, 100) + 0.01 * noise(2)]
    begun = [np.concatenate([pieces[style][: 5 * RATE_HZ], silence(SECONDS - 5)]) for style in STYLES]
    dull = [hear(wave) for wave in [*held, noise(3), noise(4), *begun]]
    assert not any(judge(first, second)[0] for first, second in itertools.combinations(dull, 2))
    assert not any(judge(heard, heard)[0] for heard in dull[: len(held)])


def test_a_long_piece_with_the_same_beginning_is_another_recording(pieces):
    wave = pieces["rock"]
    longer = np.concatenate([wave, pieces["piano"], noise(1, 2)])
    is_same, alignment = judge(hear(wave), hear(longer))
    assert alignment.score > 0.95
    assert longer.size - wave.size > MAX_OFFSET_SECONDS * RATE_HZ
    assert not is_same


def test_short_and_empty_fingerprints_are_of_nothing(pieces):
    values = compute_fingerprint(pieces["piano"])
    for short in (values[:0], values[:7]):
        for alignment in (align(short, values), align(values, short), align(short, short)):
            assert not is_same_recording(alignment, 3, 16)
    assert not is_same_recording(align(values[:30], values[:30]), 6, 6)


@pytest.mark.parametrize(("first_size", "second_size"), [(60, 45), (45, 60), (300, 290), (290, 300), (700, 900)])
@pytest.mark.parametrize("offset", [-20, 0, 7])
def test_the_offset_is_found_whatever_the_lengths(first_size, second_size, offset):
    values = np.random.default_rng(1).integers(0, 2**32, 1000, dtype=np.uint32)
    first = values[20:][:first_size]
    second = values[20 + offset :][:second_size]
    alignment = align(first, second)
    assert alignment.score == 1
    assert alignment.background == pytest.approx(0.5, abs=0.03)
    assert alignment.offset_seconds == pytest.approx(offset * SECONDS_PER_VALUE)
    overlap = min(first_size, offset + second_size) - max(0, offset)
    assert alignment.overlap_seconds == pytest.approx(overlap * SECONDS_PER_VALUE)
