import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('paydesk', '0011_whose_customer'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='wakeup',
            name='kind',
            field=models.CharField(choices=[('deliveries', 'Deliveries'), ('resyncs', 'Resyncs'), ('exports', 'Exports')], max_length=32, primary_key=True, serialize=False),
        ),
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('list', models.CharField(max_length=64)),
                ('format', models.CharField(max_length=8)),
                ('conditions', models.TextField(blank=True)),
                ('zone', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('complete', 'Complete'), ('failed', 'Failed'), ('expired', 'Expired')], default='queued', max_length=16)),
                ('total', models.PositiveIntegerField(null=True)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('problem', models.TextField(blank=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('claim', models.PositiveIntegerField(default=0)),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'permissions': [('export_lists', 'Can take lists away as files')],
            },
        ),
        migrations.CreateModel(
            name='ExportPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('body', models.BinaryField()),
                ('export', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='paydesk.export')),
            ],
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['requested_by', '-asked_at', '-id'], name='paydesk_export_newest'),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('requested_by', 'key'), name='paydesk_one_export_a_key'),
        ),
        migrations.AddConstraint(
            model_name='exportpiece',
            constraint=models.UniqueConstraint(fields=('export', 'number'), name='paydesk_export_piece_once'),
        ),
    ]
