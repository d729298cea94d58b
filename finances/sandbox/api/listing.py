"""Lists: Stripe's cursors, limits and filters. Newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from finances.sandbox.api import errors
from finances.sandbox.api.parameters import Parameters, Range
from finances.sandbox.api.plans import is_plan
from finances.sandbox.api.resources import Filter, Resource
from finances.sandbox.api.view import View
from finances.sandbox.engine.links import FILED, LINKS, Link, subscription_of
from finances.sandbox.engine.store import Key, Object, Store

ENDED = ("canceled", "incomplete_expired")
# The narrowest first: one of them is walked, the others are asked of each object.
NARROWEST = (
    *("payout", "source", "payment_intent", "charge", "invoice", "subscription", "customer", "email"),
    *("coupon", "schedule", "price", "product", "type", "status"),
)
Test = Callable[[Object], bool]


@dataclass(frozen=True)
class Page:
    """`ids` newest first; `has_more` looks the way the cursor goes."""

    ids: list[str]
    has_more: bool


@dataclass
class Wanted:
    """What a list is asked for: links to walk by, tests for each object, and the bounds of `created`."""

    links: dict[str, str]
    tests: list[Test]
    above: Key | None = None
    below: Key | None = None


def page_of(resource: Resource, parameters: Parameters, view: View, fixed: dict[str, str] | None = None) -> Page:
    """`fixed` are links that the address itself sets, such as the customer."""
    limit, after, before = parameters.cursor()
    wanted = _wanted(resource, parameters, view, dict(fixed or {}))
    kind = "price" if resource.type == "plan" else resource.type
    cursor = after or before
    place = None if cursor is None else _place(cursor, resource, view, "starting_after" if after else "ending_before")
    if view.key.livemode:
        return Page([], False)
    above, below = wanted.above, wanted.below
    if place is not None and after:
        below = place if below is None else min(below, place)
    elif place is not None:
        above = place if above is None else max(above, place)
    link = _narrowest(kind, wanted)
    keys = view.store.walk(kind, link, below=below, above=above, newest_first=before is None)
    found = _matching(keys, view.store, wanted.tests, limit + 1)
    page = found[:limit]
    return Page(page if before is None else page[::-1], len(found) > limit)


def slice_of(data: list[Object], parameters: Parameters, noun: str) -> tuple[list[Object], bool]:
    """The same paging over a list that an object carries, in its own order (lines, items)."""
    limit, after, before = parameters.cursor()
    places = {each["id"]: place for place, each in enumerate(data)}
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and cursor not in places:
            raise errors.no_such(noun, cursor, name)
    if before is not None:
        start = max(places[before] - limit, 0)
        return data[start : places[before]], start > 0
    start = places[after] + 1 if after is not None else 0
    return data[start : start + limit], start + limit < len(data)


def _place(cursor: str, resource: Resource, view: View, name: str) -> Key:
    view.held(resource.type, cursor, name)
    place = view.store.key(cursor)
    if place is None:  # deleted: nobody's place any more
        raise errors.no_such(resource.noun, cursor, name)
    return place


def _matching(keys: Iterable[Key], store: Store, tests: list[Test], enough: int) -> list[str]:
    found: list[str] = []
    for _, _, object_id in keys:
        if not tests or all(test(held) for held in (store[object_id],) for test in tests):
            found.append(object_id)
            if len(found) == enough:
                break
    return found


def _narrowest(kind: str, wanted: Wanted) -> Link | None:
    """The link that is walked; every other one becomes a test."""
    chosen = next(((name, wanted.links[name]) for name in NARROWEST if name in wanted.links), None)
    for name, value in wanted.links.items():
        if chosen is not None and name != chosen[0]:
            wanted.tests.append(_equal(kind, name, value))
    return chosen


def _wanted(resource: Resource, parameters: Parameters, view: View, links: dict[str, str]) -> Wanted:
    wanted = Wanted(links, [])
    kind = resource.type
    for name, how in resource.filters.items():
        if how.required and parameters.one(name) is None:
            raise errors.missing_parameter(name)
        if how.how == "range":
            if (within := parameters.range(name)) is not None:
                _bound(wanted, name, within)
        elif how.how == "many":
            if many := parameters.many(name):
                wanted.tests.append(_among(name, many))
        elif how.how == "parts":
            for part, each in how.parts.items():
                _ask(wanted, kind, f"{name}[{part}]", each, parameters.one(name, part), view)
        else:
            _ask(wanted, kind, name, how, parameters.one(name), view)
    if kind == "event" and parameters.one("type") is not None and parameters.many("types"):
        raise errors.only_one_of("type", "types")
    if kind == "subscription" and ("status" not in resource.filters or parameters.one("status") is None):
        wanted.tests.append(lambda held: held.get("status") != "canceled")
    elif kind == "plan":
        wanted.tests.append(is_plan)
    elif kind == "account":
        wanted.tests.append(lambda _held: False)  # connected accounts: the own one is not among them
    return wanted


def _ask(wanted: Wanted, kind: str, name: str, how: Filter, value: str | None, view: View) -> None:
    if value is None:
        return
    if how.how == "flag":
        if value not in ("true", "false"):
            raise errors.bad_flag(name, value)
        wanted.tests.append(_flag(kind, name, value == "true"))
        return
    if how.how == "choice" and value not in how.choices:
        raise errors.bad_choice(name, how.choices)
    if how.how == "id":
        view.held(how.to, value, name)
    if (kind, name, value) in (("subscription", "status", "all"), ("subscription", "status", "ended")):
        wanted.tests.append(lambda held: value == "all" or held.get("status") in ENDED)
    elif kind == "event" and name == "type" and "*" in value:
        wanted.tests.append(_among(name, [value]))
    elif (link := LINKED.get((kind, name), name)) in (*LINKS, *FILED.get(kind, ()), "payout", "price"):
        wanted.links[link] = value
    else:
        wanted.tests.append(_equal(kind, name, value))


# Parameters that ask by a link of another name.
LINKED = {("tax_id", "owner[customer]"): "customer", ("invoice_payment", "payment[payment_intent]"): "payment_intent"}
# Where the value of a parameter stands, unless it is the field of its name.
FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("invoice_payment", "payment[payment_record]"): ("payment", "payment_record"),
    ("invoice_payment", "payment[type]"): ("payment", "type"),
    ("invoice_payment", "payment_intent"): ("payment", "payment_intent"),
    ("price", "recurring[interval]"): ("recurring", "interval"),
    ("price", "recurring[meter]"): ("recurring", "meter"),
    ("price", "recurring[usage_type]"): ("recurring", "usage_type"),
    ("promotion_code", "coupon"): ("promotion", "coupon"),
    ("subscription", "automatic_tax[enabled]"): ("automatic_tax", "enabled"),
    ("tax_id", "owner[account]"): ("owner", "account"),
    ("tax_id", "owner[customer_account]"): ("owner", "customer_account"),
    ("tax_id", "owner[type]"): ("owner", "type"),
}


def _field(held: Object, kind: str, name: str) -> Any:
    found: Any = held
    for step in FIELDS.get((kind, name), (name,)):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _equal(kind: str, name: str, value: str) -> Test:
    if name == "price":
        return lambda held: any(item["price"]["id"] == value for item in held["items"]["data"])
    if name == "subscription":
        return lambda held: (subscription_of(held) or held.get("subscription")) == value
    if (kind, name) == ("promotion_code", "code"):
        return lambda held: str(held.get("code")).lower() == value.lower()
    return lambda held: _field(held, kind, name) == value


def _flag(kind: str, name: str, wanted: bool) -> Test:
    if name == "delivery_success":
        return lambda held: (held.get("pending_webhooks", 0) == 0) == wanted
    if name == "pending":
        return lambda held: (held.get("invoice") is None) == wanted
    if name == "scheduled":
        return lambda held: (held.get("status") == "not_started") == wanted
    return lambda held: bool(_field(held, kind, name)) is wanted


def _bound(wanted: Wanted, name: str, within: Range) -> None:
    if name == "created":
        wanted.above, wanted.below = _bounds(within)
    elif name.startswith("current_period_"):
        wanted.tests.append(lambda held: any(within.holds(item.get(name)) for item in held["items"]["data"]))
    else:
        wanted.tests.append(lambda held: within.holds(held.get(name)))


def _bounds(within: Range) -> tuple[Key | None, Key | None]:
    """The keys just below and just above the range."""
    lows = [] if within.gte is None else [within.gte]
    lows += [] if within.gt is None else [within.gt + 1]
    highs = [] if within.lt is None else [within.lt]
    highs += [] if within.lte is None else [within.lte + 1]
    if within.exact is not None:
        lows, highs = [*lows, within.exact], [*highs, within.exact + 1]
    return (max(lows), 0, "") if lows else None, (min(highs), 0, "") if highs else None


def _among(name: str, values: list[str]) -> Test:
    field = {"types": "type", "ids": "id", "lookup_keys": "lookup_key"}.get(name, name)
    if field == "type":
        return lambda held: any(_is_of_type(str(held.get(field)), each) for each in values)
    return lambda held: held.get(field) in values


def _is_of_type(value: str, wanted: str) -> bool:
    """A star in the type of an event stands for anything: `invoice.*`."""
    return value == wanted or ("*" in wanted and fnmatchcase(value, wanted))
