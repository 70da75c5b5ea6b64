"""Copies of really encoded sound in every format: the sound stays, and our reader reads what was written."""

import hashlib
import io

import av
import pytest

from embeddings.synthesis import CONTAINERS, synthesise, write_audio
from recommender.catalog import audio_files
from recommender.catalog.credits import credit_artists, find_artist, find_release, set_genres
from recommender.catalog.models import AudioFile, TrackTag
from recommender.ingest.covers import shrink_picture
from recommender.ingest.formats import HEAD_BYTES, sniff
from recommender.ingest.tagging import copies
from recommender.ingest.tagging.pieces import NotTaggableError
from recommender.ingest.tags import read_tags
from tests.ingest.tag_shapes import IDENTIFIER, noisy_picture
from tests.people import make_track

pytestmark = pytest.mark.django_db

BARE = {"w64", "au", "caf", "mka", "webm", "ac3", "eac3"}
TAGGED = [name for name in CONTAINERS if name not in BARE]
# One of each kind of tags; the others differ in their sound.
FIRST = ("wav", "aiff", "flac", "mp3", "vorbis", "opus", "aac-m4a", "wma", "wavpack")
OTHER_IDENTIFIER = IDENTIFIER.replace("5", "6")
OLD = {"title": "Old title", "artist": "Old artist", "album": "Old release", "comment": "Kept", "track": "9"}
LONG = "ñ" * 250 + "🎻" * 250


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """One second in every format, by the name of the container; made when it is asked for."""
    folder, samples, made = tmp_path_factory.mktemp("sounds"), synthesise("flute", 1, 1.0), {}

    def make(container):
        if container not in made:
            made[container] = write_audio(folder / container, samples, 44_100, container=container, tags=OLD)
        return made[container].read_bytes()

    return make


@pytest.fixture(scope="module")
def noise():
    """A cover of 100 kB, so that the headers of Ogg need more pages than they had."""
    return shrink_picture(noisy_picture(400, 400, "PNG"))


