"""No query asks for notes by their author, nor for views by their owner alone."""

import importlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DropOwnIndex = importlib.import_module("finances.migrations.0026_only_what_is_asked_for").DropOwnIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("paydesk_console", "0002_saved_views"),
        ("paydesk", "0026_only_what_is_asked_for"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        DropOwnIndex(
            "note",
            "author",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                db_index=False,
            ),
        ),
        DropOwnIndex(
            "savedview",
            "owner",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                db_index=False,
            ),
        ),
    ]
