import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest

from embeddings.audio import DecodeLimits, Decoder
from embeddings.decoding import decode_blocks
from embeddings.errors import (
    AudioError,
    CorruptAudioError,
    DecoderDiedError,
    DecoderError,
    DecoderStalledError,
    NoAudioStreamError,
    NotAudioError,
    TooLongError,
    UnsupportedAudioError,
)
from embeddings.synthesis import CONTAINERS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def child_pids() -> set[int]:
    """The living children of this process that are decode children."""
    pids = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"embeddings.decode_child" in command:
            pids.add(int(entry.name))
    return pids


@pytest.fixture
def own_children():
    """Gives the decode children started since the test began."""
    before = child_pids()
    return lambda: child_pids() - before


@pytest.fixture
def long_file(save, encoded):
    """Ten minutes of eight-channel silence at 192 kHz that take no room on the disk: minutes of work for a child."""
    wav = bytearray(encoded("wav"))
    at = wav.index(b"fmt ") + 8
    wav[at + 2 : at + 4] = (8).to_bytes(2, "little")
    wav[at + 4 : at + 8] = (192_000).to_bytes(4, "little")
    wav[at + 8 : at + 12] = (192_000 * 16).to_bytes(4, "little")
    wav[at + 12 : at + 14] = (16).to_bytes(2, "little")
    data = wav.index(b"data")
    size = 600 * 192_000 * 16
    wav[data + 4 : data + 8] = size.to_bytes(4, "little")
    path = save("long.wav", bytes(wav[: data + 8]))
    os.truncate(path, data + 8 + size)
    return path


def test_the_child_gives_what_decoding_here_gives(decoder, encoded, save):
    for container in ("flac", "mp3", "opus"):
        path = save("a", encoded(container))
        blocks, here = decoder.decode(path), decode_blocks(path, 16_000, max_seconds=1e5)
        np.testing.assert_array_equal(np.concatenate(list(blocks)), np.concatenate(list(here)))
        assert blocks.is_truncated is here.is_truncated is False
        assert blocks.source == here.source
        assert blocks.source.codec == container


def test_other_rates_and_truncation_come_across(decoder, encoded, save):
    blocks = decoder.decode(save("a.wav", encoded("wav")[:500_000]), 22_050)
    samples = np.concatenate(list(blocks))
    assert samples.size == pytest.approx(500_000 / 4 / 2, abs=50)
    assert samples.flags.writeable
    assert blocks.is_truncated


def test_errors_come_across_with_their_class_and_sentence(decoder, encoded, save):
    wav, m4a = encoded("wav"), encoded("aac-m4a")
    cases = {
        NotAudioError: b"hello",
        UnsupportedAudioError: m4a.replace(b"mp4a", b"drms"),
        CorruptAudioError: wav[: wav.index(b"data") + 4] + bytes(4),
    }
    for kind, content in cases.items():
        with pytest.raises(kind, match=r"^[A-Z].*[a-z ]{10,}.*\.$"):
            list(decoder.decode(save("a", content)))
    with Decoder(DecodeLimits(max_seconds=3)) as strict, pytest.raises(TooLongError):
        list(strict.decode(save("a", wav)))


def test_what_is_wrong_with_the_file_is_told_apart_from_the_decoder(decoder, tmp_path):
    """A video without sound will have none tomorrow; only a DecoderError is worth another try."""
    path = tmp_path / "silent.mkv"
    with av.open(str(path), "w", format="matroska") as output:
        stream = output.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        for _ in range(3):
            output.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(stream.encode(None))
    with pytest.raises(NoAudioStreamError) as caught:
        list(decoder.decode(path))
    assert not isinstance(caught.value, DecoderError)


