"""The control address, /_sandbox/...: to look behind the API and to bend what it serves. Never part of Stripe's API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from finances.sandbox.engine.events import before, tells_what_was_before
from finances.sandbox.engine.rendering import encoded
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.people import deleted_customer

if TYPE_CHECKING:
    from finances.sandbox.sandbox import Sandbox

Answer = tuple[int, bytes]
LONGEST_ADVANCE = 10 * 366 * 86_400


class RefusedError(Exception):
    """Becomes a 400 (or 404, 405) with one sentence."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def control(sandbox: Sandbox, method: str, path: str, query: str, body: bytes) -> Answer:
    """The sandbox's lock is held."""
    try:
        return 200, encoded(_dispatch(sandbox, method, path, query, body))
    except RefusedError as refused:
        return refused.status, encoded({"error": str(refused)})
    except ValueError as wrong:
        return 400, encoded({"error": str(wrong)})
    except (TypeError, KeyError, AttributeError) as bent:
        return 400, encoded({"error": f"The object is too bent to be held: {type(bent).__name__} {bent}."})


def _dispatch(sandbox: Sandbox, method: str, path: str, query: str, body: bytes) -> Any:
    steps = [unquote(step) for step in path.removeprefix("/_sandbox/").split("/")]
    match method, steps:
        case "GET", ["state", object_id]:
            return _state(sandbox, object_id)
        case "PUT", ["state", object_id]:
            return _put(sandbox, object_id, _json(body), _event_of(query))
        case "PATCH", ["state", object_id]:
            return _patch(sandbox, object_id, _json(body), _event_of(query))
        case "DELETE", ["state", object_id]:
            return _delete(sandbox, object_id, _event_of(query))
        case "POST", ["faults"]:
            sandbox.faults.set(_json(body))
            return {"faults": _json(body)}
        case "POST", ["keys"]:
            sandbox.keys.set(_json(body))
            return {}
        case "POST", ["clock"]:
            return _advance(sandbox, _json(body))
        case "POST", ["webhooks"]:
            wanted = _json(body)
            sandbox.webhooks.point_at(wanted)
            return {"webhooks": {name: value for name, value in wanted.items() if name != "secret"}}
        case "POST", ["activity"]:
            sandbox.activity.set(_json(body))
            return {"activity": _json(body)}
        case "GET", ["calls"]:
            return dict(sorted(sandbox.calls.items()))
        case "DELETE", ["calls"]:
            sandbox.calls.clear()
            return {}
    raise RefusedError(f"There is no {method} {path} here.", 404)


def _state(sandbox: Sandbox, object_id: str) -> Object:
    held = sandbox.store.get(object_id)
    if held is None:
        raise RefusedError(f"Nothing has the id {object_id}.", 404)
    return held


def _put(sandbox: Sandbox, object_id: str, whole: Object, event: str | None) -> Object:
    if not isinstance(whole.get("object"), str):
        raise RefusedError('A whole object names its type in the field "object".')
    if whole.setdefault("id", object_id) != object_id:
        raise RefusedError("The object's id is not the one of the address.")
    if whole.get("deleted") is True:
        sandbox.store.delete(object_id, whole)
        stored = whole
    else:
        stored = sandbox.store.put(whole)
    _tell(sandbox, event, stored, None)
    return stored


def _patch(sandbox: Sandbox, object_id: str, fields: Object, event: str | None) -> Object:
    held = _state(sandbox, object_id)
    if held.get("deleted"):
        raise RefusedError(f"{object_id} is deleted; PUT brings it back.")
    if fields.get("id", object_id) != object_id or fields.get("object", held["object"]) != held["object"]:
        raise RefusedError("id and object stay as they are.")
    stored = sandbox.store.put({**held, **fields})
    _tell(sandbox, event, stored, before(held, stored) if event and tells_what_was_before(event) else None)
    return stored


def _delete(sandbox: Sandbox, object_id: str, event: str | None) -> Object:
    held = _state(sandbox, object_id)
    sandbox.books.at = max(sandbox.clock.now(), sandbox.books.at)
    if held["object"] == "customer" and not held.get("deleted"):
        sandbox.business.delete_customer(object_id, silent=event is None)
        if event not in (None, "customer.deleted"):
            _tell(sandbox, event, held, None)
        return deleted_customer(object_id)
    sandbox.store.delete(object_id)
    _tell(sandbox, event, held, None)
    return {"id": object_id, "object": held["object"], "deleted": True}


def _tell(sandbox: Sandbox, event: str | None, about: Object, previous: Object | None) -> None:
    if event is not None:
        sandbox.events.begin()
        sandbox.events.record(event, about, sandbox.clock.now(), previous)


def _advance(sandbox: Sandbox, wanted: Object) -> Object:
    seconds = wanted.get("advance")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_ADVANCE:
        raise RefusedError('The clock takes {"advance": seconds}, a number from 0 to ten years.')
    sandbox.clock.advance(seconds)
    sandbox.webhooks.hurry(seconds)
    made = sandbox.move_on()
    return {"now": sandbox.clock.now(), "events": made}


def _event_of(query: str) -> str | None:
    wanted = parse_qs(query)
    unknown = sorted(set(wanted) - {"event"})
    if unknown:
        raise RefusedError(f"Unknown parameter: {unknown[0]}. Known: event.")
    return wanted["event"][0] if "event" in wanted else None


def _json(body: bytes) -> Object:
    try:
        wanted = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise RefusedError("The body is not JSON.") from None
    if not isinstance(wanted, dict):
        raise RefusedError("The body is a JSON object.")
    return wanted
