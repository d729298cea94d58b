"""The demo: a simulated business, a local Stripe, a worker and the console, in one foreground process.

Everything is thrown away and made anew at each start. What the first read from the local Stripe came to is kept as a
snapshot for the rest of the day (the business is the same for a seed and a day), so that a second start takes seconds.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.utils import timezone

from finances.models import ResyncRun
from finances.resync.request import request_resync
from finances.resync.run import work_off
from finances.webhooks.catch_up import run_due
from finances.worker import Worker

# Of people who exist only in the demo.
PASSWORD = "paydesk-demo"  # noqa: S105  # nosec B105
PEOPLE = {"support": "Support", "finance": "Finance", "admin": "Admin"}
CUSTOMERS, MONTHS, SEED = 500, 24, 7
ACTIVITY = 6  # seconds between two small things that happen in the business

Say = Callable[[str], object]
Clock = Callable[[], datetime]


class PortTaken(Exception):
    pass


class NotOurs(Exception):
    """The database holds something that the demo did not make, and must not throw away."""


def check_ports(*ports: tuple[str, int]) -> None:
    """Before anything is made: each port is free. Raises PortTaken with the variable that moves it."""
    for variable, port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise PortTaken(f"port {port} is taken; choose another one with {variable}=...") from None


class LocalStripe:
    """The sandbox, spoken to over HTTP only: an honest other side."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never over a proxy

    def catch_up_with_the_clock(self) -> None:
        """Its history ends at midnight. What falls due from then on is made now, before anything is read: made later,
        it would be of a time for which everything was counted already."""
        self.control("clock", {"advance": 0})

    def control(self, what: str, body: dict[str, Any]) -> None:
        self._request("POST", f"/_sandbox/{what}", json.dumps(body).encode())

    def _request(self, method: str, path: str, body: bytes | None = None) -> None:
        # Always http on loopback, by how the address is made.
        request = urllib.request.Request(self.address + path, body, method=method)  # noqa: S310
        self._opener.open(request, timeout=10).close()


class StripeProcess(LocalStripe):
    """A child process. It ends when its stdin closes."""

    def __init__(self, port: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}")
        # Our own interpreter and module, and no shell.
        self._child = subprocess.Popen(  # noqa: S603  # nosec B603
            [
                *(sys.executable, "-m", "finances.sandbox", "--port", str(port), "--until-stdin-closes"),
                *("--customers", str(CUSTOMERS), "--months", str(MONTHS), "--seed", str(SEED)),
            ],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C ends us, and we end it
        )

    def wait_until_it_answers(self) -> None:
        for _ in range(600):
            try:
                self._request("GET", "/_sandbox/calls")
                return
            except urllib.error.URLError:
                if self._child.poll() is not None:
                    raise SystemExit("paydesk: the local Stripe did not start") from None
                time.sleep(0.05)
        raise SystemExit("paydesk: the local Stripe did not answer within 30 s")

    def stop(self) -> None:
        if self._child.stdin:
            self._child.stdin.close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()


