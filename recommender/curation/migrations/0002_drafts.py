import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('curation', '0001_acts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255)),
                ('made_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('row_count', models.PositiveIntegerField()),
                ('same_count', models.PositiveIntegerField()),
                ('change_count', models.PositiveIntegerField()),
                ('problem_count', models.PositiveIntegerField()),
                ('changes', models.JSONField()),
                ('problems', models.JSONField()),
                ('remarks', models.JSONField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
    ]
