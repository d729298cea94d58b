"""Exports on PostgreSQL, in processes of their own: killed in the middle, and with a hundred thousand rows."""

import random
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.processes.deployment import Deployment, is_full
from tests.processes.services import Worker, environment, make_tables
from tests.spreadsheets import sheets_of

KILLS = 10 if is_full() else 2
ROWS = 60_000 if is_full() else 12_000
MANY = 100_000 if is_full() else 20_000
FEW = 2_000
ROOM = 24  # MB that a file of MANY rows may take more than one of FEW
INVOICES = """
    INSERT INTO paydesk_invoice (id, livemode, account_id, number, customer_id, subscription_id, status, currency,
        total, amount_due, amount_paid, amount_remaining, collection_method, created_at, attempt_count, search_text)
    SELECT 'in_' || lpad(n::text, 14, '0'), false, '', 'NV-' || n, 'cus_1', '', 'open', 'eur',
        n, n, 0, n, 'send_invoice', '2026-01-01'::timestamptz + n * interval '1 s', 0, ''
    FROM generate_series(1, %s) n
"""
ASK = """
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from finances.exports.request import request_export
person, _ = User.objects.get_or_create(username="finance@paydesk.test", is_staff=True)
person.user_permissions.set(Permission.objects.filter(codename__in=("view_invoice", "export_lists")))
for format in ("csv", "xlsx"):
    request_export("invoices", format=format, conditions="status=open", zone="UTC", now=timezone.now(), by=person)
"""
MAKE = (
    ASK
    + """
import resource
from finances.exports import making
assert making.make_due(timezone.now) == 2
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
)


class Database:
    """One of the deployment's server, with tables of its own."""

    def __init__(self, deployment: Deployment, name: str, directory) -> None:
        self.url = deployment.postgresql.url(name)
        self.env = environment(self.url, deployment.stripe.address, directory)
        self._deployment = deployment
        make_tables(self.env)

    def put_invoices(self, count: int) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute("DELETE FROM paydesk_invoice")
            connection.execute(INVOICES, [count])

    def run(self, code: str) -> str:
        done = self._deployment.manage("shell", "--no-imports", "-c", code, env=self.env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str, *parameters: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def file(self, format: str) -> bytes:
        query = "SELECT body FROM paydesk_exportpiece p JOIN paydesk_export e ON e.id = p.export_id"
        return b"".join(bytes(body) for (body,) in self.rows(f"{query} WHERE e.format = %s ORDER BY number", format))


@pytest.fixture
def database(deployment, tmp_path) -> Iterator[Database]:
    with psycopg.connect(deployment.postgresql.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE exported")
        try:
            yield Database(deployment, "exported", tmp_path)
        finally:
            connection.execute("DROP DATABASE exported WITH (FORCE)")


def wait_for(true, what: str, worker: Worker, *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        worker.check_that_it_runs()
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s\n{worker.said()[-3000:]}"
        time.sleep(0.02)


@pytest.mark.long
def test_an_export_survives_its_worker_at_any_moment(database, kills):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    database.put_invoices(ROWS)
    database.run(ASK)
    worker = Worker(database.env, "export-worker")
    tries = 0
    try:
        for _ in range(KILLS):
            worker.start()
            wait_for(
                lambda: database.rows("SELECT 1 FROM paydesk_export WHERE state = 'running' AND total > 0"),
                "an export is under way",
                worker,
            )
            # The last one is not waited for: there has to be something left for the next worker.
            until = time.monotonic() + chance.uniform(0, 3)
            while time.monotonic() < until and database.rows("SELECT 1 FROM paydesk_export WHERE state = 'queued'"):
                time.sleep(0.02)
            worker.kill()
            # What it held is anybody's now, without waiting for the lease that it cannot renew.
            tries += len(database.rows("SELECT 1 FROM paydesk_export WHERE state = 'running'"))
            database.rows(
                "UPDATE paydesk_export SET tries = 0, lease_until = now() - interval '1 s' WHERE state = 'running'"
            )
        killed_at = time.monotonic()
        worker.start()
        wait_for(
            lambda: not database.rows("SELECT 1 FROM paydesk_export WHERE state IN ('queued', 'running')"),
            "both files are made",
            worker,
        )
        seconds = time.monotonic() - killed_at
    finally:
        worker.kill()

    wanted = [f"in_{number:014d}" for number in range(ROWS, 0, -1)]
    csv = database.file("csv").decode().splitlines()
    (sheet,) = sheets_of(database.file("xlsx"))
    kills.append(("worker", f"{KILLS}x in exports, {tries} begun anew", seconds, 2 * ROWS, 0, 0))
    assert database.rows("SELECT DISTINCT state, total, rows FROM paydesk_export") == [("complete", ROWS, ROWS)]
    assert [line.split(",")[0].strip('"') for line in csv[1:]] == wanted
    assert [line[0] for line in sheet[1:]] == wanted
    sizes = database.rows(
        "SELECT e.size, sum(length(p.body)) FROM paydesk_export e JOIN paydesk_exportpiece p ON "
        "p.export_id = e.id GROUP BY e.id, e.size"
    )
    assert all(size == held for size, held in sizes)


@pytest.mark.long
def test_any_number_of_rows_takes_the_same_memory(database):
    def peak(rows: int) -> int:
        """MB, of a process that makes both forms."""
        database.put_invoices(rows)
        database.rows("DELETE FROM paydesk_exportpiece")
        database.rows("DELETE FROM paydesk_export")
        return int(database.run(MAKE))

    few, many = peak(FEW), peak(MANY)
    print(f"{FEW:,} rows: {few} MB, {MANY:,} rows: {many} MB")

    assert database.rows("SELECT DISTINCT state, rows FROM paydesk_export") == [("complete", MANY)]
    assert many < few + ROOM
