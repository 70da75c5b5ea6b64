"""The frozen edition of the quality report: music made by arithmetic, and how well an encoder must do on it.

``frozen_floors.json`` holds what must be reached. When other weights ship, ``python -m tests.embeddings.frozen`` writes
it anew, a margin below what they reach, and says what it lowered: that needs a reason, never only a test that fails.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from embeddings.decoding import decode_blocks
from embeddings.encoders import Encoder, create_encoder
from embeddings.pooling import pool
from embeddings.retrieval import rank_originals, score_retrieval
from embeddings.segments import collect_segments
from embeddings.synthesis import list_styles, synthesise
from embeddings.variants import add_pink_noise, attenuate, middle_seconds, narrow, shift, write_mp3

FLOORS = Path(__file__).with_name("frozen_floors.json")
PIECES = 6
SECONDS = 20.48
Wave = np.ndarray


@cache
def make_pieces(rate_hz: int) -> list[tuple[str, Wave]]:
    """Six pieces of each style, mono, and the style of each."""
    return [
        (style, synthesise(style, 100 + seed, SECONDS, rate_hz).mean(axis=0))
        for style in list_styles()
        for seed in range(PIECES)
    ]


def through_mp3(wave: Wave, rate_hz: int) -> Wave:
    """Encoded at 64 kb/s and decoded again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.mp3")
        write_mp3(path, wave[None], rate_hz)
        return np.concatenate(list(decode_blocks(path, rate_hz, max_seconds=60)))


PARTS: dict[str, Callable[[Wave, int], Wave]] = {
    "first half": lambda wave, _: wave[: len(wave) // 2],
    "second half": lambda wave, _: wave[len(wave) // 2 :],
    "5 s query": middle_seconds,
    "shifted 1.2 s": shift,
    "-12 dB": attenuate,
    "pink noise at 10 dB": add_pink_noise,
    "below 4 kHz": narrow,
    "MP3 64 kb/s": through_mp3,
}
STABILITY = tuple(PARTS)[3:]


def measure_frozen(encoder: Encoder) -> dict[str, float]:
    """Every figure by name; all are better when larger."""
    spec = encoder.spec.segments
    rate_hz = spec.rate_hz

    def embed(wave: Wave) -> Wave:
        return pool(encoder.embed_segments(collect_segments([wave], spec).waveforms))

    pieces = make_pieces(rate_hz)
    tracks = np.stack([embed(wave) for _, wave in pieces])
    parts = {name: np.stack([embed(cut(wave, rate_hz)) for _, wave in pieces]) for name, cut in PARTS.items()}
    recordings = range(len(pieces))
    scores = score_retrieval(tracks @ tracks.T, [style for style, _ in pieces], [""] * len(pieces), recordings)
    assert scores is not None
    halves = rank_originals(parts["first half"] @ parts["second half"].T, recordings)
    query = rank_originals(parts["5 s query"] @ tracks.T, recordings)
    found = {
        "same style, P@5": scores.precision_at_5.value,
        "same style, MAP": scores.mean_average_precision.value,
        "halves of a track, R@1": halves.recall_at_1.value,
        "5 s query, in the first three": query.recall_at_3.value,
    }
    for name in STABILITY:
        agreement = rank_originals(parts[name] @ tracks.T, recordings)
        found[f"{name}, cosine"] = agreement.cosine
        found[f"{name}, ranks first"] = agreement.recall_at_1.value
    return {name: round(value, 4) for name, value in found.items()}


def margin(name: str) -> float:
    """What another processor or release of a library may cost: a cosine moves little, three of 36 tracks may change."""
    return 0.03 if name.endswith(("cosine", "P@5", "MAP")) else 0.085


def read_floors() -> dict[str, float]:
    floors: dict[str, float] = json.loads(FLOORS.read_text())
    return floors


def write_floors() -> None:
    before = read_floors() if FLOORS.exists() else {}
    floors = {name: round(value - margin(name), 3) for name, value in measure_frozen(create_encoder()).items()}
    FLOORS.write_text(json.dumps(floors, indent=1) + "\n")
    for name, floor in floors.items():
        lowered = "  LOWERED" if floor < before.get(name, floor) else ""
        sys.stdout.write(f"{name}: {floor}{lowered}\n")


if __name__ == "__main__":
    write_floors()
