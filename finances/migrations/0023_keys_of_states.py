"""States and versions of products, prices and coupons, whose ids people choose, are kept by type and id: `coupon:gold`.

Until then a product and a coupon of one id shared a state, which is now that of whoever was written last; each other one
gets a state that holds nothing, so that whatever Stripe answers next is written whole. Versions go by what their JSON
says they are. A run's findings of such an id are told apart by their type too.
"""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Concat, Substr

CHOSEN = ("coupon", "price", "product")
LENGTH = 263
TABLES = ("paydesk_objectstate", "paydesk_objectversion")


def widen(apps, schema_editor):
    """In PostgreSQL's catalogue alone; SQLite knows no lengths, and would write its tables anew."""
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} ALTER COLUMN object_id TYPE varchar({LENGTH})")


def move(apps, schema_editor):
    ObjectState = apps.get_model("paydesk", "ObjectState")
    ObjectVersion = apps.get_model("paydesk", "ObjectVersion")
    ids = ObjectState.objects.filter(type__in=CHOSEN).values("object_id")
    for type_name in CHOSEN:
        said = ObjectVersion.objects.filter(object_id__in=ids, stripe_data__object=type_name)
        said.update(object_id=Concat(Value(f"{type_name}:"), "object_id"))
    for type_name in CHOSEN:
        states = ObjectState.objects.filter(type=type_name)
        # What says nothing, in either way.
        for unsaid in ({"stripe_data__object": None}, {"stripe_data__object__isnull": True}):
            versions = ObjectVersion.objects.filter(object_id__in=states.values("object_id"), **unsaid)
            versions.update(object_id=Concat(Value(f"{type_name}:"), "object_id"))
    for type_name in CHOSEN:
        states = ObjectState.objects.filter(type=type_name)
        states.update(object_id=Concat(Value(f"{type_name}:"), "object_id"))
    add_the_others(apps)


def add_the_others(apps):
    """A state for each that shared one and has none now."""
    ObjectState = apps.get_model("paydesk", "ObjectState")
    for type_name in CHOSEN:
        others = ObjectState.objects.filter(type__in=set(CHOSEN) - {type_name})
        shared = {key.partition(":")[2]: seen_at for key, seen_at in others.values_list("object_id", "seen_at")}
        here = set(ObjectState.objects.filter(type=type_name).values_list("object_id", flat=True))
        rows = apps.get_model("paydesk", type_name).objects.values_list("id", "created_at", "deleted_at")
        ObjectState.objects.bulk_create(
            ObjectState(
                object_id=f"{type_name}:{object_id}",
                type=type_name,
                ticket=0,
                content_hash=b"",
                seen_at=shared[object_id],
                created_at=created_at,
                deleted_at=deleted_at,
            )
            for object_id, created_at, deleted_at in rows.iterator()
            if object_id in shared and f"{type_name}:{object_id}" not in here
        )


def move_back(apps, schema_editor):
    """Of those that share an id, the one that was written last has the state."""
    ObjectState = apps.get_model("paydesk", "ObjectState")
    ObjectVersion = apps.get_model("paydesk", "ObjectVersion")
    keys = ObjectState.objects.filter(type__in=CHOSEN).values("object_id")
    seen, twice = set(), []
    versions = ObjectVersion.objects.filter(object_id__in=keys)
    for pk, key, ticket in versions.order_by("-id").values_list("id", "object_id", "ticket"):
        version = (key.partition(":")[2], ticket)
        if version in seen:
            twice.append(pk)
        seen.add(version)
    ObjectVersion.objects.filter(id__in=twice).delete()
    states = ObjectState.objects.filter(type__in=CHOSEN)
    newest = {key.partition(":")[2]: key for key in states.order_by("ticket", "pk").values_list("pk", flat=True)}
    for type_name in CHOSEN:
        bare = Substr("object_id", len(type_name) + 2)
        of_type = ObjectState.objects.filter(type=type_name)
        ObjectVersion.objects.filter(object_id__in=of_type.values("object_id")).update(object_id=bare)
        lost = [key for key in of_type.values_list("pk", flat=True) if newest[key.partition(":")[2]] != key]
        ObjectState.objects.filter(pk__in=lost).delete()
        of_type.update(object_id=bare)


def keep_one_finding(apps, schema_editor):
    """Of each id, kind and run: the first."""
    ResyncFinding = apps.get_model("paydesk", "ResyncFinding")
    chosen = ResyncFinding.objects.filter(object_type__in=CHOSEN).values("object_id")
    seen, twice = set(), []
    rows = ResyncFinding.objects.filter(object_id__in=chosen).order_by("id")
    for pk, *finding in rows.values_list("id", "run_id", "object_id", "kind"):
        if tuple(finding) in seen:
            twice.append(pk)
        seen.add(tuple(finding))
    ResyncFinding.objects.filter(id__in=twice).delete()


class Migration(migrations.Migration):
    dependencies = [("paydesk", "0022_erased")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    "objectstate", "object_id", models.CharField(max_length=LENGTH, primary_key=True, serialize=False)
                ),
                migrations.AlterField("objectversion", "object_id", models.CharField(max_length=LENGTH)),
            ],
        ),
        migrations.RunPython(move, move_back),
        migrations.RemoveConstraint("resyncfinding", "paydesk_finding_once"),
        migrations.RunPython(migrations.RunPython.noop, keep_one_finding),
        migrations.AddConstraint(
            "resyncfinding",
            models.UniqueConstraint(
                fields=["run", "object_id", "kind"],
                condition=~models.Q(object_type__in=("product", "price", "coupon")),
                name="paydesk_finding_once",
            ),
        ),
        migrations.AddConstraint(
            "resyncfinding",
            models.UniqueConstraint(
                fields=["run", "object_id", "object_type", "kind"],
                condition=models.Q(object_type__in=("product", "price", "coupon")),
                name="paydesk_chosen_finding_once",
            ),
        ),
    ]
