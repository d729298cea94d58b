"""Lists: Stripe's cursors, limits and filters. Newest first."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from . import errors
from .parameters import Parameters, Range
from .resources import NOUNS, Resource
from .store import Key, Object, Store, subscription_of

LINKED = ("subscription", "payment_intent", "invoice", "customer", "product")
ENDED = ("canceled", "incomplete_expired")
Test = Callable[[Object], bool]


@dataclass(frozen=True)
class Page:
    """`ids` newest first; `has_more` looks the way the cursor goes."""

    ids: list[str]
    has_more: bool


def page_of(resource: Resource, parameters: Parameters, store: Store, fixed: dict[str, str] | None = None) -> Page:
    """`fixed` are filters that the address itself sets, such as the customer."""
    limit, after, before = parameters.cursor()
    link, tests = _filters(resource, parameters, store, fixed or {})
    keys = store.keys(resource.type, link)
    if before is not None:
        key = _cursor_key(before, "ending_before", resource, store)
        found = _matching(keys[bisect_right(keys, key) :], store, tests, limit + 1)
        return Page(found[:limit][::-1], len(found) > limit)
    end = len(keys)
    if after is not None:
        end = bisect_left(keys, _cursor_key(after, "starting_after", resource, store))
    found = _matching((keys[place] for place in range(end - 1, -1, -1)), store, tests, limit + 1)
    return Page(found[:limit], len(found) > limit)


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


def _cursor_key(cursor: str, name: str, resource: Resource, store: Store) -> Key:
    held = store.get(cursor)
    key = store.key(cursor)
    if held is None or key is None or held["object"] != resource.type:
        raise errors.no_such(resource.noun, cursor, name)
    return key


def _matching(keys: Iterable[Key], store: Store, tests: list[Test], enough: int) -> list[str]:
    found: list[str] = []
    for _, _, object_id in keys:
        held = store[object_id]
        if all(test(held) for test in tests):
            found.append(object_id)
            if len(found) == enough:
                break
    return found


def _filters(
    resource: Resource, parameters: Parameters, store: Store, fixed: dict[str, str]
) -> tuple[tuple[str, str] | None, list[Test]]:
    """The narrowest index, and a test for everything else that was asked."""
    links: dict[str, str] = dict(fixed)
    tests: list[Test] = []
    for name, how in resource.filters.items():
        if how == "range":
            if (within := parameters.range(name)) is not None:
                tests.append(_in_range(name, within))
        elif how == "many":
            if many := parameters.many(name):
                tests.append(_among(name, many))
        elif (value := parameters.one(name)) is None:
            continue
        elif how == "reference":
            if store.get(value) is None:
                raise errors.no_such(NOUNS.get(name, name), value, name)
            if name in LINKED:
                links[name] = value
            else:
                tests.append(_refers(name, value))
        elif how == "flag":
            tests.append(_flag(name, parameters.flag(name)))
        else:
            if how == "choice" and value not in resource.choices[name]:
                raise errors.bad_choice(name, resource.choices[name])
            tests.append(_equal(resource.type, name, value))
    if resource.type == "subscription" and parameters.one("status") is None:
        tests.append(lambda held: held.get("status") != "canceled")
    chosen = next(((name, links[name]) for name in LINKED if name in links), None)
    for name, value in links.items():
        if chosen is not None and name != chosen[0]:
            tests.append(_refers(name, value))
    if resource.type == "payment_method" and not links:
        # Whether Stripe lists cards of all customers without `customer` is unsure: be the stricter side.
        tests.append(lambda held: held.get("customer") is None)
    return chosen, tests


def _equal(kind: str, name: str, value: str) -> Test:
    if kind == "subscription" and name == "status":
        if value == "all":
            return lambda _held: True
        if value == "ended":
            return lambda held: held.get("status") in ENDED
    return lambda held: held.get(name) == value


def _flag(name: str, wanted: bool | None) -> Test:
    if name == "delivery_success":
        return lambda held: (held.get("pending_webhooks", 0) == 0) == wanted
    return lambda held: held.get(name) is wanted


def _refers(name: str, value: str) -> Test:
    if name == "price":
        return lambda held: any(item["price"]["id"] == value for item in held["items"]["data"])
    if name == "subscription":
        return lambda held: subscription_of(held) == value
    return lambda held: held.get(name) == value


def _in_range(name: str, within: Range) -> Test:
    if name.startswith("current_period_"):
        return lambda held: any(within.holds(item.get(name)) for item in held["items"]["data"])
    return lambda held: within.holds(held.get(name))


def _among(name: str, values: list[str]) -> Test:
    if name == "payment":
        return lambda held: bool({v for v in held.get("payment", {}).values() if isinstance(v, str)} & set(values))
    field = {"types": "type", "ids": "id"}.get(name, name)
    return lambda held: _wildcard(str(held.get(field)), values)


def _wildcard(value: str, wanted: list[str]) -> bool:
    """Event types may end in a star: `invoice.*`."""
    return any(value == each or (each.endswith(".*") and value.startswith(each[:-1])) for each in wanted)
