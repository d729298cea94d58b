"""Webhooks: how fast they are acknowledged and worked off, beside a view that does nothing and beside dj-stripe's own.

PostgreSQL with synchronous_commit, gunicorn as gunicorn.conf.py has it, `manage.py work`, the local Stripe and the
sender: each a process of its own on this machine. What is compared takes turns, so that whatever else the machine does
burdens both alike.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.addresses import BARE, COMMIT, DJSTRIPE_WEBHOOK, EMPTY
from tests.benchmarks.load import Plan, Result, send
from tests.local_stripe import LocalStripe
from tests.processes.postgresql import Cluster, binaries
from tests.processes.services import ROOT, WEBHOOK, Web, Worker, environment

RATE = 100.0  # webhooks a second
TURNS = 3
API_DELAY = 0.1  # seconds that Stripe's API takes to answer
DUPLICATES = 1_000
LONGEST_WAIT = 900  # seconds for a backlog to be gone
TARGETS = {"median_to_an_empty_view": 2.0, "p99_ms": 50.0, "not_2xx": 0}


@dataclass(frozen=True)
class Scale:
    """`phase`: seconds of each comparison; `long`: of the steady stream; `hung`: that Stripe's API hangs."""

    phase: float
    long: float
    hung: float
    customers: int


SCALES = {
    "small": Scale(phase=15, long=15, hung=15, customers=150),
    "medium": Scale(phase=60, long=60, hung=30, customers=500),
    "full": Scale(phase=60, long=600, hung=30, customers=2_000),
}


def measure(scale: Scale, say: Callable[[str], object] = lambda text: None) -> dict[str, Any] | None:
    """Everything below, in order; None where there is no PostgreSQL to be had."""
    if not (os.environ.get("TEST_DATABASE_URL") or binaries()):
        return None
    with Bench(scale, say) as bench:
        return {
            "acknowledgement": bench.acknowledgement(),
            "most_a_second": bench.most_a_second(),
            "steady": bench.steady(),
            "api_answers_in_100_ms": bench.beside_djstripe(),
            "api_hangs": bench.while_the_api_hangs(),
            "workers": bench.workers(),
        }