def test_what_the_system_will_not_open_is_an_os_error(decoder, own_children, encoded, save, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        with pytest.raises(OSError, match="socket") as caught:
            list(decoder.decode(path))
    assert caught.value.errno == errno.ENXIO
    assert sum(block.size for block in decoder.decode(save("a.flac", encoded("flac")))) == 96_000


def test_each_thread_has_its_own_child(own_children, encoded, save):
    """The system ends a child with the thread that started it, so no other thread may count on it."""
    path = save("a.flac", encoded("flac"))
    sizes = []

    def decode():
        sizes.extend(sum(block.size for block in decoder.decode(path)) for _ in range(2))

    with Decoder() as decoder:
        decode()
        first = own_children()
        assert len(first) == 1
        for _ in range(2):
            thread = threading.Thread(target=decode)
            thread.start()
            thread.join()
            decode()
            assert own_children() == first
    assert sizes == [96_000] * 10
    assert not own_children()


def test_a_missing_file_needs_no_child(own_children, tmp_path):
    with Decoder() as decoder, pytest.raises(FileNotFoundError):
        next(decoder.decode(tmp_path / "none.mp3"))
    assert not own_children()


def test_odd_names_come_across(decoder, encoded, tmp_path):
    for name in (b"\xff\xfe.mp3", b"-i", b"a\nb", "ü\u202e".encode(), b"x" * 255):
        path = os.fsencode(tmp_path) + b"/" + name
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(encoded("flac"))
        assert sum(block.size for block in decoder.decode(os.fsdecode(path))) == 96_000


def test_a_relative_path_is_meant_from_here(decoder, encoded, save, monkeypatch):
    monkeypatch.chdir(save("a.flac", encoded("flac")).parent)
    assert sum(block.size for block in decoder.decode("a.flac")) == 96_000


def test_one_child_serves_track_after_track_bad_ones_too(own_children, encoded, save):
    good, bad = save("a.flac", encoded("flac")), save("b.mp3", b"hello")
    with Decoder() as decoder:
        list(decoder.decode(good))
        first = own_children()
        for _ in range(3):
            with pytest.raises(NotAudioError):
                list(decoder.decode(bad))
            list(decoder.decode(good))
        assert own_children() == first
        assert len(first) == 1
    assert not own_children()


def test_a_child_is_replaced_after_its_share(own_children, encoded, save):
    path = save("a.flac", encoded("flac"))
    with Decoder(DecodeLimits(max_files=2)) as decoder:
        list(decoder.decode(path))
        first = own_children()
        list(decoder.decode(path))
        list(decoder.decode(path))
        assert first
        assert not first & own_children()


def test_a_child_killed_midway_costs_one_track(own_children, long_file, encoded, save):
    with Decoder() as decoder:
        blocks = decoder.decode(long_file)
        next(blocks)
        os.kill(own_children().pop(), signal.SIGKILL)
        with pytest.raises(DecoderDiedError):
            list(blocks)
        assert not own_children()
        assert sum(block.size for block in decoder.decode(save("a.flac", encoded("flac")))) == 96_000


def test_a_child_killed_between_tracks_costs_nothing(own_children, encoded, save):
    path = save("a.flac", encoded("flac"))
    with Decoder() as decoder:
        list(decoder.decode(path))
        os.kill(own_children().pop(), signal.SIGKILL)
        time.sleep(0.1)
        assert sum(block.size for block in decoder.decode(path)) == 96_000


def test_a_stalled_child_is_killed(own_children, long_file):
    with Decoder(DecodeLimits(stall_seconds=8)) as decoder:
        blocks = decoder.decode(long_file)
        next(blocks)
        os.kill(own_children().pop(), signal.SIGSTOP)
        with pytest.raises(DecoderStalledError, match="no sign of life"):
            list(blocks)
        assert not own_children()


def test_a_file_that_takes_for_ever_is_given_up(own_children, long_file):
    with Decoder(DecodeLimits(wall_seconds=1)) as decoder:
        with pytest.raises(DecoderStalledError):
            list(decoder.decode(long_file))
        assert not own_children()


def test_waiting_of_the_caller_does_not_count(encoded, save):
    with Decoder(DecodeLimits(wall_seconds=8)) as decoder:
        blocks = decoder.decode(save("a.flac", encoded("flac")))
        next(blocks)
        time.sleep(8.5)
        assert sum(block.size for block in blocks) > 70_000


def test_processor_time_is_limited_per_file_not_per_child(own_children, long_file, encoded, save):
    with Decoder(DecodeLimits(cpu_seconds=1)) as decoder:
        short = save("a.flac", encoded("flac"))
        list(decoder.decode(short))
        first = own_children()
        with pytest.raises(DecoderStalledError, match="processor time"):
            list(decoder.decode(long_file))
        list(decoder.decode(short))
        assert not first & own_children()


def test_an_abandoned_decode_leaves_nothing_behind(own_children, long_file):
    with Decoder() as decoder:
        blocks = decoder.decode(long_file)
        next(blocks)
        blocks.close()
        assert not own_children()


def test_two_decodes_at_once_do_not_mix(decoder, encoded, save):
    path = save("a.flac", encoded("flac"))
    pairs = list(zip(decoder.decode(path), decoder.decode(path), strict=True))
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)


