import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_browsing")]

    operations = [
        migrations.AlterField(
            model_name="importedfile",
            name="track",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="imported_from",
                to="catalog.track",
            ),
        ),
    ]
