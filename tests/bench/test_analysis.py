"""What analysis costs, as ratios to a bare decode of the same file in the same run: machines are noisy."""

import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from embeddings import analyse_file, create_encoder
from embeddings.audio import Decoder
from embeddings.blocks import Waveform
from embeddings.descriptors import DescriptorMeter
from embeddings.fingerprint import FingerprintMeter
from embeddings.source_meter import SourceMeter
from embeddings.synthesis import synthesise, write_audio

SECONDS = 180


def decode_bare(path: Path) -> None:
    with av.open(str(path)) as container:
        for _ in container.decode(audio=0):
            pass


def measure(work: Callable[[], object], repeats: int = 3) -> float:
    """The best of a few runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def measure_source(seconds: list[np.ndarray]) -> None:
    meter = SourceMeter()
    meter.start(44_100, 2, ["FL", "FR"])
    for second in seconds:
        meter.add(second, 0.8)
    meter.finish(container="wav", codec="pcm_s16le", file_bytes=1)


def describe(blocks: list[Waveform]) -> None:
    meter = DescriptorMeter()
    for block in blocks:
        meter.add(block)
    meter.finish(-14.0)


def take_fingerprint(blocks: list[Waveform]) -> None:
    meter = FingerprintMeter()
    for block in blocks:
        meter.add(block)
    meter.finish()


@pytest.mark.bench
@pytest.mark.parametrize("container", ["mp3", "flac", "opus"])
def test_analysis_beside_a_bare_decode(container, tmp_path, capsys):
    music = synthesise("rock", 1, SECONDS)
    path = write_audio(tmp_path / "song", music, 44_100, container=container)
    encoder = create_encoder()
    stereo = [np.ascontiguousarray(second) for second in np.array_split(music.T, SECONDS)]
    bare = measure(lambda: decode_bare(path))
    with Decoder() as decoder:
        blocks = list(decoder.decode(path))
        found = {
            "decode, resample, hash and loudness in the child": measure(lambda: list(decoder.decode(path))),
            "hash and loudness of that": measure(lambda: measure_source(stereo)),
            "descriptors": measure(lambda: describe(blocks)),
            "fingerprint": measure(lambda: take_fingerprint(blocks)),
            "whole analysis": measure(lambda: analyse_file(path, encoder, decoder=decoder)),
        }
    with capsys.disabled():
        print(f"\n{container}: bare decode {bare:.2f} s for {SECONDS} s of sound")
        for name, seconds in found.items():
            print(f"  {name}: {seconds / bare:.2f} x = {seconds / SECONDS * 60:.3f} s per minute of sound")
