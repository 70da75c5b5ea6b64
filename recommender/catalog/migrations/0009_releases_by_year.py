from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_imported_files_outlive_tracks")]

    operations = [
        migrations.AddIndex(
            model_name="release",
            index=models.Index(fields=["year", "id"], name="release_by_year"),
        ),
    ]
