import pytest

from recommender.catalog.models import AudioFile, Rendition, Track
from recommender.web.sound_facts import (
    describe_file,
    describe_sound,
    explain_rendition,
    measure_sound,
    name_key,
)


def texts(facts):
    return {fact.label: fact.text for fact in facts}


def test_what_is_known_well_is_told():
    track = Track(tempo_bpm=127.6, tempo_confidence=0.9, key=21, key_confidence=0.8, loudness_lufs=-9.25)
    assert texts(describe_sound(track)) == {
        "Tempo": "about 128 BPM",
        "Key": "A minor",
        "Loudness": "\N{MINUS SIGN}9.2 LUFS",
    }


@pytest.mark.parametrize("confidence", [None, 0.0, 0.15])
def test_guesses_are_not_told_as_facts(confidence):
    assert not describe_sound(Track(tempo_bpm=127, tempo_confidence=confidence, key=0, key_confidence=confidence))
    assert not describe_sound(Track())


def test_keys_are_spelt_as_musicians_do():
    assert [name_key(number) for number in (0, 1, 10, 11, 12, 13, 18, 23)] == [
        "C major", "D♭ major", "B♭ major", "B major", "C minor", "C♯ minor", "F♯ minor", "B minor",
    ]  # fmt: skip


def test_meters_stay_within_their_bounds():
    meters = measure_sound(Track(energy=1.2, brightness=0.004))
    assert [(meter.label, meter.share) for meter in meters] == [("Energy", 100), ("Brightness", 0)]
    assert measure_sound(Track(energy=None, brightness=0.5))[0].label == "Brightness"


def test_a_file_is_described_as_far_as_it_is_known():
    file = AudioFile(suffix=".flac")
    track = Track(audio_file=file)
    assert texts(describe_file(track)) == {"Format": "FLAC"}
    file.codec, file.rate_hz, file.channels, file.bit_rate = "FLAC", 44_100, 2, 912_345
    track.isrc, track.replaygain_db = "DEA123456789", -7.3
    assert texts(describe_file(track)) == {
        "Format": "FLAC, 44.1 kHz, stereo, 912 kb/s",
        "ISRC": "DEA123456789",
        "ReplayGain": "\N{MINUS SIGN}7.3 dB",
    }
    file.channels = 6
    assert "6 channels" in texts(describe_file(track))["Format"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Rendition.NEEDLESS, ""),
        (Rendition.MADE, ""),
        (Rendition.WANTED, "is being made"),
        (Rendition.FAILED, "can be downloaded"),
    ],
)
def test_a_file_browsers_do_not_play_is_explained(state, words):
    sentence = explain_rendition(AudioFile(rendition=state))
    assert words in sentence
    assert bool(sentence) is bool(words)