class Bench:
    def __init__(self, scale: Scale, say: Callable[[str], object]) -> None:
        self._scale = scale
        self._say = say
        self._runs = 0

    def __enter__(self) -> "Bench":
        with ExitStack() as undo:
            directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
            self._database = undo.enter_context(_database())
            self._stripe = undo.enter_context(_local_stripe())
            self._customers = _make_customers(self._stripe, self._scale.customers)
            self._env = environment(self._database, self._stripe.address, directory)
            subprocess.run([sys.executable, "-m", "tests.benchmarks.served"], check=True, cwd=ROOT, env=self._env)
            self._web = Web(self._env, "tests.benchmarks.served")
            undo.callback(self._web.kill)
            self._web.start()
            for path in (BARE, EMPTY, COMMIT, WEBHOOK):  # what is imported and connected at the first requests
                self._send(path, rate=0, most=200, connections=8)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._undo.close()

    def acknowledgement(self) -> dict[str, Any]:
        """At 100 a second and with no worker: a view that does nothing, one that only commits, gunicorn alone, ours."""
        self._say("acknowledgement at 100/s")
        results = self._in_turns([EMPTY, COMMIT, WEBHOOK, BARE], rate=RATE)
        empty, commit, ours, bare = (results[path].figures() for path in (EMPTY, COMMIT, WEBHOOK, BARE))
        return {
            "median_to_an_empty_view": round(ours["p50_ms"] / empty["p50_ms"], 2),
            "median_to_a_bare_commit": round(ours["p50_ms"] / commit["p50_ms"], 2),
            "web_cpu_to_an_empty_view": round(ours["web_cpu_ms"] / empty["web_cpu_ms"], 2),
            "ours": ours,
            "empty_view": empty,
            "bare_commit": commit,
            "gunicorn_alone": bare,
        }

    def most_a_second(self) -> dict[str, float]:
        """Eight connections, each with the next as soon as the last was answered."""
        self._say("the most a second")
        results = self._in_turns([EMPTY, WEBHOOK, BARE], rate=0.0, connections=8)
        names = {WEBHOOK: "ours", EMPTY: "empty_view", BARE: "gunicorn_alone"}
        return {name: results[path].a_second for path, name in names.items()} | {"not_2xx": results[WEBHOOK].not_taken}

    def steady(self) -> dict[str, Any]:
        """A1: 100 a second with duplicates among them, and a worker beside that works them off."""
        self._say("a steady stream with a worker")
        self._forget()
        sent = RATE * self._scale.long
        share = round(min(DUPLICATES / sent, 1 / 3), 2)
        with self._workers(1):
            result = self._send(WEBHOOK, seconds=self._scale.long, duplicates=share)
            backlog = self._drained()
        rows, attempts = self._rows("SELECT count(*), sum(attempts) FROM paydesk_delivery WHERE attempts > 0")[0]
        return result.figures() | {"duplicates": int(attempts - rows), "rows": rows} | backlog

    def beside_djstripe(self) -> dict[str, Any]:
        """The same load while each call of Stripe's API takes 100 ms: ours with its worker, then dj-stripe's view."""
        self._say("beside dj-stripe's own view")
        self._stripe.faults(slow=1, delay=API_DELAY)
        self._forget()
        with self._workers(1):
            ours = self._send(WEBHOOK, seconds=self._scale.phase)
        self._stripe.forget_calls()
        theirs = self._send(DJSTRIPE_WEBHOOK, seconds=self._scale.phase, connections=64)
        calls = sum(number for call, number in self._stripe.calls().items() if "/v1/" in call)
        self._stripe.faults()
        return {
            "ours": ours.figures(),
            "djstripe": theirs.figures() | {"calls_to_stripe": calls},
            "median_of_djstripe_to_ours": round(theirs.percentile(0.5) / ours.percentile(0.5), 1),
        }

    def while_the_api_hangs(self) -> dict[str, Any]:
        """A worker's calls get no answer; then they do, and nobody does anything about what waits."""
        self._say("while Stripe's API hangs")
        self._forget()
        with self._workers(1):
            self._stripe.faults(hung=1)
            result = self._send(WEBHOOK, seconds=self._scale.hung)
            self._stripe.faults()
            return result.figures() | self._drained()

    def workers(self) -> dict[str, dict[str, float]]:
        """Events a second of 1 and 2 workers: each about a customer that changed; and many about five of them."""
        found = {}
        for delay in (0.0, API_DELAY):
            for number in (1, 2):
                self._say(f"{number} worker(s), Stripe's API takes {delay * 1_000:.0f} ms")
                self._stripe.faults(**({"slow": 1, "delay": delay} if delay else {}))
                name = f"{number} worker{'s' * (number > 1)}, API {delay * 1_000:.0f} ms"
                found[name] = self._work_off(number, self._customers, len(self._customers), "distinct")
                found[name] |= self._work_off(number, self._customers[:5], 1_000, "burst_of_5")
        self._stripe.faults()
        return found

    def _work_off(self, workers: int, customers: list[str], events: int, name: str) -> dict[str, float]:
        self._runs += 1
        for customer in customers:
            self._stripe.patch(customer, description=f"run {self._runs}")
        self._forget()
        self._send(WEBHOOK, rate=0.0, most=events, objects=customers)
        # Held back until the workers are up; then all are due at once.
        self._rows("UPDATE paydesk_delivery SET state = 'waiting', next_try_at = now() + interval '1 year' RETURNING 1")
        with self._workers(workers):
            self._stripe.forget_calls()
            self._rows("UPDATE paydesk_delivery SET state = 'received', next_try_at = NULL RETURNING 1")
            self._drained()
        # From the first claim to the last outcome: without the second that may pass before a worker looks.
        query = (
            "SELECT extract(epoch FROM max(processed_at) - min((try_log->0->>'at')::timestamptz)) FROM paydesk_delivery"
        )
        seconds = float(self._rows(query)[0][0])
        calls = sum(number for call, number in self._stripe.calls().items() if "/v1/customers" in call)
        return {f"{name}_a_second": round(events / seconds, 1), f"{name}_calls": calls}

    def _in_turns(self, paths: list[str], **how: Any) -> dict[str, Result]:
        found: dict[str, list[Result]] = {path: [] for path in paths}
        for _ in range(TURNS):
            for path in paths:
                found[path].append(self._send(path, seconds=self._scale.phase / TURNS, **how))
        return {path: reduce(add, results) for path, results in found.items()}

    def _send(self, path: str, *, objects: list[str] | None = None, **how: Any) -> Result:
        self._runs += 1
        label = f"{self._runs}_{time.time_ns()}"
        before = self._web.cpu_seconds()
        result = send(Plan(self._web.port, path, label, objects or self._customers, **how))
        result.cpu_seconds = self._web.cpu_seconds() - before
        return result

    @contextmanager
    def _workers(self, number: int) -> Iterator[None]:
        """Up, until the block ends."""
        self._rows("DELETE FROM paydesk_workerheartbeat RETURNING 1")
        running = [Worker(self._env, f"worker-{each}") for each in range(number)]
        try:
            for worker in running:
                worker.start()
            while self._rows("SELECT count(*) FROM paydesk_workerheartbeat")[0][0] < number:
                for worker in running:
                    worker.check_that_it_runs()
                time.sleep(0.05)
            yield
        finally:
            for worker in running:
                worker.stop()

    def _drained(self) -> dict[str, float]:
        """Waits until nothing is left to do. How much there was, and the seconds that it took."""
        query = "SELECT count(*) FROM paydesk_delivery WHERE state IN ('received', 'processing', 'waiting')"
        left = backlog = self._rows(query)[0][0]
        started = time.monotonic()
        while left and time.monotonic() - started < LONGEST_WAIT:
            time.sleep(0.05)
            left = self._rows(query)[0][0]
        states = dict(self._rows("SELECT state, count(*) FROM paydesk_delivery GROUP BY state"))
        return {
            "backlog": backlog,
            "drained_after_s": round(time.monotonic() - started, 1),
            "left": left,
            "quarantined": states.get("quarantined", 0),
        }

    def _forget(self) -> None:
        self._rows("DELETE FROM paydesk_delivery RETURNING 1")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._database) as connection:
            return connection.execute(query).fetchall()


