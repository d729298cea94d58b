from collections.abc import Iterable
from itertools import chain

from django.core.management.base import BaseCommand

from finances.mirror.rebuild import Drift, rebuild
from finances.totals.rebuilding import TotalDrift, rebuild_totals


class Command(BaseCommand):
    help = (
        "Make the read model anew from dj-stripe's tables, and the daily totals from it; with --check only report "
        "differences (exit 1 if any)."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing")

    def handle(self, *, check, **options):
        found = 0
        drifts: Iterable[Drift | TotalDrift] = chain(rebuild(check_only=check), rebuild_totals(check_only=check))
        for drift in drifts:
            found += 1
            what = ", ".join(drift.fields) or "the whole row"
            self.stdout.write(f"{drift.model} {drift.id}: {what}")
        verb = "differ" if check else "were put right"
        self.stdout.write(f"{found} rows {verb}." if found else "The read model is what dj-stripe's tables say.")
        raise SystemExit(1 if check and found else 0)
