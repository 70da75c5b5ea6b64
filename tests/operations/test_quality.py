import io
import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recommender.catalog.models import Artist, Genre, Release, Track
from recommender.operations.quality import measure_quality
from recommender.operations.quality_text import to_text
from tests.people import make_embedding, make_space, make_track, unit_vector

pytestmark = pytest.mark.django_db


def ignore(_stage):
    return lambda _done, _total: None


@pytest.fixture
def catalog():
    """Four artists of two releases with three tracks each: each artist in a corner of its own, each release closer."""
    space = make_space()
    for number in range(4):
        artist = Artist.objects.create(name=f"Artist {number}")
        for half in (0, 1):
            release = Release.objects.create(title=f"Release {half}", artist=artist)
            for seed in range(3):
                track = make_track(artist=artist, release=release, duration_seconds=100 + 10 * seed)
                vector = 6 * np.eye(8)[number] + 2 * np.eye(8)[4 + half] + unit_vector(100 * number + 10 * half + seed)
                make_embedding(track, space, (vector / np.linalg.norm(vector)).astype(np.float32))
    return space


def test_what_lies_together_is_found_together(catalog):
    report = measure_quality(0, ignore)
    assert (report["tracks"], report["recordings"], report["damaged_vectors"]) == (24, 24, 0)
    assert report["space"] == {"encoder": "test", "signature": catalog.signature, "dimension": 8}
    artist, release = report["retrieval"]["artist"], report["retrieval"]["release"]
    assert (artist["queries"], release["queries"]) == (24, 24)
    assert artist["precision_at_1"]["value"] == 1
    assert artist["mean_average_precision"]["value"] == 1
    assert 0.6 < release["precision_at_1"]["value"] <= 1
    assert report["retrieval"]["genre"] is report["same_track"] is None
    assert len(report["similarity"]["deciles"]) == 9
    assert report["similarity"]["deciles"][0] < report["similarity"]["mean"] < report["similarity"]["deciles"][-1]


def test_vectors_that_say_nothing_find_nothing(catalog):
    for seed, embedding in enumerate(catalog.embeddings.all()):
        embedding.vector = unit_vector(seed + 1000).tobytes()
        embedding.save()
    report = measure_quality(0, ignore)
    assert report["retrieval"]["artist"]["precision_at_1"]["value"] < 0.5


def test_a_hub_and_an_orphan_are_named(catalog):
    # halfway between all artists, and opposite to everything
    hub, orphan = make_track(title="Everywhere"), make_track(title="Nowhere")
    middle = np.float32([1, 1, 1, 1, 0.2, 0.2, 0, 0])
    make_embedding(hub, catalog, middle / np.linalg.norm(middle))
    make_embedding(orphan, catalog, -middle / np.linalg.norm(middle))
    report = measure_quality(0, ignore)
    assert report["hubs"][0] == {"id": hub.pk, "name": "Everywhere", "occurrences": 24}
    assert report["orphans"]["count"] == 1
    assert report["orphans"]["loneliest"][0]["name"] == "Nowhere"
    assert report["reach"] == pytest.approx(25 / 26)
    assert report["hubness"] > 0.5


def test_copies_never_count_as_finds(catalog):
    for seed, embedding in enumerate(catalog.embeddings.all()):
        embedding.vector = unit_vector(seed + 1000).tobytes()
        embedding.save()
    before = measure_quality(0, ignore)
    for embedding in catalog.embeddings.select_related("track").all():
        track = embedding.track
        copy = make_track(
            audio_file=track.audio_file,
            artist=track.artist,
            release=track.release,
            duration_seconds=track.duration_seconds,
        )
        make_embedding(copy, catalog, np.frombuffer(embedding.vector, "<f4"))
    after = measure_quality(0, ignore)
    assert (after["tracks"], after["recordings"]) == (48, 24)
    values = [report["retrieval"]["release"]["mean_average_precision"]["value"] for report in (before, after)]
    assert values[0] < 0.4
    assert values[1] == pytest.approx(values[0], abs=0.06)  # were copies finds, it would be twice that


def test_a_sample_asks_fewer_questions(catalog):
    report = measure_quality(5, ignore)
    assert report["retrieval"]["artist"]["queries"] == 5
    assert report == measure_quality(5, ignore)


def test_a_catalog_without_tags_is_measured_all_the_same():
    space = make_space()
    for seed in range(12):
        make_embedding(make_track(), space, unit_vector(seed))
    report = measure_quality(100, ignore)
    assert report["retrieval"] == {"genre": None, "artist": None, "release": None}
    assert "Not scored: release, since no release has two tracks." in to_text(report)


def test_the_command_prints_a_table_and_writes_json(catalog, tmp_path, capsys):
    path = tmp_path / "report.json"
    printed = io.StringIO()
    call_command("quality", json=path, stdout=printed)
    text = printed.getvalue()
    assert text.startswith("# Quality of this catalog: 24 tracks, 24 recordings")
    assert "| another track of the same artist, outside its release | 24 | 1.000 (1.00-1.00) |" in text
    assert json.loads(path.read_text()) == measure_quality(5000, ignore)
    assert "Neighbours: 24 of 24" in capsys.readouterr().err


def test_json_can_go_to_the_terminal(catalog):
    printed = io.StringIO()
    call_command("quality", "--json", "-", stdout=printed)
    assert json.loads(printed.getvalue())["tracks"] == 24


def test_hubs_of_few_tracks_are_chance(catalog):
    report = measure_quality(0, ignore)
    assert "chance with fewer than 50 tracks" in to_text(report)
    assert "chance" not in to_text(report | {"tracks": 50})


def test_what_cannot_work_is_said(tmp_path):
    with pytest.raises(CommandError, match="no active space"):
        call_command("quality")
    with pytest.raises(CommandError, match="no folder"):
        call_command("quality", json=tmp_path / "none" / "report.json")
    with pytest.raises(CommandError, match="is a folder"):
        call_command("quality", json=tmp_path)
    with pytest.raises(CommandError, match="0 or more"):
        call_command("quality", sample=-1)


def test_hubs_are_also_counted_as_tracks_are_recommended(catalog):
    for seed in range(60):
        make_embedding(make_track(), catalog, np.abs(unit_vector(2000 + seed)))
    hub = make_track(title="Everywhere")
    middle = sum(np.frombuffer(embedding.vector, "<f4") for embedding in catalog.embeddings.all())
    make_embedding(hub, catalog, (middle / np.linalg.norm(middle)).astype(np.float32))
    report = measure_quality(0, ignore)
    served = report["served"]
    assert report["hubs"][0]["name"] == "Everywhere"
    assert served["hubs"][0]["occurrences"] < report["hubs"][0]["occurrences"]
    assert served["hubness"] < report["hubness"]
    assert served["reach"] >= report["reach"]
    text = to_text(report)
    assert f"as recommended {served['hubness']:.2f}" in text
    assert f"- {served['hubs'][0]['name']}" in text


def test_tracks_of_one_genre_find_each_other_across_artists(catalog):
    calm, loud = Genre.objects.create(name="Calm"), Genre.objects.create(name="Loud")
    for track in Track.objects.all():
        track.genres.add(calm if track.release.title == "Release 0" else loud)
    Track.objects.first().genres.add(Genre.objects.create(name="Zydeco"))
    genre = measure_quality(0, ignore)["retrieval"]["genre"]
    assert genre["queries"] == 24
    assert genre["precision_at_5"]["value"] > 0.7
