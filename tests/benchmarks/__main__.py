"""`make bench`: the benchmarks, a table, and bench/results.json. Ratios count, single figures do not."""

import argparse
import json
import os
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import tests.environment  # noqa: F401  (the environment in which the settings are read)

SIZES = {"small": 200, "medium": 2_000, "full": 20_000}
SANDBOX_SIZES = {"small": 1_000, "medium": 4_000, "full": 20_000}  # customers; the last takes minutes


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", choices=SIZES, default="small")
    scale = parser.parse_args().scale
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    database = os.environ.get("TEST_DATABASE_URL")
    os.environ["DATABASE_URL"] = database or f"sqlite:///{tempfile.mkdtemp(prefix='paydesk-bench-')}/bench.sqlite3"

    import django
    from django.conf import settings

    django.setup()
    settings.MIGRATION_MODULES = {"djstripe": None}
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from finances.resync.request import request_resync
    from finances.resync.run import claim_next, work_on
    from finances.sandbox import Sandbox
    from tests.benchmarks import mirror
    from tests.benchmarks import sandbox as local_stripe
    from tests.local_stripe import LocalStripe

    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    sandbox = Sandbox(customers=SIZES[scale] // 3, months=12, seed=7)
    settings.STRIPE_API_BASE = sandbox.start(port=0)
    import stripe as stripe_python

    stripe_python.api_base = settings.STRIPE_API_BASE
    stripe_python.api_version = settings.STRIPE_API_VERSION
    for parents in ("product", "price", "customer", "subscription"):
        run = request_resync(parents, now=timezone.now()).run
        work_on(claim_next(timezone.now(), run.pk), timezone.now)
    invoices = LocalStripe(settings.STRIPE_API_BASE).all("/v1/invoices", **{"expand[]": "data.payments"})
    rates = mirror.measure(invoices[: SIZES[scale]])
    sandbox.stop()

    base = rates["dj-stripe, new"]
    print(f"\nInvoices a second, {connection.vendor}, {min(len(invoices), SIZES[scale])} of them\n")
    for name, rate in rates.items():
        print(f"  {name:20} {rate:8.0f}/s   {rate / base:6.1f}x")
    figures = local_stripe.measure(SANDBOX_SIZES[scale])
    print(f"\nThe local Stripe, {local_stripe.MONTHS} months, {figures['customers']} customers\n")
    for name, target in local_stripe.TARGETS.items():
        print(f"  {name.replace('_', ' '):22} {figures[name]:8}   (target {target:g})")
    results = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "database": connection.vendor,
        "scale": scale,
        "invoices_a_second": {name: round(rate) for name, rate in rates.items()},
        "ratio_to_djstripe": {name: round(rate / base, 1) for name, rate in rates.items()},
        "local_stripe": figures,
    }
    Path("bench").mkdir(exist_ok=True)
    Path("bench/results.json").write_text(json.dumps(results, indent=2) + "\n")


main()
