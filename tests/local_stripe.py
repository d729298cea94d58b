"""The sandbox as tests use it: over HTTP, by the control address of its contract and by Stripe's own API."""

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

Json = dict[str, Any]


class LocalStripe:
    def __init__(self, address: str) -> None:
        self.address = address

    def state(self, object_id: str) -> Json:
        """The object's true state."""
        return self._control("GET", f"state/{object_id}")

    def put(self, stripe_object: Json, *, event: str = "") -> Json:
        return self._control("PUT", f"state/{stripe_object['id']}", stripe_object, event)

    def patch(self, object_id: str, *, event: str = "", **changes: Any) -> Json:
        """Change top-level fields behind everybody's back; with `event`, not quite behind it."""
        return self._control("PATCH", f"state/{object_id}", changes, event)

    def delete(self, object_id: str, *, event: str = "") -> Json:
        return self._control("DELETE", f"state/{object_id}", None, event)

    def faults(self, **rates: Any) -> None:
        self._control("POST", "faults", rates)

    def keys(self, wanted: dict[str, Json]) -> None:
        """What a key may read, or that it was revoked."""
        self._control("POST", "keys", wanted)

    def advance(self, **span: int) -> Json:
        from datetime import timedelta

        return self._control("POST", "clock", {"advance": int(timedelta(**span).total_seconds())})

    def send_webhooks_to(self, url: str, **manners: Any) -> None:
        self._control("POST", "webhooks", {"url": url, "secret": os.environ["DJSTRIPE_WEBHOOK_SECRET"], **manners})

    def send_no_webhooks(self) -> None:
        """From now on; what is on its way is lost."""
        self._control("POST", "webhooks", {})

    def calls(self) -> dict[str, int]:
        return self._control("GET", "calls")

    def forget_calls(self) -> None:
        self._control("DELETE", "calls")

    def get(self, path: str, **parameters: Any) -> Json:
        """A call of Stripe's own API, as any application would make it."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        return self._send("GET", f"{path}?{query}" if query else path)

    def all(self, path: str, **parameters: Any) -> list[Json]:
        """Every object of a list, newest first."""
        found: list[Json] = []
        while True:
            page = self.get(path, limit=100, **parameters)
            found += page["data"]
            if not page["has_more"]:
                return found
            parameters["starting_after"] = found[-1]["id"]

    def _control(self, method: str, path: str, body: Json | None = None, event: str = "") -> Json:
        return self._send(method, f"/_sandbox/{path}" + (f"?event={event}" if event else ""), body)

    def _send(self, method: str, path: str, body: Json | None = None) -> Json:
        request = urllib.request.Request(
            self.address + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {os.environ['STRIPE_TEST_SECRET_KEY']}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")
