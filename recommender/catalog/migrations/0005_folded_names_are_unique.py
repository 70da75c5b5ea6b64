import recommender.catalog.names
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_fold_names")]
    operations = [
        migrations.RemoveField(model_name="track", name="has_cover"),
        migrations.AlterField(
            model_name="artist",
            name="name_key",
            field=recommender.catalog.names.FoldedField(
                blank=True, editable=False, max_length=200, source="name", unique=True
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("artist", "title_key"), name="release_unique_per_artist"),
        ),
    ]
