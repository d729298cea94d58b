"""kill -9 of the worker at random moments of one resync of everything, on PostgreSQL.

Real processes, real SIGKILL. What is seen: the calls that reach Stripe, and what stands in the tables at the end.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from finances.resync.reading import OWNERS_AT_ONCE
from finances.sandbox import Sandbox
from finances.worker import RESYNC_THREADS
from tests.call_log import Call, calls_logged
from tests.local_stripe import LocalStripe
from tests.mirrored_tables import contents, unlike
from tests.processes.deployment import Deployment, is_full
from tests.processes.services import Worker, environment, make_tables

KILLS = 20 if is_full() else 3
CUSTOMERS = 150 if is_full() else 40
ANSWER_TAKES = 0.05  # seconds, so that there are moments between two pages
ONE_BY_ONE = {"/v1/payment_methods"}
"""Listed for one owner at a time: a page of ours is twenty of Stripe's lists."""


class Database:
    """One of the deployment's server, with its own environment for commands and workers."""

    def __init__(self, deployment: Deployment, name: str, stripe: LocalStripe, directory: Path) -> None:
        self.url = deployment.postgresql.url(name)
        unlimited = {"PAYDESK_CALLS_A_SECOND": "10000", "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": "10000"}
        self.env = environment(self.url, stripe.address, directory) | unlimited

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def contents(self) -> Counter[str]:
        with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return contents(cursor, [name for (name,) in cursor.fetchall()])

    def run(self) -> tuple[str, int, int]:
        """State, objects read, failures."""
        return self.rows("SELECT state, done, failed FROM paydesk_resyncrun")[0]


@contextmanager
def databases(deployment: Deployment, stripe: LocalStripe, directory: Path) -> Iterator[tuple[Database, Database]]:
    """Two with the same empty tables."""
    server = deployment.postgresql.url()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE undisturbed")
        undisturbed = Database(deployment, "undisturbed", stripe, directory)
        make_tables(undisturbed.env)
        connection.execute("CREATE DATABASE killed TEMPLATE undisturbed")
        try:
            yield undisturbed, Database(deployment, "killed", stripe, directory)
        finally:
            connection.execute("DROP DATABASE undisturbed WITH (FORCE)")
            connection.execute("DROP DATABASE killed WITH (FORCE)")


def pages(calls: list[Call]) -> Counter[tuple[str, str]]:
    """Pages of Stripe's lists, how often each was answered. The worker's own look at the events is not the run's."""
    lists = (call for call in calls if call.path.count("/") == 2 and call.path not in ("/v1/events", "/v1/account"))
    return Counter((call.path, call.query) for call in lists)


def wait_for(true: Any, what: str, worker: Worker, *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        worker.check_that_it_runs()
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s\n{worker.said()[-3000:]}"
        time.sleep(0.01)


@pytest.mark.long
@pytest.mark.guarantee("B2")
def test_a_run_survives_its_worker_at_any_moment(deployment, kills, tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    sandbox = Sandbox(customers=CUSTOMERS, months=6, seed=7, clock_runs=False)
    stripe = LocalStripe(sandbox.start())
    worker = None
    try:
        with calls_logged() as calls, databases(deployment, stripe, tmp_path) as (undisturbed, killed):
            done = deployment.manage("resync", "all", "--wait", env=undisturbed.env)
            assert done.returncode == 0, done.stdout + done.stderr
            wanted = pages(calls)
            deployment.manage("resync", "all", env=killed.env)
            calls.clear()
            stripe.faults(slow=1.0, delay=ANSWER_TAKES)

            worker = Worker(killed.env, "resync-worker")
            moments = sorted(chance.sample(range(5, sum(wanted.values()) - 5), KILLS))
            for moment in moments:
                worker.start()
                wait_for(lambda at=moment: sum(pages(calls).values()) >= at, f"{moment} pages", worker)
                worker.kill()
                # What it held is anybody's now, without waiting for the lease that it cannot renew.
                killed.rows(
                    "UPDATE paydesk_resyncpart SET lease_until = now() - interval '1 s' WHERE state = 'running'"
                )
            stripe.faults()
            killed_at = time.monotonic()
            worker.start()
            wait_for(lambda: killed.run()[0] != "running", "the run ends", worker)
            seconds = time.monotonic() - killed_at
            worker.stop()

            state, objects, failed = killed.run()
            again = pages(calls) - wanted
            differing = unlike(undisturbed.contents(), killed.contents())
            where = f"{KILLS}x in a resync, {sum(again.values())} pages again"
            kills.append(("worker", where, seconds, objects, len(differing), 0))
            assert (state, failed) == ("complete", 0)
            assert not differing
            assert wanted - pages(calls) == Counter()
            in_hand = KILLS * RESYNC_THREADS
            by_owner = sum(count for (path, _), count in again.items() if path in ONE_BY_ONE)
            assert sum(again.values()) - by_owner <= in_hand
            assert by_owner <= in_hand * OWNERS_AT_ONCE
    finally:
        if worker is not None:
            worker.kill()
        sandbox.stop()
