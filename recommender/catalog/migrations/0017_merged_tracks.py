import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0016_pool_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="MergedTrack",
            fields=[
                ("old_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="merged", to="catalog.track"
                    ),
                ),
            ],
        ),
    ]