def test_the_child_is_limited_and_knows_no_secrets(own_children, long_file, monkeypatch):
    monkeypatch.setenv("MILVUS_TOKEN", "a secret")
    with Decoder() as decoder:
        blocks = decoder.decode(long_file)
        next(blocks)
        process = Path("/proc") / str(own_children().pop())
        limits = {line[:25].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()}
        assert limits["Max address space"] == [str(2 << 30)] * 2
        assert limits["Max file size"] == ["0", "0"]
        assert limits["Max core file size"] == ["0", "0"]
        assert limits["Max open files"] == ["32", "32"]
        assert limits["Max cpu time"][0].isdigit()
        assert b"a secret" not in (process / "environ").read_bytes()
        maps = (process / "maps").read_text()
        assert "libavformat" in maps
        assert not [name for name in ("torch", "librosa", "django") if f"/{name}/" in maps]
        blocks.close()


def test_memory_does_not_grow_with_the_file(own_children, long_file):
    with Decoder() as decoder:
        blocks = decoder.decode(long_file)
        for _ in range(20):
            next(blocks)
        status = (Path("/proc") / str(own_children().pop()) / "status").read_text()
        peak_kb = int(status.split("VmHWM:")[1].split()[0])
        assert peak_kb < 250_000
        blocks.close()


def test_too_little_memory_is_an_error_not_a_hang(encoded, save):
    with Decoder(DecodeLimits(address_space_bytes=8 << 20)) as decoder, pytest.raises((DecoderError, AudioError)):
        list(decoder.decode(save("a.flac", encoded("flac"))))


def test_neither_torch_nor_libav_is_loaded_on_this_side(encoded, save):
    program = """
import sys
from embeddings.audio import Decoder
with Decoder() as decoder:
    assert sum(block.size for block in decoder.decode(sys.argv[1])) == 96_000
print([name for name in ("torch", "av", "librosa", "django", "multiprocessing.pool") if name in sys.modules])
"""
    path = save("a.flac", encoded("flac"))
    answer = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
    assert not answer.stderr


def test_after_a_fork_each_process_has_its_own_child(own_children, encoded, save):
    path = save("a.flac", encoded("flac"))
    with Decoder() as decoder:
        list(decoder.decode(path))
        first = own_children()
        pid = os.fork()
        if not pid:
            is_right = False
            try:
                is_right = sum(block.size for block in decoder.decode(path)) == 96_000 and bool(child_pids())
                decoder.close()
                is_right = is_right and not child_pids()
            finally:
                os._exit(0 if is_right else 1)
        assert os.waitpid(pid, 0)[1] == 0
        list(decoder.decode(path))
        assert own_children() == first


def test_the_child_dies_with_its_parent(long_file):
    program = """
import sys, time
from embeddings.audio import Decoder
blocks = Decoder().decode(sys.argv[1])
next(blocks)
print("started", flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program, long_file], stdout=subprocess.PIPE)
    try:
        assert parent.stdout.readline() == b"started\n"
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert len(children) == 1
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_running(children[0]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(children[0])


def is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def mutations(content: bytes, seed: int) -> list[bytes]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(2):
        flipped = bytearray(content)
        for at in rng.integers(0, len(content), 20):
            flipped[at] ^= 1 << int(rng.integers(8))
        at, size = int(rng.integers(len(content))), int(rng.integers(1, 4096))
        replaced = content[:at] + rng.bytes(size) + content[at + size :]
        head = bytearray(content)
        head[int(rng.integers(min(300, len(content))))] ^= 0xFF
        found += [bytes(flipped), replaced, bytes(head)]
    return found


@pytest.mark.parametrize("container", CONTAINERS)
def test_damaged_files_never_kill_the_child(container, decoder, own_children, encoded, save):
    list(decoder.decode(save("whole", encoded(container))))
    for damaged in mutations(encoded(container), seed=len(container)):
        try:
            samples = np.concatenate([np.zeros(0, np.float32), *decoder.decode(save("damaged", damaged))])
        except AudioError:
            continue
        assert np.isfinite(samples).all()
        assert samples.size < 16_000 * 3600
    assert len(own_children()) <= 1
