import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from embeddings import adaptation, analyse_file, create_encoder, list_encoders
from embeddings.encoders.adapted import AdaptedEncoder, install_adapted
from embeddings.errors import EncoderError
from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Analysis, AnalysisState, Artist, AudioFile, Embedding, Release, Space, Track
from recommender.ingest.analysis import analyse_track
from recommender.operations.adapt import AdaptationPlan, TrackPair, _listen, adapt_to_catalog
from recommender.operations.adapt_text import to_text
from recommender.operations.catalog_vectors import read_catalog
from recommender.operations.errors import AdaptationFailedError, CatalogTooSmallError
from recommender.similarity.spaces import chosen_space, ensure_space
from recommender.similarity.vectors import from_bytes
from tests.embeddings.libraries import make_library
from tests.people import make_embedding, make_track, make_user

pytestmark = pytest.mark.django_db

ARTISTS = 24


def ignore(_stage):
    return lambda _done, _total: None


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Fewer, larger and cheaper steps: the made-up libraries need no more."""
    monkeypatch.setattr(adaptation, "STEPS", 40)
    monkeypatch.setattr(adaptation, "RATE", 3e-3)
    monkeypatch.setattr(adaptation, "BATCH", 96)


@pytest.fixture(autouse=True)
def _no_encoder_is_left():
    yield
    shutil.rmtree(settings.STORAGE.encoders, ignore_errors=True)


@pytest.fixture
def space():
    card = list_encoders()[0]
    return ensure_space(card.signature, card.name, card.dimension)


def fill(space, artists=ARTISTS, nuisance=2.0):
    """A catalog of made-up vectors, six tracks an artist."""
    library = make_library(artists, nuisance=nuisance)
    vectors = np.zeros((len(library), space.dimension), np.float32)
    owner = make_user()
    vectors[:, : library.vectors.shape[1]] = library.vectors
    for row, vector in enumerate(vectors):
        artist, _ = Artist.objects.get_or_create(name=f"Artist {library.artists[row]}")
        release, _ = Release.objects.get_or_create(title=f"Release {library.releases[row]}", artist=artist)
        track = make_track(owner, artist=artist, release=release, duration_seconds=100 + row)
        make_embedding(track, space, vector, AnalysisState.READY)
    return list(Track.objects.order_by("pk"))


def give_sound(track, seed, tmp_path):
    """Put a real file in the place of a track's."""
    path = write_audio(tmp_path / f"{seed}.flac", synthesise("rock", seed, 22), 44_100, container="flac")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    stored = path_of(sha256)
    stored.parent.mkdir(parents=True, exist_ok=True)
    path.rename(stored)
    track.audio_file = AudioFile.objects.create(sha256=sha256, size_bytes=1, media_type="audio/flac", suffix=".flac")
    track.save()
    return stored


def test_a_better_encoder_is_installed_and_its_space_filled(space, tmp_path):
    tracks = fill(space)
    path = give_sound(tracks[0], 1, tmp_path)
    try:
        report = adapt_to_catalog(AdaptationPlan(listened=len(tracks)), ignore)
        assert report["is_better"], report["reason"]
        assert report["installed"] == "adapted-1"
        assert report["listened_tracks"] == 1  # of the others there is no file any more
        assert report["measures"]["same artist MAP"]["difference"]["low"] > 0

        chosen = chosen_space()
        assert (chosen.encoder_name, chosen.dimension, chosen.is_active) == ("adapted-1", space.dimension, False)
        assert Space.objects.get(is_active=True) == space
        assert Analysis.objects.filter(space=chosen, state=AnalysisState.QUEUED).count() == len(tracks)

        queued = Analysis.objects.get(space=chosen, track=tracks[0])
        analyse_track(queued.pk, "message")
        encoder = create_encoder("adapted-1")
        assert isinstance(encoder, AdaptedEncoder)
        stored = from_bytes(Embedding.objects.get(space=chosen, track=tracks[0]).vector)
        np.testing.assert_allclose(stored, analyse_file(path, encoder).embedding, atol=1e-5)
        assert (stored != analyse_file(path, encoder.base).embedding).any()
    finally:
        path.unlink()


