import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from recommender.catalog.revision import create_revision_triggers, drop_revision_triggers


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0018_pair_says"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField("analysis", "queued_for", models.DurationField(editable=False, null=True)),
        migrations.AddField("analysis", "analysed_for", models.DurationField(editable=False, null=True)),
        migrations.AddField("analysis", "indexed_for", models.DurationField(editable=False, null=True)),
        migrations.AddIndex("analysis", models.Index(fields=["space", "-state_changed_at"], name="analysis_lately")),
        # Another title, artist or cover is a change by now.
        migrations.RunPython(drop_revision_triggers, create_revision_triggers),
        migrations.RunPython(create_revision_triggers, drop_revision_triggers),
    ]
