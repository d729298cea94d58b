from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def make_wake_ups(using: str, **_: object) -> None:
    from finances.models import WakeUp

    # `migrate auth` alone, as a first step, comes through here before our tables are there.
    if WakeUp._meta.db_table in connections[using].introspection.table_names():
        WakeUp.objects.using(using).bulk_create([WakeUp(kind=kind) for kind in WakeUp.Kind], ignore_conflicts=True)


class FinancesConfig(AppConfig):
    name = "finances"
    label = "paydesk"  # other projects have a `finances` of their own
    verbose_name = "Paydesk"

    def ready(self) -> None:
        from finances import checks, worker  # noqa: F401  (registers checks; says how each kind of work is woken)

        # After each migrate, and so after each flush of a test: the rows that a conditional update needs.
        post_migrate.connect(make_wake_ups, sender=self)

        from finances.mirror import adoption

        adoption.watch_djstripe()
