"""Which copies of real music the fingerprint recognises, and which different tracks it takes for one recording.

    TEST_MUSIC=FOLDER bin/test bench tests/bench/test_duplicates.py

FOLDER holds `manifest.csv` with columns path and duration_seconds; TEST_TRACKS=N has only N of its tracks encoded (each
takes ten seconds or so). Every track is compared with every other in any case.
"""

import csv
import itertools
import os
import random
import resource
import time
from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from scipy.fft import irfft, next_fast_len, rfft

from embeddings.alignment import align, is_same_recording
from embeddings.decoding import decode_blocks
from embeddings.fingerprint import HEARD_SECONDS, SECONDS_OF_A_VALUE, SECONDS_PER_VALUE, compute_fingerprint
from embeddings.variants import read_channels
from recommender.catalog.models import AudioFile, Fingerprint, Track
from recommender.ingest.duplicates import compare as compare_with_all
from tests.people import make_track, make_user

RATE_HZ = 16_000
HEARD = round(HEARD_SECONDS * RATE_HZ)
# Files as they are found: muxer, codec, bit rate, channels. LAME's effort is 7: half the time, and no better sound.
ENCODINGS = {
    "MP3 64": ("mp3", "libmp3lame", 64_000, 1),
    "MP3 128": ("mp3", "libmp3lame", 128_000, 1),
    "MP3 320": ("mp3", "libmp3lame", 320_000, 1),
    "AAC 96": ("ipod", "aac", 96_000, 1),
    "Opus 48": ("ogg", "libopus", 48_000, 1),
    "Vorbis": ("ogg", "vorbis", None, 2),
}
# 2.04 s lie halfway between two values of the fingerprint, which is the worst place to start.
CUTS = {
    "2 s cut off": lambda wave: wave[2 * RATE_HZ :],
    "2.04 s cut off": lambda wave: wave[round(2.04 * RATE_HZ) :],
    "2 s of silence before": lambda wave: np.concatenate([np.zeros(2 * RATE_HZ, np.float32), wave]),
    "10 s cut off": lambda wave: wave[10 * RATE_HZ :],
}
SAME_WAVE = 0.9


class Copy(NamedTuple):
    values: np.ndarray
    seconds: float


def hear(path) -> np.ndarray:
    return np.concatenate(list(decode_blocks(path, RATE_HZ, max_seconds=float("inf"))))


def encode(path, samples, rate_hz, encoding) -> None:
    muxer, codec, bit_rate, channels = ENCODINGS[encoding]
    layout = "mono" if channels == 1 else "stereo"
    with av.open(str(path), "w", format=muxer) as output:
        stream = output.add_stream(codec, rate=48_000 if codec == "libopus" else rate_hz, layout=layout)
        stream.codec_context.options = {"strict": "experimental", "compression_level": "7"}
        stream.bit_rate = bit_rate or 0
        stream.codec_context.open()
        fit = av.AudioResampler(stream.format, layout, stream.rate, frame_size=stream.frame_size or 1024)
        for start in range(0, samples.shape[1], rate_hz):
            second = np.ascontiguousarray(samples[:, start : start + rate_hz])
            frame = av.AudioFrame.from_ndarray(second, "fltp", layout)
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
            output.mux([packet for fitted in fit.resample(frame) for packet in stream.encode(fitted)])
        output.mux([packet for fitted in [*fit.resample(None), None] for packet in stream.encode(fitted)])


def make_copies(path, seconds, folder) -> dict[str, Copy]:
    """Copies of one track by variant. Only what is heard of it is encoded; its length is that of the whole."""
    samples, rate_hz = read_channels(path)
    heard = samples.mean(axis=0, keepdims=True)[:, : round((HEARD_SECONDS + 15) * rate_hz)]
    waves = {"": hear(path)}
    for encoding in ENCODINGS:
        encode(folder / "copy", np.repeat(heard, ENCODINGS[encoding][3], axis=0), rate_hz, encoding)
        waves[encoding] = hear(folder / "copy")
    copies = {name: Copy(compute_fingerprint(wave[:HEARD]), seconds) for name, wave in waves.items() if name}
    for name, encoding in itertools.product(CUTS, ("", "MP3 64")):
        wave = CUTS[name](waves[encoding])
        change = (len(wave) - len(waves[encoding])) / RATE_HZ
        copies[f"{name} {encoding}".strip()] = Copy(compute_fingerprint(wave[:HEARD]), seconds + change)
    return copies


def wave_likeness(first, second) -> float:
    """The correlation of two waves where they lie best over each other: of one recording, 0.95 and more."""
    size = next_fast_len(len(first) + len(second), real=True)
    products = irfft(rfft(first, size) * np.conj(rfft(second, size)), size)
    shift = int(np.abs(products).argmax())
    shift -= size if shift > size // 2 else 0
    upper, lower = first[max(shift, 0) :], second[max(-shift, 0) :]
    upper, lower = upper[: len(lower)], lower[: len(upper)]
    return float(abs(upper @ lower) / max(np.sqrt((upper @ upper) * (lower @ lower)), 1e-9))


