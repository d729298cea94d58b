from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


def make_wake_ups(using: str, **_: object) -> None:
    from finances.models import WakeUp

    # `migrate auth` alone, as a first step, comes through here before our tables are there.
    if WakeUp._meta.db_table in connections[using].introspection.table_names():
        WakeUp.objects.using(using).bulk_create([WakeUp(kind=kind) for kind in WakeUp.Kind], ignore_conflicts=True)


def put_up_marks(using: str, **_: object) -> None:
    from finances.totals import triggers

    triggers.put_up(using)


def take_down_marks(using: str, plan: list[tuple[object, bool]], **_: object) -> None:
    """SQLite changes a table by making it anew: that drops its triggers, and fails over those of others about it."""
    from finances.totals import triggers

    if plan and connections[using].vendor == "sqlite":
        triggers.take_down(using)


class FinancesConfig(AppConfig):
    name = "finances"
    label = "paydesk"  # other projects have a `finances` of their own
    verbose_name = "Paydesk"

    def ready(self) -> None:
        from finances import checks, worker  # noqa: F401  (registers checks; says how each kind of work is woken)

        # After each migrate, and so after each flush of a test: the rows that a conditional update needs.
        post_migrate.connect(make_wake_ups, sender=self)
        pre_migrate.connect(take_down_marks, sender=self)
        post_migrate.connect(put_up_marks, sender=self)

        from finances.mirror import adoption

        adoption.watch_djstripe()
