import hashlib
import io

import numpy as np
import pytest
from django.db import transaction
from PIL import Image

from recommender.catalog.audio_files import COVER_SIDES, cover_path_of
from recommender.catalog.models import Cover
from recommender.ingest.covers import find_folder_cover, remove_cover, set_cover, shrink_cover
from recommender.ingest.errors import UploadRefusedError
from tests.ingest.tag_shapes import encode_picture, noisy_picture, png_of
from tests.people import make_track

ORIENTATION = 0x0112


@pytest.fixture
def shrink(tmp_path):
    def shrink_bytes(content):
        path = tmp_path / "picture"
        path.write_bytes(content)
        return {side: Image.open(io.BytesIO(made)) for side, made in shrink_cover(path).items()}

    return shrink_bytes


def halves(mode="RGB", **given):
    """Dark above, light below, twice as wide as high."""
    pixels = np.zeros((200, 400), np.uint8)
    pixels[100:] = 255
    encoded = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(encoded, **given)
    return encoded.getvalue()


def test_every_size_is_made_and_none_is_larger_than_the_picture(shrink):
    made = shrink(noisy_picture(1600, 800, "JPEG"))
    assert {side: (cover.format, cover.size) for side, cover in made.items()} == {
        64: ("WEBP", (64, 32)),
        300: ("WEBP", (300, 150)),
        1000: ("WEBP", (1000, 500)),
    }
    assert {cover.size for cover in shrink(encode_picture(200, 200)).values()} == {(200, 200), (64, 64)}


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGB", "PNG"), ("RGB", "WEBP"), ("CMYK", "JPEG"), ("L", "JPEG"), ("P", "GIF"), ("1", "PNG"), ("I;16", "PNG")],
)
def test_pictures_of_every_kind(mode, kind, shrink):
    content = halves("L" if mode == "I;16" else mode, format=kind)
    if mode == "I;16":
        encoded = io.BytesIO()
        Image.fromarray(np.asarray(Image.open(io.BytesIO(content))).astype(np.uint16) << 8).save(encoded, "PNG")
        content = encoded.getvalue()
    cover = shrink(content)[300].convert("L")
    assert cover.size == (300, 150)
    assert cover.getpixel((150, 20)) < 80
    assert cover.getpixel((150, 130)) > 180


@pytest.mark.parametrize(
    ("orientation", "size", "light"),
    [(1, (300, 150), (20, 130)), (3, (300, 150), (20, 20)), (6, (150, 300), (20, 20)), (99, (300, 150), (20, 130))],
)
def test_a_photograph_is_put_upright_and_tells_nothing_else(orientation, size, light, shrink):
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010F] = orientation, "secret camera"
    cover = shrink(halves(format="JPEG", exif=exif, icc_profile=b"secret profile"))[300]
    assert cover.size == size
    assert cover.convert("L").getpixel(light) > 200
    assert not {"exif", "icc_profile", "xmp"} & cover.info.keys()


def test_what_is_see_through_lies_on_white(shrink):
    assert shrink(encode_picture(80, 80, mode="RGBA", level=0))[64].convert("L").getpixel((30, 30)) > 250
    grey = Image.new("P", (80, 80), 0)
    grey.putpalette([0, 0, 0] * 256)
    encoded = io.BytesIO()
    grey.save(encoded, "GIF", transparency=0)
    assert shrink(encoded.getvalue())[64].convert("L").getpixel((30, 30)) > 250


def test_of_an_animation_the_first_frame_is_taken(shrink):
    frames = [Image.new("RGB", (64, 64), (level, level, level)) for level in (10, 120, 240)]
    encoded = io.BytesIO()
    frames[0].save(encoded, "GIF", save_all=True, append_images=frames[1:] * 50)
    cover = shrink(encoded.getvalue())[64]
    assert not getattr(cover, "is_animated", False)
    assert cover.convert("L").getpixel((30, 30)) < 60


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>not a picture</html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"SIMPLE  =                    T".ljust(2880),
        b"8BPS\0\1" + bytes(500),
        encode_picture(64, 64, kind="TIFF"),
        encode_picture(64, 64, kind="BMP"),
        encode_picture(64, 64)[:60],
        png_of(13_000, 13_000),
        png_of(5_001, 5_000),
        b"\xff\xd8\xff" + bytes(11 << 20),
    ],
    ids=["empty", "html", "svg", "eps", "fits", "psd", "tiff", "bmp", "cut", "huge", "large", "heavy"],
)
def test_what_is_no_plain_picture_is_refused(content, shrink):
    with pytest.raises(UploadRefusedError) as refused:
        shrink(content)
    assert (refused.value.code, refused.value.status) == ("not_a_picture", 415)


def test_the_largest_picture_allowed_is_taken(shrink):
    assert shrink(png_of(5_000, 5_000))[1000].size == (1000, 1000)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["Cover.JPG", "back.jpg", "folder.png"], "Cover.JPG"),
        (["front.webp", "FOLDER.jpeg"], "FOLDER.jpeg"),
        (["AlbumArt_{1}_Large.jpg", "scan.jpg"], "AlbumArt_{1}_Large.jpg"),
        (["album.png", "booklet.png"], "album.png"),
        (["photo.png", "song.mp3"], "photo.png"),
        (["one.png", "two.png"], None),
        (["cover.txt", "cover.svg"], None),
        ([], None),
    ],
)
def test_the_cover_of_a_folder(names, found, tmp_path):
    (tmp_path / "cover.png").mkdir()
    for name in names:
        (tmp_path / name).touch()
    assert find_folder_cover(tmp_path) == (tmp_path / found if found else None)


def pictures(text):
    return {side: f"{text} {side}".encode() for side in COVER_SIDES}


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_in_the_end_leaves_the_cover_where_it_was():
    track = make_track()
    set_cover(track, pictures("one"))
    former = track.cover_id
    for change in (lambda: set_cover(track, pictures("two")), lambda: remove_cover(track)):
        with transaction.atomic():
            change()
            transaction.set_rollback(True)
    track.refresh_from_db()
    assert track.cover_id == former
    assert cover_path_of(former, 64).read_bytes() == b"one 64"


@pytest.mark.django_db(transaction=True)
def test_a_cover_is_kept_once_and_goes_with_the_last_track_that_shows_it():
    first, second = make_track(), make_track()
    set_cover(first, pictures("one"))
    set_cover(second, pictures("one"))
    cover = Cover.objects.get()
    assert cover.sha256 == hashlib.sha256(b"one 1000").hexdigest()
    set_cover(first, pictures("two"), only_if_missing=True)
    assert Cover.objects.get() == cover
    set_cover(first, pictures("two"))
    first.refresh_from_db()
    assert cover_path_of(first.cover_id, 64).read_bytes() == b"two 64"
    assert cover_path_of(cover.sha256, 64).exists()
    remove_cover(second)
    second.refresh_from_db()
    assert not second.has_cover
    assert list(Cover.objects.all()) == [first.cover]
    assert not cover_path_of(cover.sha256, 64).exists()
    remove_cover(second)
    set_cover(first, pictures("two"))
    assert cover_path_of(first.cover_id, 300).read_bytes() == b"two 300"
