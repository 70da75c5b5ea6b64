"""Encoders whose files lie at a pinned public address: what to fetch, and under which licence."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class PinnedFile:
    """A file that is this file only if it hashes to ``sha256``."""

    name: str
    address: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Recipe:
    """``licence`` in a word, ``notice`` in full: it has to stay with the weights."""

    files: tuple[PinnedFile, ...]
    licence: str
    notice: str


_RAW: Final = "https://raw.githubusercontent.com"

_TWO_TOWER_NOTICE: Final = """\
fcn_msd: minzwon/sota-music-tagging-models
Copyright (c) 2020 Music Technology Group, Universitat Pompeu Fabra. Code developed by Minz Won.

artist_10k: jongpillee/ismir2018-artist
Copyright (c) 2018 Jongpil Lee

MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

RECIPES: Final = {
    "two_tower": Recipe(
        files=(
            PinnedFile(
                name="best_model.pth",
                address=f"{_RAW}/minzwon/sota-music-tagging-models/ffcd1f90b97a1e923a50c6e5283f147cf9dd7dfd"
                "/models/msd/fcn/best_model.pth",
                sha256="6012aa7eecf864a8081faedca56af054521e8dfb9c5c98659a3dd5d3e1e66f21",
                size_bytes=1_902_815,
            ),
            PinnedFile(
                name="model_siamese_10000.h5",
                address=f"{_RAW}/jongpillee/ismir2018-artist/68841d227fef71ac76b44e704007e50452042a38"
                "/models/model_siamese_10000_4_0.40/model_siamese_10000.h5",
                sha256="3b3ad09c321786c8ea388269ee3c35ab540734ce5209f40a430f1c9b0a25f753",
                size_bytes=2_210_360,
            ),
        ),
        licence="MIT",
        notice=_TWO_TOWER_NOTICE,
    ),
}
