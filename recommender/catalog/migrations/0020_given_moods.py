from django.db import migrations, models

from recommender.catalog.triggers import create_triggers, drop_triggers


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0019_pauses_and_stage_times"),
    ]

    operations = [
        migrations.RunPython(drop_triggers, create_triggers),
        migrations.AlterModelOptions("tracktag", {"ordering": ["-is_given", "-probability", "name"]}),
        migrations.AddField("tracktag", "heard", models.FloatField(null=True)),
        migrations.AddField("tracktag", "is_given", models.BooleanField(default=False)),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
