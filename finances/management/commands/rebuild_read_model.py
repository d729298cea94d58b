import os
from collections.abc import Iterable
from itertools import chain

from django.core.management.base import BaseCommand
from django.db import connection

from finances.mirror.rebuild import Drift, rebuild
from finances.models import ObjectState
from finances.reads.keyset import capped_count
from finances.totals.rebuilding import TotalDrift, rebuild_totals

MOST_NAMED = 1_000
MUCH = 50_000


class Command(BaseCommand):
    help = (
        "Make the read model anew from dj-stripe's tables, and the daily totals from it; with --check only report "
        "differences (exit 1 if any)."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing")
        parser.add_argument(
            "--processes",
            type=int,
            default=0,
            help="how many share the work (default: one for each processor where there is much; on SQLite one)",
        )

    def handle(self, *, check, processes, **options):
        found = 0
        drifts: Iterable[Drift | TotalDrift] = chain(
            rebuild(check_only=check, processes=max(1, processes or _processes())), rebuild_totals(check_only=check)
        )
        for drift in drifts:
            found += 1
            if found <= MOST_NAMED:
                what = ", ".join(drift.fields) or "the whole row"
                self.stdout.write(f"{drift.model} {drift.id}: {what}")
        if found > MOST_NAMED:
            self.stdout.write(f"... and {found - MOST_NAMED:,} more")
        verb = "differ" if check else "were put right"
        self.stdout.write(f"{found} rows {verb}." if found else "The read model is what dj-stripe's tables say.")
        raise SystemExit(1 if check and found else 0)


def _processes() -> int:
    """SQLite has one writer, and small tables are read before a second process has started."""
    if connection.vendor != "postgresql" or capped_count(ObjectState.objects.all(), MUCH) <= MUCH:
        return 1
    return os.cpu_count() or 1
