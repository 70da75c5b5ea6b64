"""What analysis costs, as ratios to a bare decode of the same file in the same run: machines are noisy."""

import time

import av
import pytest

from embeddings import analyse_file, create_encoder
from embeddings.audio import Decoder
from embeddings.synthesis import synthesise, write_audio

SECONDS = 180


def decode_bare(path) -> None:
    with av.open(str(path)) as container:
        for _ in container.decode(audio=0):
            pass


def measure(work, *arguments, repeats: int = 3) -> float:
    """The best of a few runs, in seconds."""
    best = float("inf")
    for _ in range(repeats):
        began = time.perf_counter()
        work(*arguments)
        best = min(best, time.perf_counter() - began)
    return best


@pytest.mark.bench
@pytest.mark.parametrize("container", ["mp3", "flac", "opus"])
def test_analysis_beside_a_bare_decode(container, tmp_path, capsys):
    path = write_audio(tmp_path / "song", synthesise("rock", 1, SECONDS), 44_100, container=container)
    encoder = create_encoder()
    bare = measure(decode_bare, path)
    with Decoder() as decoder:
        list(decoder.decode(path))
        child = measure(lambda: list(decoder.decode(path)))
        whole = measure(lambda: analyse_file(path, encoder, decoder=decoder))
    with capsys.disabled():
        print(
            f"\n{container}: bare decode {bare:.2f} s for {SECONDS} s of sound; decode and resample in the child "
            f"{child / bare:.1f} x; analysis {whole / bare:.1f} x = {whole / SECONDS * 60:.2f} s per minute of sound"
        )