def test_what_is_not_better_changes_nothing(space):
    fill(space, nuisance=float("inf"))
    report = adapt_to_catalog(AdaptationPlan(listened=0), ignore)
    assert not report["is_better"]
    assert report["installed"] is None
    assert len(list_encoders()) == 1
    assert chosen_space() == space


def test_the_command_says_by_its_status_that_nothing_was_changed(space, tmp_path):
    fill(space, nuisance=float("inf"))
    printed, path = io.StringIO(), tmp_path / "report.json"
    with pytest.raises(SystemExit) as caught:
        call_command("adapt_encoder", listen=0, json=path, stdout=printed)
    assert caught.value.code == 3
    assert "Not better: same artist MAP is not clearly higher than before." in printed.getvalue()
    assert printed.getvalue().endswith("Nothing was changed.\n")
    assert json.loads(path.read_text())["installed"] is None


def test_a_report_that_cannot_be_written_hides_nothing(space):
    fill(space, nuisance=float("inf"))
    printed = io.StringIO()
    with pytest.raises(CommandError, match=r"cannot be written to /dev/full"):
        call_command("adapt_encoder", listen=0, force=True, json=Path("/dev/full"), stdout=printed)
    assert "Installed as adapted-1." in printed.getvalue()
    assert chosen_space().encoder_name == "adapted-1"


def test_json_can_go_to_the_terminal(space):
    fill(space, nuisance=float("inf"))
    printed = io.StringIO()
    call_command("adapt_encoder", "--listen", "0", "--force", "--json", "-", stdout=printed)
    assert json.loads(printed.getvalue())["installed"] == "adapted-1"
    assert not Path("-").exists()


def test_force_installs_it_all_the_same_under_the_name_that_was_asked_for(space):
    fill(space, nuisance=float("inf"))
    printed = io.StringIO()
    call_command("adapt_encoder", listen=0, force=True, name="mine", stdout=printed)
    assert "Not better" in printed.getvalue()
    assert "Installed as mine." in printed.getvalue()
    assert chosen_space().encoder_name == "mine"


def test_the_report_is_a_table(space, capsys):
    fill(space)
    printed = io.StringIO()
    call_command("adapt_encoder", listen=0, stdout=printed)
    lines = printed.getvalue().splitlines()
    assert lines[0] == f"# {space.encoder_name}, adapted to 144 tracks"
    (row,) = [line for line in lines if line.startswith("| same artist MAP |")]
    assert row.count("|") == 7
    assert " to " in row
    assert "Learning: 160 of 160" in capsys.readouterr().err


def test_a_few_sources_have_no_interval():
    entry = {
        "queries": 40,
        "sources": 1,
        "before": 0.5,
        "after": 0.6,
        "difference": {"value": 0.1, "low": 0.1, "high": 0.1},
    }
    report = {
        "encoder": "compact",
        "tracks": 60,
        "training_tracks": 40,
        "held_out_tracks": 20,
        "listened_tracks": 0,
        "is_better": False,
        "reason": "too little",
        "installed": None,
        "hubness": {"before": 1.0, "after": 1.1},
    }
    text = to_text(report | {"measures": {"same release MAP": entry}})
    assert "| same release MAP | 40 | 1 | 0.500 | 0.600 | +0.100 (too few sources) |" in text
    assert "(+0.000 to +0.200)" in to_text(
        report | {"measures": {"m": entry | {"sources": 9, "difference": {"value": 0.1, "low": 0.0, "high": 0.2}}}}
    )


