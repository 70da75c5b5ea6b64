"""The levels of recommender/ingest/words.py, measured again:

    TEST_MUSIC=FOLDER bin/test bench tests/bench/test_words.py

FOLDER holds music; every file in it that can be analysed counts.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from embeddings import Decoder, EmbeddingError, analyse_file, create_encoder
from recommender.ingest.formats import HEAD_BYTES, sniff
from recommender.ingest.words import WORDS, choose_words, measure_words

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]


def listen(folder: Path) -> list[dict[str, float]]:
    encoder, heard = create_encoder(), []
    with Decoder() as decoder:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            with path.open("rb") as file:
                if sniff(file.read(HEAD_BYTES)) is None:
                    continue
            try:
                heard.append(dict(analyse_file(path, encoder, decoder=decoder).tags))
            except EmbeddingError as error:
                print(f"{path.name}: {error}")
    return heard


@pytest.mark.skipif("TEST_MUSIC" not in os.environ, reason="TEST_MUSIC names no folder")
def test_levels(capsys):
    tracks = listen(Path(os.environ["TEST_MUSIC"]))
    shares = [measure_words(tags) for tags in tracks]
    said = [choose_words(tags) for tags in tracks]
    with capsys.disabled():
        print(f"\n{len(tracks)} tracks, {np.mean([len(words) for words in said]):.1f} words each")
        print("word, level in use, nine tenths of this music stay below, share of tracks that get it")
        for word, (_, level) in WORDS.items():
            measured = np.quantile([share[word] for share in shares], 0.9)
            print(f"{word:18s} {level:.3f} {measured:.3f} {np.mean([word in words for words in said]):5.0%}")
