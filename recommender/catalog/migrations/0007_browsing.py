"""What tracks are sorted, counted and searched by."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from recommender.catalog.triggers import create_triggers, drop_triggers

SHELF = ["decade", "pace", "key", "file_format", "visibility", "is_playable", "is_deleting", "owner", "track"]


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_upload_metadata_and_retries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddIndex(
            model_name="track",
            index=models.Index(fields=["energy", "id"], name="track_by_energy"),
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                (
                    "track",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="shelf",
                        serialize=False,
                        to="catalog.track",
                    ),
                ),
                ("decade", models.PositiveSmallIntegerField(null=True)),
                ("pace", models.CharField(max_length=8, null=True)),
                ("key", models.PositiveSmallIntegerField(null=True)),
                ("file_format", models.CharField(max_length=10)),
                ("genres", models.TextField()),
                ("tags", models.TextField()),
                ("visibility", models.CharField(max_length=10)),
                ("is_playable", models.BooleanField()),
                ("is_deleting", models.BooleanField()),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="shelves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=SHELF, name="shelf_by_facts"),
                    models.Index(fields=["genres", *SHELF], name="shelf_by_genres"),
                    models.Index(fields=["tags", *SHELF], name="shelf_by_tags"),
                ]
            },
        ),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
