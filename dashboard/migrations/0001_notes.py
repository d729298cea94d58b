import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about_id", models.CharField(max_length=255)),
                ("customer_id", models.CharField(max_length=255)),
                ("author_name", models.CharField(max_length=150)),
                ("body", models.TextField(blank=True)),
                ("written_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("deleted_by_name", models.CharField(blank=True, max_length=150)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": ("view", "add", "delete"),
                "indexes": [
                    models.Index(fields=["customer_id", "-written_at", "-id"], name="paydesk_note_customer"),
                    models.Index(fields=["about_id", "-written_at", "-id"], name="paydesk_note_about"),
                ],
            },
        ),
    ]
