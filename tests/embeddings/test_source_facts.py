import json
import math
from dataclasses import asdict, replace

import pytest

from embeddings.source_facts import SourceFacts, parse_source

FACTS = SourceFacts("mov,mp4,m4a,3gp,3g2,mj2", "aac", 44_100, 2, 256_000, "0f" * 32, -9.5, -0.1)


def test_facts_come_back_as_they_were():
    for facts in (FACTS, replace(FACTS, loudness_lufs=None, peak_dbfs=-120.0, bit_rate=0)):
        assert parse_source(json.loads(json.dumps(asdict(facts)))) == facts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("container", value) for value in (None, 1, "", "x" * 65, "<b>", "flac\n", ["flac"])],
        *[("codec", value) for value in (None, "MP3", "a b")],
        *[("rate_hz", value) for value in (0, -1, 44_100.0, True, "44100", 10**9)],
        *[("channels", value) for value in (0, 1000, None)],
        *[("bit_rate", value) for value in (-1, 2**31, 1.5, None)],
        *[("audio_sha256", value) for value in ("0f" * 31, "0F" * 32, "zz" * 32, None, 7)],
        *[("loudness_lufs", value) for value in (math.nan, math.inf, -math.inf, 100.0, True, "-9", [])],
        *[("peak_dbfs", value) for value in (None, math.nan, -121.0, 61.0)],
    ],
)
def test_what_no_honest_decoder_says_is_refused(name, value):
    with pytest.raises(ValueError, match="should be"):
        parse_source(asdict(FACTS) | {name: value})


def test_facts_that_are_missing_or_no_object_are_refused():
    for value in (None, [], "x", {}, {"codec": "mp3"}):
        with pytest.raises(ValueError, match=r"not an object|should be"):
            parse_source(value)
