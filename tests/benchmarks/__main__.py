"""`make bench`: the benchmarks, a table, and bench/results.json. Ratios count, single figures do not."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tests.environment  # noqa: F401  (the environment in which the settings are read)

SIZES = {"small": 200, "medium": 2_000, "full": 20_000}
SANDBOX_SIZES = {"small": 1_000, "medium": 4_000, "full": 20_000}  # customers; the last takes minutes
RESULTS = Path("bench/results.json")

Figures = dict[str, Any]


def measure_mirror(scale: str) -> Figures:
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
    from finances.resync.run import work_off
    from finances.sandbox import Sandbox
    from tests.benchmarks import mirror
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
        work_off(run.pk, timezone.now)
    listed = LocalStripe(settings.STRIPE_API_BASE).all("/v1/invoices", **{"expand[]": "data.payments"})
    # dj-stripe's own sync ends with an error at an invoice that has a discount.
    invoices = [invoice for invoice in listed if not invoice["discounts"]]
    rates = mirror.measure(invoices[: SIZES[scale]])
    sandbox.stop()

    base = rates["dj-stripe, new"]
    print(f"\nInvoices a second, {connection.vendor}, {min(len(invoices), SIZES[scale])} of them\n")
    for name, rate in rates.items():
        print(f"  {name:20} {rate:8.0f}/s   {rate / base:6.1f}x")
    return {
        "database": connection.vendor,
        "invoices_a_second": {name: round(rate) for name, rate in rates.items()},
        "ratio_to_djstripe": {name: round(rate / base, 1) for name, rate in rates.items()},
    }


def measure_sandbox(scale: str) -> Figures:
    from tests.benchmarks import sandbox

    figures = sandbox.measure(SANDBOX_SIZES[scale])
    print(f"\nThe local Stripe, {sandbox.MONTHS} months, {figures['customers']} customers\n")
    for name, target in sandbox.TARGETS.items():
        print(f"  {name.replace('_', ' '):22} {figures[name]:8}   (target {target:g})")
    return {"local_stripe": figures}


def measure_webhooks(scale: str) -> Figures:
    from tests.benchmarks import webhooks, webhooks_table

    print("\nWebhooks, PostgreSQL, gunicorn 2x4", flush=True)
    figures = webhooks.measure(webhooks.SCALES[scale], lambda doing: print(f"  ... {doing}", flush=True))
    if figures is None:
        print("  skipped: no PostgreSQL binaries here, and TEST_DATABASE_URL names no server")
        return {}
    webhooks_table.show(figures)
    return {"webhooks": figures}


def measure_resync(scale: str) -> Figures:
    from tests.benchmarks import resync, resync_table

    print("\nResyncs, PostgreSQL and SQLite", flush=True)
    figures = resync.measure(resync.SCALES[scale], lambda doing: print(f"  ... {doing}", flush=True))
    if figures is None:
        print("  skipped: no PostgreSQL binaries here, and TEST_DATABASE_URL names no server")
        return {}
    resync_table.show(figures)
    return {"resync": figures}


def measure_pages(scale: str) -> Figures:
    from tests.benchmarks import pages, pages_table

    print(f"\nPages, PostgreSQL, the {scale} business", flush=True)
    figures = pages.measure(scale, lambda doing: print(f"  ... {doing}", flush=True))
    if figures is None:
        print("  skipped: no PostgreSQL binaries here, and TEST_DATABASE_URL names no server")
        return {}
    pages_table.show(figures)
    return pages.results_of(figures)


PARTS: dict[str, Callable[[str], Figures]] = {
    "mirror": measure_mirror,
    "sandbox": measure_sandbox,
    "webhooks": measure_webhooks,
    "resync": measure_resync,
    "pages": measure_pages,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", choices=SIZES, default="small")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), metavar="PART")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    results: Figures = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "scale": options.scale,
        "load_before": os.getloadavg()[0],
    }
    for part in options.only:
        results |= PARTS[part](options.scale)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")


main()