class Snapshot:
    """The filled database of an earlier start of the same day and code; only of the file in DEMO_DIR."""

    def __init__(self) -> None:
        self._database = Path(settings.DATABASES["default"]["NAME"])
        self._kept = self._database.with_suffix(".snapshot")
        self._label = self._database.with_suffix(".snapshot.made-from")

    def restore(self) -> datetime | None:
        """Put it in place and say when it was made; None when there is none that fits. The old database goes."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._database}{suffix}").unlink(missing_ok=True)
        if not (self._kept.exists() and self._label.exists() and self._label.read_text() == self._made_from()):
            return None
        shutil.copy(self._kept, self._database)
        return datetime.fromtimestamp(self._kept.stat().st_mtime, UTC)

    def save(self) -> None:
        self._kept.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self._kept)])
        self._label.write_text(self._made_from())

    def _made_from(self) -> str:
        sources = sorted(
            path for room in ("finances", "dashboard") for path in (settings.BASE_DIR / room).rglob("*.py")
        )
        digest = hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=16).hexdigest()
        return f"{datetime.now(UTC):%Y-%m-%d} {CUSTOMERS} {MONTHS} {SEED} {digest}"


def is_the_demos_own_file() -> bool:
    name = str(settings.DATABASES["default"]["NAME"])
    return connection.vendor == "sqlite" and Path(name).resolve() == settings.DEMO_DIR.resolve() / "demo.sqlite3"


def clear_a_borrowed_database() -> None:
    """One that DATABASE_URL names: emptied when the demo alone has used it, else left alone. Raises NotOurs."""
    tables = connection.introspection.table_names()
    if not tables:
        return
    user = get_user_model()
    people = set(user.objects.values_list("username", flat=True)) if user._meta.db_table in tables else set()
    if not people or people - {f"{name}@paydesk.test" for name in PEOPLE}:
        raise NotOurs("DATABASE_URL: names a database with data that is not the demo's; give it an empty one")
    make_tables()
    call_command("migrate", "paydesk", "zero", verbosity=0)  # the audit trail refuses to be emptied; it goes whole
    call_command("flush", interactive=False, verbosity=0)


def make_tables() -> None:
    # In two steps: dj-stripe's tables, made from its models, refer to auth's.
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)


def make_people() -> None:
    for name, group in PEOPLE.items():
        address = f"{name}@paydesk.test"
        person = get_user_model().objects.create_user(
            address, address, PASSWORD, is_staff=True, first_name=name.capitalize()
        )
        person.groups.add(Group.objects.get(name=group))


def read_everything(say: Say) -> None:
    """The first read, by the same run that a person would start."""
    run = request_resync("all", now=timezone.now(), reason="The demo's first read").run
    work_off(run.pk, timezone.now)
    run.refresh_from_db()
    if run.state != ResyncRun.State.COMPLETE:
        raise SystemExit(f"paydesk: the demo's first read ended as {run.state}. {run.problem}")
    say(f"Read {run.done:,} objects from the local Stripe with {run.calls} calls.")


def go_on_from_the_copy(stripe: LocalStripe, clock: Clock = timezone.now) -> None:
    """What happened since it was made is found by Stripe's list of events; the worker then reads it."""
    stripe.catch_up_with_the_clock()
    run_due(clock)


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def serve_demo(port: int, sandbox_port: int, say: Say, started: float) -> None:
    """Set up, serve until interrupted, end everything. `started`: time.monotonic() when the command began."""
    check_ports(("PORT", port), ("SANDBOX_PORT", sandbox_port))
    stripe = StripeProcess(sandbox_port)
    worker = Worker()
    try:
        snapshot = Snapshot() if is_the_demos_own_file() else None
        if snapshot is None:
            clear_a_borrowed_database()
        made_at = snapshot.restore() if snapshot else None
        if made_at is None:
            say("Making the tables and a business of 500 customers over two years; about a minute, seconds next time.")
            make_tables()
            make_people()
            stripe.wait_until_it_answers()
            stripe.catch_up_with_the_clock()
            read_everything(say)
            if snapshot:
                snapshot.save()
        else:
            stripe.wait_until_it_answers()
            go_on_from_the_copy(stripe)
        connections.close_all()

        server = ThreadedWSGIServer(("127.0.0.1", port), QuietHandler)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        worker.start()
        webhook = f"http://127.0.0.1:{port}/api/finances/stripe/webhook/"
        stripe.control("webhooks", {"url": webhook, "secret": os.environ["DJSTRIPE_WEBHOOK_SECRET"]})
        stripe.control("activity", {"every": ACTIVITY})

        say(f"\n  Paydesk   http://127.0.0.1:{port}/\n  Stripe    {stripe.address} (local)\n")
        for name in PEOPLE:
            say(f"  {name + '@paydesk.test':24} {PASSWORD}")
        say(f"\nSet-up took {time.monotonic() - started:.1f} s. Ctrl-C ends everything.")
        threading.Event().wait()
    finally:
        worker.stop(timeout=5)
        stripe.stop()
