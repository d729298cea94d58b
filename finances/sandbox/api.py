"""Stripe's API: one request in, status and bytes out."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote

from . import errors
from .expansion import check, expand
from .listing import page_of, slice_of
from .parameters import Parameters
from .rendering import encoded, rendered, rendered_bytes
from .resources import NOUNS, RESOURCES, Resource
from .store import Object, Store

GOOD_KEY = re.compile(r"[rs]k_test_[A-Za-z0-9]{24,}")
PAGING = frozenset({"limit", "starting_after", "ending_before"})
EXPAND = frozenset({"expand"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Route:
    """What an address means. `pattern` is how the calls are counted: `/v1/customers/{id}`."""

    pattern: str
    resource: Resource | None
    object_id: str | None = None
    part: str | None = None  # lines, payment_methods


def route(path: str) -> Route | None:
    """None for an address that Stripe would not know either."""
    steps = [unquote(step) for step in path.strip("/").split("/")[1:]]
    if steps == ["account"]:
        return Route("/v1/account", None)
    if len(steps) == 2 and steps[0] == "accounts":
        return Route("/v1/accounts/{id}", None, steps[1])
    resource = RESOURCES.get(steps[0]) if steps else None
    if resource is None or "" in steps:
        return None
    if len(steps) == 1:
        return Route(f"/v1/{steps[0]}", resource)
    if len(steps) == 2:
        return Route(f"/v1/{steps[0]}/{{id}}", resource, steps[1])
    parts = {"invoices": "lines", "customers": "payment_methods"}
    if len(steps) == 3 and parts.get(steps[0]) == steps[2]:
        return Route(f"/v1/{steps[0]}/{{id}}/{steps[2]}", resource, steps[1], steps[2])
    return None


def key_of(authorization: str | None) -> str:
    """The key that a request carries: Bearer, or the user name of Basic. 401 unless it is a well-formed test key."""
    kind, _, value = (authorization or "").partition(" ")
    key = value.strip()
    if kind.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode("utf-8").partition(":")[0]
        except ValueError:
            key = ""
    elif kind.lower() != "bearer":
        key = ""
    if not key:
        raise errors.no_key()
    if not GOOD_KEY.fullmatch(key):
        raise errors.bad_key(key)
    return key


def answer(found: Route, path: str, query: str, key: str, store: Store, account_id: str) -> bytes:
    """The body of a good answer; StripeError for every other."""
    if found.resource is None:
        if found.object_id not in (None, account_id):
            raise errors.no_access(key, str(found.object_id))
        return _retrieve("account", account_id, query, store)
    if found.part == "lines":
        return _lines(str(found.object_id), path, query, store)
    if found.part == "payment_methods":
        held = _held("customer", str(found.object_id), store)
        return _list(RESOURCES["payment_methods"], path, query, store, {"customer": held["id"]})
    if found.object_id is not None:
        return _retrieve(found.resource.type, found.object_id, query, store)
    if found.resource.type == "subscription_item":
        return _items(path, query, store)
    return _list(found.resource, path, query, store, None)


def _held(kind: str, object_id: str, store: Store) -> Object:
    held = store.get(object_id)
    if held is None or held.get("object") != kind:
        raise errors.no_such(NOUNS.get(kind, kind), object_id)
    return held


def _retrieve(kind: str, object_id: str, query: str, store: Store) -> bytes:
    parameters = Parameters(query, NONE, NONE, EXPAND)
    held = _held(kind, object_id, store)
    paths = check(parameters.many("expand"), kind, in_list=False)
    if paths:
        return encoded(expand(rendered(held, store), paths, store))
    if object_id in store:
        return rendered_bytes(object_id, store)
    return encoded(rendered(held, store))


def _list(resource: Resource, path: str, query: str, store: Store, fixed: dict[str, str] | None) -> bytes:
    filters = {name: how for name, how in resource.filters.items() if not fixed or name not in fixed}
    if fixed:
        filters.pop("created", None)
    plain = PAGING | {name for name, how in filters.items() if how not in ("range", "many")}
    ranges = frozenset(name for name, how in filters.items() if how == "range")
    many = EXPAND | {name for name, how in filters.items() if how == "many"}
    parameters = Parameters(query, plain, ranges, many)
    paths = check(parameters.many("expand"), resource.type, in_list=True)
    page = page_of(resource, parameters, store, fixed)
    if not paths:
        data = b",".join(rendered_bytes(object_id, store) for object_id in page.ids)
    else:
        shown = (expand(rendered(store[object_id], store), paths, store) for object_id in page.ids)
        data = b",".join(encoded(each) for each in shown)
    return _enveloped(data, page.has_more, path)


def _lines(invoice_id: str, path: str, query: str, store: Store) -> bytes:
    parameters = Parameters(query, PAGING, NONE, EXPAND)
    invoice = _held("invoice", invoice_id, store)
    paths = check(parameters.many("expand"), "line_item", in_list=True)
    lines, more = slice_of((invoice.get("lines") or {}).get("data") or [], parameters, "line item")
    return _enveloped(b",".join(encoded(expand(each, paths, store)) for each in lines), more, path)


def _items(path: str, query: str, store: Store) -> bytes:
    parameters = Parameters(query, PAGING | {"subscription"}, NONE, EXPAND)
    subscription_id = parameters.one("subscription")
    if subscription_id is None:
        raise errors.missing_parameter("subscription")
    held = store.get(subscription_id)
    if held is None or held.get("object") != "subscription":
        raise errors.no_such("subscription", subscription_id, "subscription")
    paths = check(parameters.many("expand"), "subscription_item", in_list=True)
    items, more = slice_of(rendered(held, store)["items"]["data"], parameters, "subscription_item")
    return _enveloped(b",".join(encoded(expand(each, paths, store)) for each in items), more, path)


def _enveloped(data: bytes, more: bool, path: str) -> bytes:
    return b'{"object":"list","data":[%b],"has_more":%b,"url":%b}' % (
        data,
        b"true" if more else b"false",
        encoded(path),
    )
