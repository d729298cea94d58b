"""A started sandbox, and a caller that speaks plain HTTP to it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.api.resources import PARTS, RESOURCES, UNUSED

NOW = datetime(2026, 6, 15, tzinfo=UTC)
KEY = "sk_test_" + "a1B2" * 6
Json = dict[str, Any]
LISTS = {f"/v1/{name}": resource for name, resource in (RESOURCES | UNUSED).items()} | {
    f"/v1/{owner}/{{id}}/{part}": resource for (owner, part), resource in PARTS.items()
}


@dataclass
class Answer:
    status: int
    headers: Json
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def error(self) -> Json:
        return self.json["error"]


class Caller:
    """Somebody with a key."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        self.address = address
        self._headers = {"Authorization": f"Bearer {KEY}"} if headers is None else headers

    def call(self, method: str, path: str, body: object = None, timeout: float = 10) -> Answer:
        where = urlsplit(self.address)
        host, port = where.hostname or "", where.port
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
            connection.request(method, quote(path, safe="/?&=[].%*@:"), content, self._headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def state(self, object_id: str) -> Json:
        return self.get(f"/_sandbox/state/{object_id}").json

    def every(self, path: str, limit: int = 100) -> list[Json]:
        """All pages, as Stripe's own libraries read them."""
        found: list[Json] = []
        glue = "&" if "?" in path else "?"
        cursor = ""
        while True:
            page = self.get(f"{path}{glue}limit={limit}{cursor}").json
            found += page["data"]
            if not page["has_more"]:
                return found
            cursor = f"&starting_after={found[-1]['id']}"

    def customer(self, email: str) -> Json:
        return self.get(f"/v1/customers?email={email}").json["data"][0]


class Line:
    """One connection that stays open: thousands of answers are read here."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)

    def good(self, path: str) -> Json:
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {KEY}"})
        answer = self._connection.getresponse()
        body = json.loads(answer.read())
        assert answer.status == 200, f"{path}: {body}"
        return body

    def pages(self, path: str) -> Iterator[Json]:
        glue, cursor = "&" if "?" in path else "?", ""
        while True:
            page = self.good(f"{path}{glue}limit=100{cursor}")
            yield page
            if not page["has_more"]:
                return
            cursor = f"&starting_after={page['data'][-1]['id']}"


@dataclass
class Listener:
    """The other end of the webhooks; `refuse` counts down the deliveries to be answered with 500."""

    url: str = ""
    refuse: int = 0
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, enough: Callable[[Listener], bool], seconds: float = 10) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: enough(self), seconds), f"only {len(self.bodies)} deliveries came"

    @property
    def events(self) -> list[Json]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Read only: shared by the tests of a module."""
    sandbox = Sandbox(customers=40, months=6, seed=7, now=NOW)
    yield sandbox.start()
    sandbox.stop()


@pytest.fixture(scope="module")
def stripe(address: str) -> Caller:
    return Caller(address)


@pytest.fixture(scope="session")
def address_of_two_years() -> Iterator[str]:
    """A business in which everything happened, and what else a filter may ask for; read only."""
    sandbox = Sandbox(customers=120, months=24, seed=7, now=NOW)
    store = sandbox.store
    code, schedule = next(store.of_type("promotion_code")), next(store.of_type("subscription_schedule"))
    store.change(code["id"], customer=next(store.of_type("customer"))["id"])
    store.change(schedule["id"], canceled_at=schedule["created"] + 60, status="canceled")
    sandbox.webhooks.point_at({"url": "http://127.0.0.1:9/", "secret": "whsec_x"})  # so there is an endpoint to be seen
    yield sandbox.start()
    sandbox.stop()


@pytest.fixture(scope="session")
def two_years(address_of_two_years: str) -> Caller:
    return Caller(address_of_two_years)


@pytest.fixture(scope="session")
def business(address_of_two_years: str) -> Line:
    """The same, read through one connection."""
    return Line(address_of_two_years)


@pytest.fixture
def own() -> Iterator[Caller]:
    """A sandbox of the test's own, to be changed."""
    sandbox = Sandbox(customers=24, months=3, seed=7, now=NOW)
    yield Caller(sandbox.start())
    sandbox.stop()


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with heard.arrived:
                status = 500 if heard.refuse > 0 else 200
                heard.refuse -= 1
                heard.bodies.append(body)
                heard.signatures.append(self.headers["Stripe-Signature"])
                heard.statuses.append(status)
                heard.arrived.notify_all()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    heard.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield heard
    server.shutdown()
    server.server_close()
