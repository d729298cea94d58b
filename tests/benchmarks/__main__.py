"""`make bench`: the benchmarks, a table, and bench/results.json. Ratios count, single figures do not."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tests.environment  # noqa: F401  (the environment in which the settings are read)

SCALES = ("small", "medium", "full")
SANDBOX_SIZES = {"small": 1_000, "medium": 4_000, "full": 20_000}  # customers; the last takes minutes
RESULTS = Path("bench/results.json")

Figures = dict[str, Any]


def measure_mirror(scale: str) -> Figures:
    from tests.benchmarks import mirror, mirror_growth, mirror_table

    def say(doing: str) -> None:
        print(f"  ... {doing}", flush=True)

    print("\nThe mirror's writer", flush=True)
    figures = mirror.measure(mirror.SCALES[scale], say)
    growth = mirror_growth.measure(scale, say)
    mirror_table.show(figures, growth)
    return {"mirror": figures} | ({"mirror_growth": growth} if growth else {})


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
    parser.add_argument("--scale", choices=SCALES, default="small")
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