@contextmanager
def _database() -> Iterator[str]:
    """An empty one: of the server that TEST_DATABASE_URL names, else of one that is made for it and thrown away."""
    with ExitStack() as undo:
        server = os.environ.get("TEST_DATABASE_URL") or undo.enter_context(Cluster(fsync=True)).url()
        name = f"paydesk_bench_{os.getpid()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield re.sub(r"/[^/]*$", f"/{name}", server)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def _local_stripe() -> Iterator[LocalStripe]:
    command = ["-m", "finances.sandbox", "--port", "0", "--customers", "12", "--months", "1", "--until-stdin-closes"]
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield LocalStripe(child.stdout.readline().decode().split()[1])
        finally:
            child.stdin.close()


def _make_customers(stripe: LocalStripe, number: int) -> list[str]:
    """Plain ones: dj-stripe's view cannot take a customer with a discount of today's shape."""
    plain = next(it for it in stripe.all("/v1/customers") if not it.get("discount"))
    made = []
    for each in range(number):
        customer = {
            **plain,
            "id": f"cus_Bench{each:010}",
            "email": f"bench-{each}@customers.example",
            "default_source": None,
            "invoice_settings": {**plain["invoice_settings"], "default_payment_method": None},
        }
        made.append(stripe.put(customer)["id"])
    return made
