"""What the tests of processing share: deliveries as rows, and a network that holds an answer back."""

import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connections

from finances.models import Delivery
from finances.webhooks import processing

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def ada(stripe) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def arrive(object_id: str, *, event_id: str = "evt_1", object_type: str = "customer", **more) -> Delivery:
    fields = {"state": "received", "created_at": NOW, "received_at": NOW, "payload": {}, "event_type": "x"} | more
    return Delivery.objects.create(event_id=event_id, object_id=object_id, object_type=object_type, **fields)


def arrive_for(customers: list[dict], **more) -> None:
    """An event of each, in the order in which they were made."""
    Delivery.objects.bulk_create(
        [
            Delivery(
                event_id=f"evt_{it['id']}",
                event_type="customer.updated",
                object_id=it["id"],
                object_type="customer",
                object_created_at=datetime.fromtimestamp(it["created"], UTC),
                payload={},
                created_at=NOW,
                received_at=NOW,
                **more,
            )
            for it in customers
        ]
    )


def process(now: datetime = NOW) -> int:
    return processing.process_due(lambda: now)


class HoldingProxy:
    """Stands before the local Stripe. `hold(path)`: the next answer to it was made, and is kept until `release()`."""

    def __init__(self, address: str) -> None:
        proxy = self
        self._path: str | None = None
        self.has_one, self._released = threading.Event(), threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                request = urllib.request.Request(
                    address + self.path, headers={"Authorization": self.headers["Authorization"]}
                )
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        status, body = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, body = error.code, error.read()
                if proxy._path and self.path.startswith(proxy._path):
                    proxy._path = None
                    proxy.has_one.set()
                    proxy._released.wait(30)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def hold(self, path: str) -> None:
        self._path = path
        self.has_one.clear()
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    def stop(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()


class HeldWorker:
    """A worker in a thread of its own, whose next answer for `path` is held until `goes_on`."""

    def __init__(self, proxy: HoldingProxy, path: str) -> None:
        self._proxy = proxy
        proxy.hold(path)
        self._thread = threading.Thread(target=self._work)
        self._thread.start()
        assert proxy.has_one.wait(20), "the worker never asked"

    def _work(self) -> None:
        try:
            process()
        finally:
            connections.close_all()

    def goes_on(self) -> None:
        self._proxy.release()
        self._thread.join(30)
        assert not self._thread.is_alive()
