import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_folded_names_are_unique'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='metadata',
            field=models.TextField(blank=True, default='', verbose_name='Upload-Metadata, as the sender put it'),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name='AnalysisRetry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('track', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='retries', to='catalog.track')),
            ],
            options={
                'verbose_name_plural': 'analysis retries',
            },
        ),
    ]