def keep(content, suffix="", **given):
    """A track of these bytes, in the store, with everything said of it."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = audio_files.path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    suffix = suffix or sniff(content[:HEAD_BYTES]).suffix
    audio_file = AudioFile.objects.create(sha256=sha256, size_bytes=len(content), media_type="audio", suffix=suffix)
    said = {"title": "Blå måne", "track_number": 3, "disc_number": 2, "year": 1979, "isrc": "USRC17607839"}
    track = make_track(audio_file=audio_file, musicbrainz_id=IDENTIFIER, replaygain_db=-7.25, **said | given)
    credit_artists(track, ["Ella", "מרים & Co."], [IDENTIFIER, OTHER_IDENTIFIER])
    track.refresh_from_db()
    track.release = find_release("Night, \N{SNOWFLAKE}", find_artist("Various Artists"), year=1979)
    track.save()
    set_genres(track, ["Jazz", "Blues"])
    TrackTag.objects.create(track=track, name="calm", probability=1.0, is_given=True)
    return track


def write(track, tmp_path):
    copy = copies.plan_copy(track)
    content = b"".join(copy.read())
    assert len(content) == copy.size
    path = tmp_path / "copy"
    path.write_bytes(content)
    return path


def packets_of(source):
    """The packets of the sound, each with its place in time, all samples as they are decoded, and the comment."""
    packets, samples = [], hashlib.sha256()
    with av.open(io.BytesIO(source)) as container:
        stream = container.streams.audio[0]
        comment = {**container.metadata, **stream.metadata}.get("comment")
        for packet in container.demux(stream):
            packets.append((packet.pts, packet.duration, hashlib.sha256(bytes(packet)).hexdigest()))
            for frame in packet.decode():
                samples.update(frame.to_ndarray().tobytes())
    return packets, samples.hexdigest(), comment


def quick(containers, first):
    return [pytest.param(name, marks=[] if name in first else [pytest.mark.slow]) for name in containers]


@pytest.mark.parametrize("container", quick(TAGGED, FIRST))
def test_the_sound_stays_and_the_details_are_read_back(container, sounds, tmp_path):
    original = sounds(container)
    track = keep(original)
    path = write(track, tmp_path)
    assert packets_of(path.read_bytes()) == packets_of(original)
    assert audio_files.path_of(track.audio_file_id).read_bytes() == original
    read = read_tags(path)
    assert (read.title, read.artists, read.release) == ("Blå måne", ("Ella", "מרים & Co."), "Night, \N{SNOWFLAKE}")
    assert (read.album_artist, read.is_compilation) == ("Various Artists", True)
    assert (read.track_number, read.disc_number, read.year) == (3, 2, 1979)
    assert set(read.genres) == {"Jazz", "Blues"}
    assert (read.isrc, read.musicbrainz_id, read.replaygain_db) == ("USRC17607839", IDENTIFIER, -7.25)
    assert read.artist_ids == (IDENTIFIER, OTHER_IDENTIFIER)


@pytest.mark.parametrize("container", quick((*FIRST, "flac-ogg"), ("vorbis", "aac-m4a")))
def test_what_is_not_known_is_not_said_and_a_cover_goes_along(container, sounds, noise, tmp_path):
    track = keep(sounds(container))
    track.cover = audio_files.store_cover(noise)
    for name in ("track_number", "disc_number", "year", "replaygain_db", "artist", "release"):
        setattr(track, name, None)
    track.title, track.isrc, track.musicbrainz_id = f"a\0b\u202e{LONG}", "", ""
    track.credits.all().delete()
    track.genres.clear()
    path = write(track, tmp_path)
    assert packets_of(path.read_bytes()) == packets_of(sounds(container))
    read = read_tags(path)
    assert read.title == f"ab{LONG}"[:500]
    assert (read.artists, read.release, read.album_artist, read.genres) == ((), "", "", ())
    assert (read.track_number, read.year, read.isrc, read.replaygain_db) == (None, None, "", None)
    assert len(read.pictures[1000]) > 20_000


def test_a_copy_of_a_copy_is_the_same(sounds, tmp_path):
    for container in FIRST:
        path = write(keep(sounds(container)), tmp_path)
        again = keep(path.read_bytes())
        assert write(again, tmp_path).read_bytes() == audio_files.path_of(again.audio_file_id).read_bytes(), container


@pytest.mark.parametrize("suffix", [".w64", ".rf64", ".caf", ".au", ".ac3", ".mka", ".webm"])
def test_what_takes_no_details_says_so(suffix):
    track = keep(suffix.encode(), suffix)
    assert not copies.takes_details(suffix)
    with pytest.raises(NotTaggableError, match="take no details"):
        copies.plan_copy(track)


@pytest.mark.parametrize("container", FIRST)
def test_a_file_that_breaks_off_is_refused_or_taken_as_it_is(container, sounds):
    """Whatever is cut off, nothing but a refusal comes of it, and nothing larger than what was there."""
    whole = sounds(container)
    for share in (0.001, 0.01, 0.1, 0.5):
        track = keep(whole[: max(64, int(share * len(whole)))], CONTAINERS[container].suffix)
        try:
            copy = copies.plan_copy(track)
        except NotTaggableError:
            continue
        assert len(b"".join(copy.read())) == copy.size < len(whole) + 5_000


def test_a_lost_file_is_said_to_be_lost(sounds):
    track = keep(sounds("mp3"))
    audio_files.path_of(track.audio_file_id).unlink()
    with pytest.raises(FileNotFoundError):
        copies.plan_copy(track)


def test_a_picture_of_the_file_stays_unless_somebody_chose_another(sounds, noise, tmp_path):
    """The picture of the file is larger than the one that we keep of it."""
    track = keep(sounds("mp3"))
    track.cover = audio_files.store_cover(noise)
    again = keep(write(track, tmp_path).read_bytes())
    assert len(copies.plan_copy(again).pieces[0].content) > 20_000
    again.cover_chosen_at = again.added_at
    assert len(copies.plan_copy(again).pieces[0].content) < 2_000
