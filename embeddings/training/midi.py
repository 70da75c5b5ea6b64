"""Notes to and from Standard MIDI Files ("The Complete MIDI 1.0 Detailed Specification", part RP-001)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

TICKS_PER_BEAT: Final = 480
DRUM_CHANNEL: Final = 9
MELODIC_CHANNELS: Final = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)


@dataclass(frozen=True)
class Note:
    """``start`` and ``length`` in beats, ``key`` 0-127 (60 is middle C), ``velocity`` 1-127.

    ``program`` is one of the 128 of General MIDI, counted from 0; for drums it is the kit and ``key`` the drum.
    """

    start: float
    length: float
    key: int
    velocity: int
    program: int
    is_drum: bool = False


def write_midi(notes: Sequence[Note], tempo_bpm: float) -> bytes:
    """One track at a fixed tempo; each program has a channel of its own, as far as 15 go."""
    programs = sorted({note.program for note in notes if not note.is_drum})
    channels = {program: MELODIC_CHANNELS[number % 15] for number, program in enumerate(programs)}
    events: list[tuple[int, int, bytes]] = []
    for note in notes:
        channel = DRUM_CHANNEL if note.is_drum else channels[note.program]
        start = round(max(note.start, 0) * TICKS_PER_BEAT)
        end = max(start + 1, round((note.start + note.length) * TICKS_PER_BEAT))
        # At one tick a note ends (0) before the program changes (1) and the next one begins (2).
        events.append((end, 0, bytes([0x80 | channel, note.key, 0])))
        events.append((start, 1, bytes([0xC0 | channel, note.program])))
        events.append((start, 2, bytes([0x90 | channel, note.key, note.velocity])))
    tempo = b"\xff\x51\x03" + round(60e6 / tempo_bpm).to_bytes(3, "big")
    body = bytearray(b"\x00" + tempo)
    now = 0
    for tick, _, message in sorted(set(events)):
        body += _encode_length(tick - now) + message
        now = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_BEAT) + b"MTrk" + struct.pack(">I", len(body)) + body


def _encode_length(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def read_midi(data: bytes) -> list[Note]:
    """The notes of all tracks in the order of their start, without tempo and controllers. ValueError if damaged."""
    if data[:4] != b"MThd":
        raise ValueError("This is not a MIDI file: it does not begin with MThd.")
    division = struct.unpack(">H", data[12:14])[0]
    notes: list[Note] = []
    position = 14
    while position + 8 <= len(data):
        size = struct.unpack(">I", data[position + 4 : position + 8])[0]
        notes += _read_track(data[position + 8 : position + 8 + size], division)
        position += 8 + size
    return sorted(notes, key=lambda note: (note.start, note.is_drum, note.program, note.key))


def _read_track(body: bytes, division: int) -> list[Note]:
    notes: list[Note] = []
    programs = dict.fromkeys(range(16), 0)
    sounding: dict[tuple[int, int], tuple[int, int, int]] = {}
    for tick, status, key, value in _read_messages(body):
        kind, channel = status & 0xF0, status & 0x0F
        if kind == 0xC0:
            programs[channel] = key
        elif kind in (0x80, 0x90):
            if (channel, key) in sounding:
                start, velocity, program = sounding.pop((channel, key))
                length = max(tick - start, 1) / division
                notes.append(Note(start / division, length, key, velocity, program, channel == DRUM_CHANNEL))
            if kind == 0x90 and value:
                sounding[channel, key] = tick, value, programs[channel]
    return notes


def _read_messages(body: bytes) -> Iterator[tuple[int, int, int, int]]:
    """(tick, status, first, second data byte) of the channel messages of one track; system messages are skipped."""
    position, tick, status = 0, 0, 0
    while position < len(body):
        delta, position = _decode_length(body, position)
        tick += delta
        if body[position] & 0x80:
            status, position = body[position], position + 1
        if status >= 0xF0:
            position += status == 0xFF
            size, position = _decode_length(body, position)
            position += size
        else:
            count = 1 if status & 0xF0 in (0xC0, 0xD0) else 2
            yield tick, status, body[position], body[position + 1] if count == 2 else 0
            position += count


def _decode_length(body: bytes, position: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = body[position]
        value, position = value << 7 | byte & 0x7F, position + 1
        if not byte & 0x80:
            return value, position
