"""The picture of a sound in colours: from the dark of silence over embers to white."""

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 800, 160
_QUALITY: Final = 60
_SHADES: Final = (0, 60, 130, 190, 225, 255)
_COLOURS: Final = ((20, 18, 22), (58, 26, 58), (150, 42, 58), (236, 110, 50), (255, 190, 110), (255, 246, 225))


def draw_spectrogram(shades: NDArray[np.uint8]) -> bytes:
    """``shades`` (bands, columns) as ``embeddings.spectrogram`` gives them, as WebP of WIDTH x HEIGHT; empty where
    there is nothing to see.
    """
    if not shades.any():
        return b""
    sized = Image.fromarray(shades).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    drawn = io.BytesIO()
    Image.fromarray(_palette()[np.asarray(sized)]).save(drawn, "WEBP", quality=_QUALITY)
    return drawn.getvalue()


def _palette() -> NDArray[np.uint8]:
    """(256, 3): the colour of each shade."""
    channels = [np.interp(np.arange(256), _SHADES, channel) for channel in zip(*_COLOURS, strict=True)]
    return np.stack(channels, axis=1).astype(np.uint8)
