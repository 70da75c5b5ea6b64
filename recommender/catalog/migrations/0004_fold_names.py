"""Folds the names there are, makes one of artists and releases whose names differ in case or accents only, and names the
covers by their own content.
"""

import hashlib

from django.conf import settings
from django.db import migrations

from recommender.catalog.audio_files import COVER_SIDES, cover_path_of
from recommender.catalog.names import LONGEST_KEY, fold


def fold_names(apps, schema_editor):
    artist_model, release_model, track_model, credit_model = (
        apps.get_model("catalog", name) for name in ("Artist", "Release", "Track", "Credit")
    )
    merge_artists(artist_model, release_model, track_model)
    merge_releases(release_model, track_model)
    for track in track_model.objects.only("pk", "title", "artist_id").iterator():
        track_model.objects.filter(pk=track.pk).update(title_key=fold(track.title)[:LONGEST_KEY])
        if track.artist_id:
            credit_model.objects.get_or_create(track_id=track.pk, artist_id=track.artist_id)


def merge_artists(artist_model, release_model, track_model):
    kept = {}
    for artist in artist_model.objects.order_by("pk"):
        key = fold(artist.name)[:LONGEST_KEY]
        if key in kept:
            track_model.objects.filter(artist=artist.pk).update(artist=kept[key])
            release_model.objects.filter(artist=artist.pk).update(artist=kept[key])
            artist.delete()
        else:
            kept[key] = artist.pk
            artist_model.objects.filter(pk=artist.pk).update(name_key=key)


def merge_releases(release_model, track_model):
    kept = {}
    for release in release_model.objects.order_by("pk"):
        key = fold(release.title)[:LONGEST_KEY]
        if (release.artist_id, key) in kept:
            track_model.objects.filter(release=release.pk).update(release=kept[release.artist_id, key])
            release.delete()
        else:
            kept[release.artist_id, key] = release.pk
            release_model.objects.filter(pk=release.pk).update(title_key=key)


def name_covers(apps, schema_editor):
    """Covers were named by the file they came from, in one size; all sizes are that one until they are read again."""
    track_model, cover_model = apps.get_model("catalog", "Track"), apps.get_model("catalog", "Cover")
    for track in track_model.objects.filter(has_cover=True).only("pk", "audio_file_id").iterator():
        old = settings.STORAGE.covers / track.audio_file_id[:2] / f"{track.audio_file_id}.webp"
        if not old.exists():
            continue
        content = old.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        cover, _ = cover_model.objects.get_or_create(sha256=sha256)
        for side in COVER_SIDES:
            target = cover_path_of(sha256, side)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        track_model.objects.filter(pk=track.pk).update(cover=cover)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_metadata")]
    operations = [
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.RunPython(name_covers, migrations.RunPython.noop),
    ]