def test_what_people_said_of_tracks_is_learned(space):
    tracks = fill(space, nuisance=float("inf"))
    plan = AdaptationPlan(listened=0, is_forced=True)
    adapt_to_catalog(plan, ignore)
    pairs = [TrackPair(tracks[a].pk, tracks[a + 1].pk, is_similar=False) for a in range(0, 140, 6)]
    Space.objects.exclude(pk=space.pk).delete()
    adapt_to_catalog(plan, ignore, [*pairs, TrackPair(tracks[0].pk, 10**9, is_similar=True)])
    plain, taught = (create_encoder(name).head for name in ("adapted-1", "adapted-2"))
    assert np.abs(plain - taught).max() > 0.01


def test_too_few_tracks(space):
    fill(space, artists=8)
    with pytest.raises(CatalogTooSmallError, match=r"48 tracks have a vector.*at least 100"):
        adapt_to_catalog(AdaptationPlan(), ignore)


def test_a_catalog_of_one_artist(space):
    tracks = fill(space, artists=20)
    Track.objects.update(artist=tracks[0].artist)
    with pytest.raises(AdaptationFailedError, match="all hang together"):
        adapt_to_catalog(AdaptationPlan(listened=0), ignore)


def test_names_that_cannot_be(space, settings):
    encoder = create_encoder()
    install_adapted(settings.STORAGE.encoders, "taken", encoder, np.eye(encoder.spec.dimension, dtype=np.float32))
    (settings.STORAGE.encoders / "broken").mkdir()
    taken = ("taken", "compact", "broken", "vggish", "adapted")
    for name, reason in (*((name, "already") for name in taken), ("../up", "no name"), ("Übung", "no name")):
        with pytest.raises(AdaptationFailedError, match=reason):
            adapt_to_catalog(AdaptationPlan(name=name), ignore)


def test_a_broken_encoder_keeps_its_name(space, settings):
    (settings.STORAGE.encoders / "adapted-1").mkdir(parents=True)
    fill(space, nuisance=float("inf"))
    report = adapt_to_catalog(AdaptationPlan(listened=0, is_forced=True), ignore)
    assert report["installed"] == "adapted-2"


class Unusable:
    """An encoder that fails with every segment."""

    def __init__(self, spec):
        self.spec = spec

    def embed_segments(self, _waveforms):
        raise EncoderError("these weights give no numbers")


def test_an_encoder_that_fails_is_no_missing_file(space, tmp_path):
    tracks = fill(space)
    path = give_sound(tracks[0], 1, tmp_path)
    try:
        with pytest.raises(EncoderError, match="no numbers"):
            _listen(read_catalog(1), Unusable(create_encoder().spec), len(tracks), ignore(""))
    finally:
        path.unlink()


def test_while_another_space_is_being_filled(space):
    fill(space, artists=20)
    ensure_space("other", "other", 8)
    with pytest.raises(AdaptationFailedError, match="being filled"):
        adapt_to_catalog(AdaptationPlan(), ignore)


def test_an_active_encoder_that_is_not_installed():
    space = ensure_space("gone", "gone", 320)
    fill(space, artists=20)
    with pytest.raises(AdaptationFailedError, match="not installed"):
        adapt_to_catalog(AdaptationPlan(), ignore)


def test_an_encoder_set_in_the_environment_decides(space, settings):
    settings.ANALYSIS = settings.ANALYSIS.__class__(encoder=space.encoder_name, max_duration_seconds=60)
    with pytest.raises(AdaptationFailedError, match="SOUNDALIKE_ENCODER"):
        adapt_to_catalog(AdaptationPlan(), ignore)


def test_errors_are_sentences_at_the_terminal(tmp_path):
    for options, reason in (
        ({"json": tmp_path / "none" / "report.json"}, "no folder"),
        ({"json": tmp_path}, "is a folder"),
        ({"listen": -1}, "0 or more"),
        ({}, "no active space"),
    ):
        with pytest.raises(CommandError, match=reason):
            call_command("adapt_encoder", **options)
