"""Products, prices and coupons are found by name whatever its accents, as everything else is.

They are few, and need no index for it.
"""

from django.db import migrations, models

from finances.folding import folded

NAMED = {"Product": ("name",), "Price": ("nickname", "lookup_key"), "Coupon": ("name", "id")}


def search_text():
    return models.TextField(blank=True, default="", db_default="")


def fill(apps, schema_editor):
    for name, columns in NAMED.items():
        model = apps.get_model("paydesk", name)
        rows = list(model._default_manager.only("id", *columns))
        for row in rows:
            row.search_text = folded(" ".join(filter(None, (getattr(row, column) for column in columns))))
        model._default_manager.bulk_update(rows, ["search_text"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0024_days_and_attempts")]
    operations = [
        *(migrations.AddField(name.lower(), "search_text", search_text()) for name in NAMED),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
