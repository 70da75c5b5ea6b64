"""What is written as MIDI is read back the same."""

import numpy as np
import pytest

from embeddings.training.midi import Note, read_midi, write_midi


def test_notes_survive_the_file() -> None:
    rng = np.random.default_rng(0)
    notes = [
        Note(
            start=int(rng.integers(0, 400)) / 8,
            length=int(rng.integers(1, 4)) / 16,
            key=int(key),
            velocity=int(rng.integers(1, 128)),
            program=0 if is_drum else int(rng.choice([0, 5, 30, 127])),
            is_drum=is_drum,
        )
        for key, is_drum in [*((key, False) for key in range(20, 110)), *((key, True) for key in range(35, 60))]
    ]
    read = read_midi(write_midi(notes, 97.3))
    assert sorted(read, key=repr) == sorted(notes, key=repr)


def test_a_key_struck_again_ends_and_begins_anew() -> None:
    twice = [Note(0.0, 1.0, 60, 90, 4), Note(1.0, 1.0, 60, 80, 4)]
    assert read_midi(write_midi(twice, 120)) == twice


def test_more_programs_than_channels_keep_their_programs() -> None:
    notes = [Note(float(program), 0.5, 60, 100, program) for program in range(40)]
    assert read_midi(write_midi(notes, 120)) == notes


def test_running_status_long_times_and_system_messages_are_understood() -> None:
    events = (
        b"\x00\xff\x03\x04name"
        b"\x00\xf0\x03\x01\x02\xf7"
        b"\x00\xc2\x11"
        b"\x81\x40\x92\x3c\x64"
        b"\x60\x3c\x00"
        b"\x00\xb2\x07\x64"
        b"\x00\xff\x2f\x00"
    )
    file = b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk" + len(events).to_bytes(4, "big") + events
    assert read_midi(file) == [Note(2.0, 1.0, 60, 100, 0x11)]


def test_tempo_is_written_in_microseconds_a_beat() -> None:
    assert b"\xff\x51\x03\x07\xa1\x20" in write_midi([Note(0, 1, 60, 90, 0)], 120)


def test_what_is_not_midi_is_refused() -> None:
    with pytest.raises(ValueError, match="not a MIDI file"):
        read_midi(b"RIFF....")
