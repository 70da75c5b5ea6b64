from django.db import migrations, models

from recommender.catalog.revision import create_revision_triggers, drop_revision_triggers


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_spectrograms")]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[("number", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.AddIndex(
            model_name="analysis",
            index=models.Index(fields=["space", "state", "track"], name="analysis_by_state"),
        ),
        migrations.RunPython(create_revision_triggers, drop_revision_triggers),
    ]
