"""The program that makes one untrusted picture small: `python -I cover_shrinker.py KIND SIDE...`.

The picture comes on standard input; the answer on standard output is JSON, for each side the picture as base64 WEBP or
JPEG, as KIND says, at most that wide and high and never larger than it was. Exit status 1 and no answer for what is no
plain picture. It runs alone and limited, because decoders of pictures can be made to eat memory or worse, and imports
nothing of the project.
"""

import base64
import io
import json
import resource
import struct
import sys

from PIL import Image

ADDRESS_SPACE_BYTES = 300 << 20
CPU_SECONDS = 10
LARGEST_BYTES = 10 << 20
LARGEST_PIXELS = 25_000_000
# Of an animation the first frame is taken.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITIES = {"WEBP": 82, "JPEG": 90}
REFUSALS = (OSError, ValueError, SyntaxError, MemoryError, OverflowError, EOFError, Image.DecompressionBombError)
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def main(kind: str, sides: list[int]) -> int:
    _limit()
    content = sys.stdin.buffer.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        return 1
    try:
        answer = _shrink(content, kind, sides)
    except REFUSALS:
        return 1
    json.dump(answer, sys.stdout)
    return 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _shrink(content: bytes, kind: str, sides: list[int]) -> dict[int, str]:
    largest = max(sides)
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > LARGEST_PIXELS:
            raise ValueError("too many pixels")
        # A JPEG is decoded at half, a quarter or an eighth of its size where that is enough.
        picture.draft(picture.mode, (largest, largest))
        turn = _read_turn(picture)
        small = _spread(picture)
        small.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    upright = _put_on_white(small.transpose(turn) if turn is not None else small)
    return {side: _encode(upright, kind, side) for side in sorted(sides, reverse=True)}


def _read_turn(picture: Image.Image) -> Image.Transpose | None:
    """How to put the picture upright; None where nothing says so that can be understood."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    except (*REFUSALS, KeyError, TypeError, struct.error):
        return None


def _spread(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled: palettes become colours, 16 bits of grey become 8."""
    if picture.mode in ("P", "PA", "1"):
        return picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    picture.load()
    return picture


def _put_on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    with_alpha = picture.convert("RGBA")
    white = Image.new("RGB", picture.size, "white")
    white.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return white


def _encode(picture: Image.Image, kind: str, side: int) -> str:
    scaled = picture.copy()
    scaled.thumbnail((side, side), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    scaled.save(encoded, kind, quality=QUALITIES[kind], exif=b"", xmp=b"", icc_profile=b"")
    return base64.b64encode(encoded.getvalue()).decode("ascii")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], [int(side) for side in sys.argv[2:]]))