@pytest.mark.bench
@pytest.mark.timeout(0)
@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_copies_are_found_and_nothing_else(tmp_path, capsys):
    folder = Path(os.environ["TEST_MUSIC"])
    with (folder / "manifest.csv").open() as manifest:
        paths = [folder / row["path"] for row in csv.DictReader(manifest)]
    originals = {}
    for path in paths:
        wave = hear(path)
        originals[path] = Copy(compute_fingerprint(wave[:HEARD]), len(wave) / RATE_HZ)
    encoded = random.Random(7).sample(paths, min(len(paths), int(os.environ.get("TEST_TRACKS", len(paths)))))
    found = defaultdict(list)
    for path in encoded:
        for variant, copy in make_copies(path, originals[path].seconds, tmp_path).items():
            found[variant].append((compare(originals[path], copy), path.name))
    pairs = [(*compare(originals[a], originals[b]), a, b) for a, b in itertools.combinations(paths, 2)]
    with capsys.disabled():
        report_copies(found)
        report_pairs(pairs, len(paths))


def compare(first: Copy, second: Copy):
    alignment = align(first.values, second.values)
    return is_same_recording(alignment, first.seconds, second.seconds), alignment


def report_copies(found) -> None:
    print(f"\n{'copy':32} tracks  recall  lowest score  lowest above background  missed")
    for variant, results in found.items():
        alignments = [alignment for (_, alignment), _ in results]
        missed = [name for (is_same, _), name in results if not is_same]
        score = min(alignment.score for alignment in alignments)
        above = min(alignment.score - alignment.background for alignment in alignments)
        recall = 1 - len(missed) / len(results)
        print(f"{variant:32} {len(results):6} {recall:7.3f} {score:13.3f} {above:24.3f}  {' '.join(missed)}")


def report_pairs(pairs, count) -> None:
    """Files that are one recording by their waves are no false merge: collections hold some things twice."""
    false_merges, different = [], []
    for is_same, alignment, first, second in pairs:
        is_twice = alignment.score > 0.7 and wave_likeness(hear(first)[:HEARD], hear(second)[:HEARD]) >= SAME_WAVE
        if is_twice:
            print(f"twice in the collection, {'found' if is_same else 'not found'}: {first.name} {second.name}")
        else:
            different.append((alignment.score, first.name, second.name))
            false_merges += [(first, second)] * is_same
    different.sort(reverse=True)
    print(f"{count} tracks, {len(different)} pairs of different recordings, {len(false_merges)} false merges")
    print("most alike:", "; ".join(f"{score:.3f} {first} {second}" for score, first, second in different[:5]))


@pytest.mark.bench
@pytest.mark.django_db
def test_comparing_one_track_with_ten_thousand(capsys):
    """Durations as in music libraries: half of them between 3:00 and 4:40."""
    rng = np.random.default_rng(1)
    durations = np.exp(rng.normal(np.log(220), 0.33, 10_000))
    owner = make_user()
    files = [AudioFile(sha256=f"{number:064x}", size_bytes=1, suffix=".mp3") for number in range(durations.size)]
    AudioFile.objects.bulk_create(files, batch_size=1000)
    Track.objects.bulk_create((Track(owner=owner, audio_file=file, title="Track") for file in files), batch_size=1000)
    now = datetime.now(UTC)
    Fingerprint.objects.bulk_create(
        (
            Fingerprint(audio_file=file, values=make_values(rng, seconds), duration_seconds=seconds, compared_at=now)
            for file, seconds in zip(files, durations.tolist(), strict=True)
        ),
        batch_size=500,
    )
    new = make_track().audio_file
    values = make_values(rng, 220)
    fingerprint = Fingerprint.objects.create(audio_file=new, values=values, duration_seconds=220)
    candidates = Fingerprint.objects.filter(duration_seconds__range=(205, 235)).count() - 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    compare_with_all(fingerprint)
    seconds = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    first, second = (np.frombuffer(make_values(rng, 220), "<u4") for _ in range(2))
    began = time.process_time()
    for _ in range(200):
        align(first, second)
    bare = (time.process_time() - began) / 200
    with capsys.disabled():
        print(
            f"\n10,000 tracks, {candidates} of about the same length: {seconds:.2f} s of processor time, "
            f"{seconds / candidates / bare:.2f} x a bare alignment ({1000 * bare:.2f} ms) each; {grown:.0f} MB more"
        )


def make_values(rng, seconds) -> bytes:
    count = round((min(seconds, HEARD_SECONDS) - SECONDS_OF_A_VALUE) / SECONDS_PER_VALUE)
    return rng.integers(0, 2**32, count, dtype=np.uint32).astype("<u4").tobytes()
