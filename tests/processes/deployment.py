"""A whole deployment: PostgreSQL, gunicorn, one worker, and a local Stripe that sends webhooks until they are taken."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

from finances.sandbox import Sandbox
from tests.local_stripe import LocalStripe
from tests.processes.postgresql import Cluster
from tests.processes.services import ROOT, WEBHOOK, Web, Worker, environment, make_tables

PAUSES = [0.5] * 1_000  # seconds between two of Stripe's tries; never given up within a test


class NotYet(AssertionError):
    pass


class Deployment:
    """Up on entry, gone on exit. The web server and the worker have `stops` in them."""

    def __enter__(self) -> "Deployment":
        with ExitStack() as undo:
            self.directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-processes-")))
            self.postgresql = undo.enter_context(Cluster())
            sandbox = Sandbox(customers=12, months=3, seed=7)
            self.stripe = LocalStripe(sandbox.start())
            undo.callback(sandbox.stop)
            self.env = env = environment(self.postgresql.url(), self.stripe.address, self.directory)
            make_tables(env)
            self.web = Web(env, "tests.processes.wsgi")
            self.worker = Worker(env, command=["-m", "tests.processes.work"])
            for service in (self.web, self.worker):
                undo.callback(service.kill)
                service.start()
            self.stripe.send_webhooks_to(self.web.address + WEBHOOK, pauses=PAUSES)
            self.customers = [customer["id"] for customer in self.stripe.all("/v1/customers")]
            self._undo = undo.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        self._undo.close()

    def rename(self, customer: str, name: str) -> str:
        """Something happens at Stripe; the id of its event."""
        self.stripe.patch(customer, event="customer.updated", name=name)
        return self.stripe.get("/v1/events", limit=1, type="customer.updated")["data"][0]["id"]

    def manage(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """One of our commands, run to its end."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=env or self.env, capture_output=True, text=True, timeout=300)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgresql.url(), connect_timeout=5) as connection:
            return connection.execute(query, parameters or None).fetchall()

    def deliveries(self, events: list[str]) -> dict[str, tuple[str, int]]:
        """Event id -> state and attempts, of those that the inbox has."""
        found = self.rows(
            "SELECT event_id, state, attempts FROM paydesk_delivery WHERE event_id = ANY(%s)", list(events)
        )
        return {event: (state, attempts) for event, state, attempts in found}

    def kept_states(self, customer: str) -> list[str]:
        """The names in the versions of a customer, in the order of their tickets."""
        found = self.rows(
            "SELECT stripe_data->>'name' FROM paydesk_objectversion WHERE object_id = %s ORDER BY ticket", customer
        )
        return [name for (name,) in found]

    def mirrored_name(self, customer: str) -> str:
        return self.rows("SELECT stripe_data->>'name' FROM djstripe_customer WHERE id = %s", customer)[0][0]

    def is_acknowledged(self, event: str) -> bool:
        return self.stripe.state(event)["pending_webhooks"] == 0

    def is_settled(self, events: list[str]) -> bool:
        """Stripe has an answer to each, and none of them is left to be worked on."""
        deliveries = self.deliveries(events)
        return all(event in deliveries and deliveries[event][0] == "processed" for event in events) and all(
            self.is_acknowledged(event) for event in events
        )

    def wait_until(self, true: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Raises NotYet with what the processes said."""
        end = time.monotonic() + seconds
        while not true():
            self.web.check_that_it_runs()
            self.worker.check_that_it_runs()
            if time.monotonic() > end:
                said = "\n".join(f"--- {service.name}\n{service.said()[-3000:]}" for service in (self.web, self.worker))
                raise NotYet(f"{what}: not within {seconds:g} s\n{said}")
            time.sleep(0.05)


def is_full() -> bool:
    return bool(os.environ.get("PAYDESK_TEST_FULL"))
