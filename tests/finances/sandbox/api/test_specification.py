"""Every answer is one that Stripe's published OpenAPI specification of 2026-05-27.dahlia allows."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby, islice

import pytest

from finances.sandbox.api.expandable import EXPANDABLE
from finances.sandbox.api.resources import RESOURCES, UNUSED
from tests.finances.sandbox import specification
from tests.finances.sandbox.conftest import LISTS, Json, Line

TYPES = {resource.type: name for name, resource in RESOURCES.items()}
# Nobody is paid by this business, none of its cards is one of the old kind, no other account is connected to it.
NONE = {"transfer", "source", "account", "product_feature"} | {resource.type for resource in UNUSED.values()}
SAMPLES = 40  # objects of a type that are retrieved one by one; the list shows all of them anyway

# An upcoming invoice is none yet: Stripe's guide to invoice.upcoming says that it has no id.
CHANGED = {"payment_method.automatically_updated", "charge.refunded", "customer.subscription.paused"}
LESS_THAN_PUBLISHED = {("invoice.upcoming", '(whole): "id" is a required property')}


def told(problems: Iterator[tuple[str, str]]) -> str:
    """Each kind of problem once, with how often it was seen and one id to look at."""
    counted: Counter[str] = Counter()
    seen: dict[str, str] = {}
    for object_id, problem in problems:
        kind = re.sub(r"\b\d+\b", "*", problem)
        counted[kind] += 1
        seen.setdefault(kind, object_id)
    return "\n".join(f"{number} x {kind} (such as {seen[kind]})" for kind, number in counted.most_common(30))


@cache
def everything(business: Line, kind: str) -> list[Json]:
    """All of a type that its list shows."""
    if kind == "account":
        return [business.good("/v1/account")]
    if kind == "subscription_item":
        return [item for each in everything(business, "subscription") for item in each["items"]["data"]]
    path = f"/v1/{TYPES[kind]}{'?status=all' if kind == 'subscription' else ''}"
    return [each for page in business.pages(path) for each in page["data"]]


@pytest.mark.parametrize("kind", TYPES)
def test_every_object_in_the_list_of_its_type_is_valid(business: Line, kind: str) -> None:
    found = everything(business, kind)

    problems = told((each["id"], line) for each in found for line in specification.problems_of_object(each))

    assert found or kind in NONE, f"there is no {kind}"
    assert not problems, problems


@pytest.mark.parametrize("kind", TYPES)
def test_every_retrieved_object_is_valid(business: Line, kind: str) -> None:
    found = everything(business, kind)
    path = specification.as_published(f"/v1/{TYPES[kind]}/{{id}}")

    answers = [business.good(f"/v1/{TYPES[kind]}/{each['id']}") for each in found[:: len(found) // SAMPLES + 1]]

    problems = told((each["id"], line) for each in answers for line in specification.problems(path, each))
    assert not problems, problems


def test_every_event_shows_a_valid_object_as_it_was(business: Line) -> None:
    events = everything(business, "event")
    kinds = specification.event_types()

    problems = told(
        (event["id"], f"{event['type']}: {line}")
        for event in events
        for line in specification.problems_of_object(event["data"]["object"])
        if (event["type"], line) not in LESS_THAN_PUBLISHED
    )

    assert not problems, problems
    assert {each["type"] for each in events} <= kinds
    for event in events:
        before, shown = event["data"].get("previous_attributes"), event["data"]["object"]
        assert (before is None) or set(before) <= specification.properties(shown["object"]), event
        assert (before is None) or event["type"].endswith("updated") or event["type"] in CHANGED, event["type"]


def paths_of(kind: str, depth: int) -> Iterator[str]:
    """Every path of that many steps at most, through every type that it may lead to."""
    for path, leads in EXPANDABLE[kind].items():
        left = depth - path.count(".") - 1
        if left >= 0:
            yield path
            for lead in leads.split("|") if leads else ():
                yield from (f"{path}.{further}" for further in paths_of(lead, left))


def unopened(shown: object, steps: list[str], kind: str, way: tuple[str, ...] = ()) -> list[str]:
    """Ids that still stand where the path leads, but for those of what this business does not have."""
    if isinstance(shown, list):
        return [each for one in shown for each in unopened(one, steps, kind, way)]
    if isinstance(shown, str):
        return [shown] if EXPANDABLE[kind].get(".".join(way)) else []
    if not isinstance(shown, dict):
        return []
    if shown.get("object") in EXPANDABLE:
        kind, way = shown["object"], ()
    return unopened(shown.get(steps[0]), steps[1:], kind, (*way, steps[0])) if steps else []


def samples(found: list[Json], start: str) -> list[Json]:
    """One of each status and kind that has something there; one that has nothing where nobody has."""
    chosen: dict[tuple[object, object], Json] = {}
    for each in found:
        if each.get(start):
            chosen.setdefault((each.get("status"), each.get("type")), each)
    return list(chosen.values())[:5] or found[:1]


def in_tens(paths: list[str]) -> Iterator[tuple[list[str], str]]:
    for start in range(0, len(paths), 10):
        some = paths[start : start + 10]
        yield some, "&".join(f"expand[]={path}" for path in some)


@pytest.mark.parametrize("kind", TYPES)
def test_every_expansion_of_a_retrieved_object_is_valid(business: Line, kind: str) -> None:
    found, path = everything(business, kind), specification.as_published(f"/v1/{TYPES[kind]}/{{id}}")
    problems: list[tuple[str, str]] = []

    for start, paths in groupby(sorted(set(paths_of(kind, 4))), lambda each: each.partition(".")[0]):
        for some, query in in_tens(list(paths)):
            for sample in samples(found, start):
                answer = business.good(f"/v1/{TYPES[kind]}/{sample['id']}?{query}")
                problems += [(sample["id"], line) for line in specification.problems(path, answer)]
                problems += [
                    (sample["id"], f"{each} is still an id") for each in some if unopened(answer, each.split("."), kind)
                ]

    assert not problems, told(iter(problems))


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "subscription_item"])
def test_every_expansion_in_a_list_is_valid(business: Line, kind: str) -> None:
    path = f"/v1/{TYPES[kind]}"
    problems: list[tuple[str, str]] = []

    for _, query in in_tens([f"data.{each}" for each in sorted(set(paths_of(kind, 3)))]):
        answer = business.good(f"{path}?limit=8&{query}")
        problems += [(query, line) for line in specification.problems(path, answer)]

    assert not problems, told(iter(problems))


REQUIRED = {
    "/v1/setup_attempts": "?setup_intent={setup_intent}",
    "/v1/subscription_items": "?subscription={subscription}",
}


def owners(business: Line, path: str) -> list[str]:
    """The addresses of a list: those of some objects that it may hang on."""
    if "{id}" not in path:
        return [path]
    kind = RESOURCES[path.split("/")[2]].type
    there = [each for each in everything(business, kind) if not each.get("deleted")]
    there.sort(key=lambda each: not each.get("amount_refunded"))  # few charges have refunds: at least the first does
    return [path.replace("{id}", each["id"]) for each in there[::5]]


@pytest.mark.parametrize("path", LISTS)
def test_every_page_is_valid(business: Line, path: str) -> None:
    problems: list[tuple[str, str]] = []
    seen = 0
    subscription, intent = (everything(business, kind)[0]["id"] for kind in ("subscription", "setup_intent"))

    for address in owners(business, path):
        query = REQUIRED.get(path, "").format(subscription=subscription, setup_intent=intent)
        for page in islice(business.pages(address + query), 3):
            problems += [(address, line) for line in specification.problems(specification.as_published(path), page)]
            seen += len(page["data"])

    assert not problems, told(iter(problems))
    assert bool(seen) == (LISTS[path].type not in NONE)


@pytest.mark.parametrize("path", ["/v1/account", "/v1/balance"])
def test_what_there_is_one_of_is_valid(business: Line, path: str) -> None:
    assert specification.problems(path, business.good(path)) == []


def broken(shown: Json, name: str, **fields: object) -> Json:
    """A copy with other fields in the part of that name ("" is the whole)."""
    copy = json.loads(json.dumps(shown))
    part = copy
    for step in filter(None, name.split(".")):
        part = part[int(step) if step.isdigit() else step]
    for field, value in fields.items():
        part[field] = value
        if value is ...:
            del part[field]
    return copy


@pytest.mark.parametrize(
    ("where", "fields", "said"),
    [
        ("", {"totl": 1}, "'totl' was unexpected"),
        ("", {"total": ...}, '"total" is a required property'),
        ("", {"total": None}, "total: null is not of type"),
        ("", {"total": "12"}, 'total: "12" is not of type "integer"'),
        ("", {"status": "late"}, 'status: "late" is not one of'),
        ("", {"customer": {"id": "cus_1", "object": "customer"}}, "customer: "),
        ("", {"customer": 7}, "customer: "),
        ("", {"currency": "USD"}, "currency: "),
        ("lines", {"url": None}, "lines.url: "),
        ("lines.data.0", {"amonut": 1}, "lines.data.0: "),
        ("lines.data.0.pricing", {"unit_amount_decimal": "1,5"}, "unit_amount_decimal"),
        ("status_transitions", {"paid_on": 1}, "status_transitions: "),
        ("parent.subscription_details", {"subscription": None}, "subscription"),
    ],
)
def test_a_fault_in_an_invoice_is_found(business: Line, where: str, fields: Json, said: str) -> None:
    query = "/v1/invoices?limit=100&status=paid"
    invoice = next(
        each for each in business.good(query)["data"] if each["parent"] and each["lines"]["data"][0]["pricing"]
    )

    problems = specification.problems_of_object(broken(invoice, where, **fields))

    assert specification.problems_of_object(invoice) == []
    assert any(said in line for line in problems), problems
