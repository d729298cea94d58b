"""Stripe's API: one request in, status and bytes out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from finances.sandbox.api import errors
from finances.sandbox.api.balance import balance
from finances.sandbox.api.expansion import check, expand
from finances.sandbox.api.listing import page_of, slice_of
from finances.sandbox.api.parameters import Parameters
from finances.sandbox.api.resources import PARTS, RESOURCES, UNUSED, Resource
from finances.sandbox.api.view import View
from finances.sandbox.engine.rendering import encoded, rendered, rendered_bytes
from finances.sandbox.engine.store import Object

ACCOUNT, BALANCE = (
    Resource("account", "account", "accounts_kyc_basic", {}),
    Resource("balance", "balance", "balance", {}),
)
SINGLE = {"account": ACCOUNT, "balance": BALANCE}
FAMILIES = frozenset(name.partition("/")[0] for name in (*RESOURCES, *UNUSED) if "/" in name)  # billing/meters
CARRIED = {"invoices": "invoice", "credit_notes": "credit_note"}  # whose lines are in the object itself


@dataclass(frozen=True)
class Route:
    """What an address means. `pattern` is how the calls are counted: `/v1/customers/{id}`. `owner` is the object that
    a list hangs on, with its collection: ("customers", "cus_...")."""

    pattern: str
    resource: Resource
    object_id: str | None = None
    owner: tuple[str, str] | None = None


def route(path: str) -> Route | None:
    """None for an address that Stripe would not know either."""
    steps = [unquote(step) for step in path.strip("/").split("/")[1:]]
    if steps and steps[0] in FAMILIES:
        steps[:2] = ["/".join(steps[:2])]
    if "" in steps or not steps:
        return None
    if len(steps) == 1 and steps[0] in SINGLE:
        return Route(f"/v1/{steps[0]}", SINGLE[steps[0]])
    resource = RESOURCES.get(steps[0]) or UNUSED.get(steps[0])
    if len(steps) <= 2 and resource is not None:
        pattern = f"/v1/{steps[0]}{'/{id}' if len(steps) == 2 else ''}"
        return Route(pattern, resource, steps[1] if len(steps) == 2 else None)
    part = PARTS.get((steps[0], steps[2])) if len(steps) in (3, 4) else None
    if part is None or (len(steps) == 4 and steps[2] in ("lines", "sources")):
        return None
    pattern = f"/v1/{steps[0]}/{{id}}/{steps[2]}{'/{id}' if len(steps) == 4 else ''}"
    return Route(pattern, part, steps[3] if len(steps) == 4 else None, (steps[0], steps[1]))


def answer(found: Route, path: str, query: str, view: View) -> bytes:
    """The body of a good answer; StripeError for every other."""
    resource, object_id = found.resource, found.object_id
    if resource.type == "account" and object_id not in (None, view.account_id):
        raise errors.no_access(view.key.value, str(object_id))
    view.check_scope(resource.scope)
    if resource is BALANCE:
        Parameters(query, {})
        return encoded(balance(view))
    if resource is ACCOUNT:
        return _retrieve("account", view.account_id, query, view)
    if found.owner is not None:
        return _below(resource, found.owner, object_id, path, query, view)
    if object_id is not None:
        return _retrieve(resource.type, object_id, query, view)
    if resource.type == "subscription_item":
        return _items(path, query, view)
    return _list(resource, path, query, view, None)


def _retrieve(kind: str, object_id: str, query: str, view: View) -> bytes:
    parameters = Parameters(query, {})
    held = view.held(kind, object_id)
    paths = check(parameters.many("expand"), kind, in_list=False)
    if not paths and kind != "plan" and object_id in view.store:
        return rendered_bytes(object_id, view.store)
    return encoded(expand(rendered(held, view.store), paths, view.store))


def _below(
    resource: Resource, owner: tuple[str, str], object_id: str | None, path: str, query: str, view: View
) -> bytes:
    """What hangs on one object, and carries its id under its type."""
    collection, owner_id = owner
    kind = RESOURCES[collection].type
    held = view.held(kind, owner_id)
    if held.get("deleted"):
        raise errors.no_such(kind, owner_id)
    if object_id is not None:
        if view.held(resource.type, object_id).get(kind) != owner_id:
            raise errors.no_such(resource.noun, object_id)
        return _retrieve(resource.type, object_id, query, view)
    if collection in CARRIED:
        lines = (held.get("lines") or {}).get("data") or []
        return _slice(lines, resource, Parameters(query, resource.filters, paged=True), path, view)
    return _list(resource, path, query, view, {kind: owner_id})


def _list(resource: Resource, path: str, query: str, view: View, fixed: dict[str, str] | None) -> bytes:
    parameters = Parameters(query, resource.filters, paged=True)
    paths = check(parameters.many("expand"), resource.type, in_list=True)
    page = page_of(resource, parameters, view, fixed)
    store = view.store
    if not paths and resource.type != "plan":
        data = b",".join(rendered_bytes(object_id, store) for object_id in page.ids)
    else:
        held = (view.find(resource.type, object_id) or {} for object_id in page.ids)
        data = b",".join(encoded(expand(rendered(each, store), paths, store)) for each in held)
    return _enveloped(data, page.has_more, path)


def _items(path: str, query: str, view: View) -> bytes:
    resource = RESOURCES["subscription_items"]
    parameters = Parameters(query, resource.filters, paged=True)
    subscription_id = parameters.one("subscription")
    if subscription_id is None:
        raise errors.missing_parameter("subscription")
    held = view.held("subscription", subscription_id, "subscription")
    items = [] if held.get("deleted") else rendered(held, view.store)["items"]["data"]
    return _slice(items, resource, parameters, path, view)


def _slice(data: list[Object], resource: Resource, parameters: Parameters, path: str, view: View) -> bytes:
    paths = check(parameters.many("expand"), resource.type, in_list=True)
    shown, more = slice_of(data, parameters, resource.noun)
    return _enveloped(b",".join(encoded(expand(each, paths, view.store)) for each in shown), more, path)


def _enveloped(data: bytes, more: bool, path: str) -> bytes:
    return b'{"object":"list","data":[%b],"has_more":%b,"url":%b}' % (
        data,
        b"true" if more else b"false",
        encoded(path),
    )
