"""The mirror's writer over the business of 10,000 invoices and over the large one, in turns: how it grows.

The data is kept for the pages' benchmark, so all that is written is taken back: a round is one transaction that ends
without a commit. That costs both sizes the same, and what it leaves out, the wait for the disk, does not grow.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks.kept_data import data_environment, is_there_a_server, kept, server
from tests.benchmarks.mirror import PAGE, PASSES, Writer, copy_of

Json = dict[str, Any]
Figures = dict[str, Any]

ROUNDS = 5
INVOICES = 500


def measure(size: str, say: Callable[[str], object] = lambda text: None) -> Figures | None:
    """By pass: invoices a second over the small business and over this one, and the ratio of the times. None where
    there is no PostgreSQL, or where this is the small one."""
    if size == "small" or not is_there_a_server():
        return None
    with ExitStack() as undo:
        directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        at = undo.enter_context(server())
        databases = {each: kept(at, each, directory, say) for each in ("small", size)}
        writers = {
            each: undo.enter_context(Writer("tests.benchmarks.mirror_growth", data_environment(url, directory)))
            for each, url in databases.items()
        }
        taken: dict[str, dict[str, list[float]]] = {each: {name: [] for name in PASSES} for each in writers}
        for number in range(ROUNDS + 1):
            say(f"the writer over both sizes, round {number} of {ROUNDS}" + (" (not counted)" if not number else ""))
            for each, writer in writers.items():
                for name, seconds in writer.ask(number).items():
                    if number:
                        taken[each][name].append(seconds)
        return {
            name: {
                "small": round(INVOICES / statistics.median(taken["small"][name])),
                size: round(INVOICES / statistics.median(taken[size][name])),
                "times": round(
                    statistics.median(
                        large / small for large, small in zip(taken[size][name], taken["small"][name], strict=True)
                    ),
                    2,
                ),
            }
            for name in PASSES
        }


def work() -> None:
    """One of those processes."""
    import django

    django.setup()
    moulds = _moulds()
    for line in sys.stdin:
        (number,) = json.loads(line)
        invoices = [copy_of(moulds[each % len(moulds)], f"Growth{number}N{each}") for each in range(INVOICES)]
        print(json.dumps(_write_and_take_back(invoices)), flush=True)


def _moulds() -> list[Json]:
    """Invoices with two lines that are here already, of as many customers."""
    from djstripe import models as djstripe

    stored = djstripe.Invoice.objects.filter(stripe_data__status="paid").order_by("id")
    data = (it for it in stored.values_list("stripe_data", flat=True)[: 4 * INVOICES].iterator())
    return [it for it in data if len(it["lines"]["data"]) == 2 and not it["discounts"]][:INVOICES]


def _write_and_take_back(invoices: list[Json]) -> dict[str, float]:
    """Seconds by pass."""
    from django.db import transaction
    from django.utils import timezone

    from finances import mirror
    from finances.gateway import Gateway
    from finances.tickets import take_ticket

    taken, gateway = {}, Gateway()
    with transaction.atomic():
        for name in PASSES:
            if name == "changed":
                for it in invoices:
                    it |= {"status": "void", "description": "changed"}
            started = time.perf_counter()
            for first in range(0, len(invoices), PAGE):
                page = invoices[first : first + PAGE]
                mirror.write(gateway, "invoice", page, ticket=take_ticket(), now=timezone.now())
            taken[name] = time.perf_counter() - started
        transaction.set_rollback(True)
    return taken


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    work()
