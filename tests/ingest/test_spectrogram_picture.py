import io

import numpy as np
from PIL import Image

from recommender.ingest.spectrogram_picture import HEIGHT, WIDTH, draw_spectrogram


def test_the_louder_the_brighter():
    shades = np.zeros((96, 1000), np.uint8)
    shades[:, 500:] = 255
    picture = Image.open(io.BytesIO(draw_spectrogram(shades)))
    assert (picture.format, picture.size) == ("WEBP", (WIDTH, HEIGHT))
    gray = np.asarray(picture.convert("L"))
    assert gray[:, : WIDTH // 2 - 20].max() < 40
    assert gray[:, WIDTH // 2 + 20 :].min() > 220


def test_where_nothing_is_to_be_seen_there_is_no_picture():
    assert draw_spectrogram(np.zeros((96, 0), np.uint8)) == b""
    assert draw_spectrogram(np.zeros((96, 50), np.uint8)) == b""
