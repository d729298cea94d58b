"""Ours against Stripe's: what differs is told field by field, whoever changed it, and nothing is written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from djstripe import models as djstripe
from hypothesis import given
from hypothesis import strategies as st

from finances import mirror
from finances.differences import differences
from finances.gateway import Gateway
from finances.mirror import TYPES, Outcome
from finances.models import Customer, Invoice, ObjectState, ObjectVersion, ResyncFinding, ResyncRun, StripeObject
from finances.resync.comparing import NOT_BY_US, OTHER_COLUMNS, TAKEN_AWAY, compare_one, compare_page, keep_compared
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

READ_AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = READ_AT + timedelta(minutes=5)
TABLES = (Customer, Invoice, ObjectState, ObjectVersion, StripeObject, djstripe.Customer, djstripe.Invoice)


def read(type_name: str, object_id: str) -> None:
    mirror.read_and_write(Gateway(), type_name, object_id, now=READ_AT)


def compare(type_name: str, object_id: str):
    return compare_one(Gateway(), type_name, object_id, now=NOW)[0]


def a_comparison(**fields: Any) -> ResyncRun:
    return ResyncRun.objects.create(**{"kind": "compare", "target": "customer", "created_at": NOW} | fields)


def everything() -> list[list[dict[str, Any]]]:
    return [list(table._base_manager.order_by("pk").values()) for table in TABLES]


@pytest.fixture
def ada(stripe) -> dict[str, Any]:
    """As Stripe has her, and as we have read her."""
    truth = stripe.get("/v1/customers", email="ada@analytical.example")["data"][0]
    read("customer", truth["id"])
    return truth


def test_what_was_just_read_is_the_same(ada):
    found = compare("customer", ada["id"])

    assert (found.outcome, found.differences) == (Outcome.SAME, ())


@pytest.mark.parametrize("type_name", ["customer", "invoice", "subscription", "charge", "product", "price"])
def test_a_page_of_what_was_just_read_is_the_same_of_every_kind(stripe, type_name):
    page = Gateway().page(type_name, limit=20).objects
    mirror.write(Gateway(), type_name, page, ticket=take_ticket(), now=READ_AT)

    found = compare_page(type_name, page, now=NOW)

    assert {it.id for it in found} >= {it["id"] for it in page}
    assert [(it.id, it.differences) for it in found if it.outcome != Outcome.SAME] == []


def test_what_changed_at_stripe_is_told_field_by_field(stripe, ada):
    stripe.patch(ada["id"], name="Ada King", metadata={"crm": "7"}, balance=-500)

    found = compare("customer", ada["id"])

    assert (found.outcome, found.remark) == (Outcome.CHANGED, "")
    assert list(found.differences) == [
        {"field": "balance", "before": ada["balance"], "after": -500, "currency": ada["currency"]},
        {"field": "metadata.crm", "after": "7"},
        {"field": "name", "before": "Ada Lovelace", "after": "Ada King"},
    ]


def test_a_comparison_writes_nothing_not_even_how_fresh_a_row_is(stripe, ada):
    invoice = stripe.get("/v1/invoices", customer=ada["id"])["data"][0]
    stripe.patch(ada["id"], name="Ada King")
    before = everything()

    for type_name, object_id in (("customer", ada["id"]), ("invoice", invoice["id"]), ("customer", "cus_nobody")):
        compare(type_name, object_id)

    assert everything() == before


def test_a_row_that_something_else_changed_is_found_and_said_to_be(ada):
    row = djstripe.Customer.objects.get(id=ada["id"])
    djstripe.Customer.objects.filter(id=ada["id"]).update(stripe_data={**row.stripe_data, "name": "Mallory"})

    found = compare("customer", ada["id"])

    assert {"field": "name", "before": "Mallory", "after": "Ada Lovelace"} in found.differences
    assert found.remark == NOT_BY_US


def test_a_read_model_that_does_not_say_what_the_answer_says_differs_too(ada):
    Customer.objects.filter(pk=ada["id"]).update(email="mallory@example.test")

    found = compare("customer", ada["id"])

    assert found.outcome == Outcome.CHANGED
    assert list(found.differences) == [
        {"field": "Customer.email", "before": "mallory@example.test", "after": "ada@analytical.example"}
    ]
    assert found.remark == OTHER_COLUMNS


def test_what_we_lack_is_missing_here_and_told_by_what_people_know_it_by(stripe):
    truth = stripe.get("/v1/customers", email="ada@analytical.example")["data"][0]

    found = compare("customer", truth["id"])

    assert (found.outcome, found.before, found.remark) == (Outcome.NEW, None, "")
    assert {"field": "email", "after": "ada@analytical.example"} in found.differences


def test_a_row_that_was_taken_away_is_missing_here_although_we_once_wrote_it(ada):
    djstripe.Customer.objects.filter(id=ada["id"]).delete()

    found = compare("customer", ada["id"])

    assert (found.outcome, found.remark) == (Outcome.NEW, TAKEN_AWAY)


def test_what_stripe_deleted_is_missing_there(stripe, ada):
    stripe.delete(ada["id"])

    found = compare("customer", ada["id"])

    assert found.outcome == Outcome.GONE
    assert {"field": "name", "before": "Ada Lovelace"} in found.differences


def test_a_tombstone_of_what_stripe_deleted_is_the_same(stripe, ada):
    stripe.delete(ada["id"])
    read("customer", ada["id"])

    assert compare("customer", ada["id"]).outcome == Outcome.SAME


def test_what_neither_side_has_is_unknown(stripe):
    assert compare("customer", "cus_nobody").outcome == Outcome.UNKNOWN


def test_payments_inside_an_invoice_are_compared_as_objects_of_their_own(stripe):
    page = Gateway().page("invoice", limit=20).objects
    invoice = next(it for it in page if it["payments"]["data"])
    read("invoice", invoice["id"])
    payment = invoice["payments"]["data"][0]
    StripeObject.objects.filter(pk=payment["id"]).update(stripe_data={**payment, "status": "canceled"})

    itself, *inside = compare_one(Gateway(), "invoice", invoice["id"], now=NOW)

    assert (itself.id, itself.outcome) == (invoice["id"], Outcome.SAME)
    assert [it.differences[0]["field"] for it in inside if it.id == payment["id"]] == ["status"]


def test_addresses_that_stripe_signs_anew_are_left_out_but_not_that_there_is_none(stripe):
    invoice = next(it for it in Gateway().page("invoice", limit=50).objects if it["hosted_invoice_url"])
    read("invoice", invoice["id"])

    signed_anew = {**invoice, "hosted_invoice_url": f"{invoice['hosted_invoice_url']}?s=ap"}
    gone = {**invoice, "hosted_invoice_url": None}

    assert compare_page("invoice", [signed_anew], now=NOW)[0].outcome == Outcome.SAME
    assert compare_page("invoice", [gone], now=NOW)[0].outcome == Outcome.CHANGED


def test_what_stripe_counts_on_without_an_event_is_left_out(stripe, ada):
    stripe.patch(ada["id"], next_invoice_sequence=ada["next_invoice_sequence"] + 1)

    assert compare("customer", ada["id"]).outcome == Outcome.SAME


def test_what_was_read_again_while_we_compared_says_nothing(stripe, ada):
    stripe.patch(ada["id"], name="Ada King")
    older = {**ada}
    mirror.read_and_write(Gateway(), "customer", ada["id"], now=NOW + timedelta(seconds=1))

    assert compare_page("customer", [older], now=NOW)[0].outcome == Outcome.STALE


def test_queries_do_not_grow_with_the_page(stripe):
    page = Gateway().page("invoice", limit=40).objects
    mirror.write(Gateway(), "invoice", page, ticket=take_ticket(), now=READ_AT)
    counted = []
    for size in (20, 40):
        with CaptureQueriesContext(connection) as queries:
            compare_page("invoice", page[:size], now=NOW)
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert counted[0] <= 26  # of invoices and of the payments inside them


def test_each_type_can_be_compared_without_a_row(stripe):
    for type_name in TYPES:
        assert compare_page(type_name, [{"id": "x_1", "object": type_name, "deleted": True}], now=NOW)[0].outcome == (
            Outcome.UNKNOWN
        )


def test_findings_are_kept_and_those_of_older_comparisons_stand_no_longer(stripe, ada):
    first, second = a_comparison(state="complete"), a_comparison(target="all")
    stripe.patch(ada["id"], name="Ada King")
    keep_compared(first, compare_one(Gateway(), "customer", ada["id"], now=NOW), NOW)
    stripe.patch(ada["id"], name="Ada Lovelace")
    keep_compared(second, compare_one(Gateway(), "customer", ada["id"], now=NOW), NOW)

    finding = ResyncFinding.objects.get()
    assert (finding.run, finding.kind, finding.stands) == (first, "changed", False)
    assert finding.differences == [{"field": "name", "before": "Ada Lovelace", "after": "Ada King"}]


def test_a_page_that_is_kept_twice_has_its_findings_once(stripe, ada):
    run = a_comparison()
    stripe.patch(ada["id"], name="Ada King")
    compared = compare_one(Gateway(), "customer", ada["id"], now=NOW)

    keep_compared(run, compared, NOW)
    keep_compared(run, compared, NOW)

    assert run.findings.get().stands


def test_a_tombstone_that_something_else_took_off_is_missing_there_and_not_by_us(stripe, ada):
    stripe.delete(ada["id"])
    read("customer", ada["id"])
    djstripe.Customer.objects.filter(id=ada["id"]).update(stripe_data=ada)

    found = compare("customer", ada["id"])

    assert (found.outcome, found.remark) == (Outcome.GONE, NOT_BY_US)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text("abc", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abcdef"), VALUES, max_size=5)


@given(OBJECTS, OBJECTS)
def test_two_answers_without_a_difference_are_equal_and_only_those(ours, theirs):
    assert (differences(ours, theirs) == []) == (ours == theirs and repr_of(ours) == repr_of(theirs))


def repr_of(value: Any) -> Any:
    """1 and True are equal to Python, and not to Stripe."""
    if isinstance(value, dict):
        return {name: repr_of(each) for name, each in sorted(value.items())}
    return [repr_of(each) for each in value] if isinstance(value, list) else (type(value), value)
