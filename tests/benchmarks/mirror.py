"""Writing invoices: our mirror, a page of a hundred at a time, beside dj-stripe's own sync, row by row.

The network is taken out of both: the objects are in hand, and what they point at is written before the clock starts.
Each invoice has two lines. Ours counts everything that `mirror.write` leaves of it: dj-stripe's rows of the invoice and
of its lines, the read model's rows of both, its state and its version, read-only checks included; a page a transaction,
on a server with fsync. dj-stripe writes its own rows only.

Each process of `work` writes when it is told to, so that one, two and dj-stripe take turns on one machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import Databases, OfPostgreSQL, OfSQLite
from tests.benchmarks.resync import local_stripe
from tests.local_stripe import LocalStripe
from tests.processes.postgresql import binaries
from tests.processes.services import ROOT, environment

Json = dict[str, Any]
Figures = dict[str, Any]

PAGE = 100
PASSES = ("new", "changed", "unchanged")
TARGETS = {
    "1": {"new": 1_000, "changed": 1_300, "unchanged": 10_000},
    "2": {"new": 1_500, "changed": 2_500},
    "to_djstripe": 12,
}


@dataclass(frozen=True)
class Scale:
    """Of each round: `pages` that a process of ours writes, `theirs` invoices that dj-stripe syncs."""

    rounds: int
    pages: int
    theirs: int


SCALES = {
    "small": Scale(rounds=3, pages=5, theirs=30),
    "medium": Scale(rounds=5, pages=15, theirs=60),
    "full": Scale(rounds=7, pages=40, theirs=100),
}


def measure(scale: Scale, say: Callable[[str], object] = lambda text: None) -> Figures:
    """By database: invoices a second. PostgreSQL is left out where there is none to be had."""
    with ExitStack() as undo:
        directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        stripe, _ = undo.enter_context(local_stripe(60))
        figures: Figures = {}
        if os.environ.get("TEST_DATABASE_URL") or binaries():
            server = undo.enter_context(OfPostgreSQL(directory))
            figures["PostgreSQL"] = _measure(server, stripe, directory, scale, processes=2, say=say)
        figures["SQLite"] = _measure(OfSQLite(directory), stripe, directory, scale, processes=1, say=say)
        return figures


def _measure(
    databases: Databases,
    stripe: LocalStripe,
    directory: Path,
    scale: Scale,
    *,
    processes: int,
    say: Callable[[str], object],
) -> Figures:
    env = environment(databases.make("mirror").url, stripe.address, directory)
    env |= {"PAYDESK_CALLS_A_SECOND": "10000", "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": "10000"}
    with ExitStack() as undo:
        writers = [undo.enter_context(Writer("tests.benchmarks.mirror", env)) for _ in range(processes)]
        writers[0].ask("parents")
        taken: dict[str, list[float]] = {}
        for number in range(scale.rounds + 1):
            say(f"{databases.name}, round {number} of {scale.rounds}" + (" (not counted)" if not number else ""))
            for name, rate in _round(writers, scale, number):
                if number:
                    taken.setdefault(name, []).append(rate)
    rates = {name: round(statistics.median(each)) for name, each in taken.items()}
    base = taken["dj-stripe, new"]
    ratios = {
        name: round(statistics.median(a / b for a, b in zip(each, base, strict=True)), 1)
        for name, each in taken.items()
    }
    return {"rounds": scale.rounds, "a_second": rates, "to_djstripe_new": ratios}


def _round(writers: list["Writer"], scale: Scale, number: int) -> Iterator[tuple[str, float]]:
    yield "dj-stripe, new", scale.theirs / writers[0].ask("djstripe", f"D{number}", scale.theirs)
    for together in range(1, len(writers) + 1):
        for name in PASSES:
            chosen = writers[:together]
            for each, writer in enumerate(chosen):
                writer.begin(name, f"R{number}T{together}W{each}", scale.pages * PAGE)
            seconds = max(writer.end() for writer in chosen)
            written = scale.pages * PAGE * together
            yield f"{together} worker{'s' * (together > 1)}, {name}", written / seconds


class Writer:
    """A process of a module that writes when it is told to. It answers with the seconds that it took."""

    def __init__(self, module: str, env: dict[str, str]) -> None:
        self._command, self._env = [sys.executable, "-m", module], env

    def __enter__(self) -> "Writer":
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._env, text=True, stdin=pipe, stdout=pipe)
        return self

    def __exit__(self, *error: object) -> None:
        with self._process:
            pass

    def begin(self, *words: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()

    def end(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def ask(self, *words: Any) -> Any:
        self.begin(*words)
        return self.end()


def work() -> None:
    """One of those processes."""
    import django

    django.setup()
    moulds: list[Json] = []
    for line in sys.stdin:
        what, *words = json.loads(line)
        if what == "parents":
            _write_parents()
            print(0.0, flush=True)
            continue
        moulds = moulds or _moulds()
        label, number = words
        invoices = [copy_of(moulds[each % len(moulds)], f"{label}N{each}") for each in range(number)]
        print({"djstripe": _sync}.get(what, _write)(invoices, what), flush=True)


def _write_parents() -> None:
    from django.utils import timezone

    from finances.resync.request import request_resync
    from finances.resync.run import work_off

    for each in ("product", "price", "customer", "subscription"):
        run = request_resync(each, now=timezone.now()).run
        work_off(run.pk, timezone.now)


def _moulds() -> list[Json]:
    """Invoices of the local Stripe with two lines, as a resync reads them. Without a discount, at which dj-stripe's own
    sync ends with an error, and without a payment, which is an object of its own to us and nothing to dj-stripe."""
    from finances.gateway import Gateway

    gateway, found, after = Gateway(), [], ""
    while True:
        page = gateway.page("invoice", after=after)
        found += page.objects
        if not page.has_more:
            break
        after = page.objects[-1]["id"]
    return [
        it
        | {"payments": it["payments"] | {"data": []}}
        | {"lines": it["lines"] | {"data": (it["lines"]["data"] * 2)[:2]}}
        for it in found
        if not it["discounts"] and it["lines"]["data"] and not it["lines"]["has_more"]
    ]


def copy_of(mould: Json, name: str) -> Json:
    copy: Json = json.loads(json.dumps(mould).replace(mould["id"], f"in_{name}"))
    copy["number"] = name
    for position, line in enumerate(copy["lines"]["data"]):
        line["id"] = f"il_{name}_{position}"
    return copy


def _write(invoices: list[Json], what: str) -> float:
    from django.utils import timezone

    from finances import mirror
    from finances.gateway import Gateway
    from finances.tickets import take_ticket

    if what != "new":
        for it in invoices:
            it |= {"status": "void", "amount_remaining": 0, "description": "changed"}
    gateway = Gateway()
    started = time.perf_counter()
    for first in range(0, len(invoices), PAGE):
        mirror.write(gateway, "invoice", invoices[first : first + PAGE], ticket=take_ticket(), now=timezone.now())
    return time.perf_counter() - started


def _sync(invoices: list[Json], what: str) -> float:
    """As dj-stripe is without us: what it writes is not taken into the read model."""
    import stripe
    from django.conf import settings
    from django.db.models.signals import post_delete, post_save
    from djstripe import models as djstripe

    for signal in (post_save, post_delete):
        signal.receivers = []
        signal.sender_receivers_cache.clear()
    stripe.api_base, stripe.api_version = settings.STRIPE_API_BASE, settings.STRIPE_API_VERSION
    key = os.environ["STRIPE_TEST_SECRET_KEY"]
    answers = [stripe.convert_to_stripe_object(it, api_key=key) for it in invoices]
    started = time.perf_counter()
    for it in answers:
        djstripe.Invoice.sync_from_stripe_data(it, api_key=key)
    return time.perf_counter() - started


if __name__ == "__main__":
    work()
