"""Rows of dj-stripe's many-to-many fields: the tax rates of an invoice, and of an item of a subscription."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway
from finances.mirror import Outcome
from finances.mirror.parts import DJSTRIPE_PARTS
from finances.mirror.states import Fetched
from finances.mirror.tax_rates import NAMED_IN
from finances.mirror.writing import write_all
from finances.models import ObjectState
from finances.stripe_problems import ScopeMissing
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
Json = dict[str, Any]


@pytest.fixture
def rates(stripe) -> list[Json]:
    """Three, as Stripe has them; none is here."""
    return stripe.all("/v1/tax_rates")[:3]


def with_rates(type_name: str, it: Json, rates: list[Json]) -> Json:
    """An invoice with these, or a subscription whose first item has them."""
    if type_name == "invoice":
        return {**it, "default_tax_rates": rates}
    first, *others = it["items"]["data"]
    return {**it, "items": {**it["items"], "data": [{**first, "tax_rates": rates}, *others]}}


def here(type_name: str, it: Json) -> set[str]:
    """Of what an invoice, or the first item of a subscription, has by dj-stripe's rows."""
    if type_name == "invoice":
        row: Any = djstripe.Invoice.objects.get(id=it["id"])
        return {rate.id for rate in row.default_tax_rates.all()}
    row = djstripe.SubscriptionItem.objects.get(id=it["items"]["data"][0]["id"])
    return {rate.id for rate in row.tax_rates.all()}


def one_by_one(stripe, type_name: str, objects: list[Json]) -> list[mirror.Written]:
    for it in objects:
        stripe.put(it)
    return [mirror.read_and_write(Gateway(), type_name, it["id"], now=NOW)[0] for it in objects]


def as_a_page(stripe, type_name: str, objects: list[Json]) -> list[mirror.Written]:
    return mirror.write(Gateway(), type_name, objects, ticket=take_ticket(), now=NOW)[: len(objects)]


both_types = pytest.mark.parametrize("type_name", ["invoice", "subscription"])
both_ways = pytest.mark.parametrize("write", [one_by_one, as_a_page])


def some(stripe, type_name: str, count: int = 2) -> list[Json]:
    return stripe.all(f"/v1/{type_name}s")[:count]


def test_no_model_that_the_mirror_writes_has_other_many_to_many_fields():
    written = [entry.model for entry in mirror.TYPES.values() if entry.model] + list(DJSTRIPE_PARTS.values())

    assert {(model, field.name) for model in written for field in model._meta.many_to_many} == set(NAMED_IN.items())


@both_types
@both_ways
def test_what_stripe_names_is_there_and_is_read_first_where_it_is_not_here(stripe, rates, type_name, write):
    one, other = some(stripe, type_name)
    page = [with_rates(type_name, one, rates[:2]), with_rates(type_name, other, rates[2:])]

    write(stripe, type_name, page)

    assert [here(type_name, it) for it in page] == [{rates[0]["id"], rates[1]["id"]}, {rates[2]["id"]}]
    assert djstripe.TaxRate.objects.get(id=rates[0]["id"]).stripe_data == rates[0]


@both_types
@both_ways
def test_one_that_is_taken_away_at_stripe_goes_and_one_that_comes_is_added(stripe, rates, type_name, write):
    (it,) = some(stripe, type_name, 1)
    write(stripe, type_name, [with_rates(type_name, it, rates[:2])])

    write(stripe, type_name, [with_rates(type_name, it, rates[1:])])
    assert here(type_name, it) == {rates[1]["id"], rates[2]["id"]}

    write(stripe, type_name, [with_rates(type_name, it, [])])
    assert here(type_name, it) == set()


def test_an_item_that_leaves_its_subscription_takes_its_rows_along(stripe, rates):
    (it,) = some(stripe, "subscription", 1)
    as_a_page(stripe, "subscription", [with_rates("subscription", it, rates)])
    another = {**it["items"]["data"][0], "id": "si_another"}

    as_a_page(stripe, "subscription", [{**it, "items": {**it["items"], "data": [another]}}])

    assert not djstripe.SubscriptionItem.tax_rates.through.objects.exists()


def test_what_djstripes_own_sync_left_on_an_item_goes_when_stripe_names_it_no_more(stripe, rates):
    """No state says that anything of it was here: an application used dj-stripe before Paydesk came."""
    (it,) = some(stripe, "subscription", 1)
    as_a_page(stripe, "subscription", [with_rates("subscription", it, rates[:1])])
    ObjectState.objects.filter(pk=it["id"]).delete()

    as_a_page(stripe, "subscription", [with_rates("subscription", it, [])])

    assert here("subscription", it) == set()


@both_types
def test_a_key_that_may_not_read_tax_rates_still_reads_what_has_them_and_links_them_when_they_come(
    stripe, rates, type_name, monkeypatch
):
    whole = Gateway.retrieve

    def without_rates(self, asked: str, object_id: str) -> Json:
        if asked == "tax_rate":
            raise ScopeMissing("The key may not read tax rates.")
        return whole(self, asked, object_id)

    (it,) = some(stripe, type_name, 1)
    it = with_rates(type_name, it, rates[:2])
    with monkeypatch.context() as patched:
        patched.setattr(Gateway, "retrieve", without_rates)
        assert one_by_one(stripe, type_name, [it])[0].outcome == Outcome.NEW
    assert (here(type_name, it), ObjectState.objects.get(pk=it["id"]).unlinked) == (set(), True)

    as_a_page(stripe, "tax_rate", rates)
    again = one_by_one(stripe, type_name, [it])[0]

    assert (again.outcome, here(type_name, it)) == (Outcome.SAME, {rates[0]["id"], rates[1]["id"]})
    assert not ObjectState.objects.get(pk=it["id"]).unlinked


@both_types
def test_rows_that_something_else_took_away_come_back_when_it_is_written_anew(stripe, rates, type_name):
    (it,) = some(stripe, type_name, 1)
    it = with_rates(type_name, it, rates[:2])
    as_a_page(stripe, type_name, [it])
    model = djstripe.Invoice if type_name == "invoice" else djstripe.SubscriptionItem
    getattr(model, NAMED_IN[model]).through.objects.all().delete()

    mirror.write(Gateway(), type_name, [it], ticket=take_ticket(), now=NOW, anew=True)

    assert here(type_name, it) == {rates[0]["id"], rates[1]["id"]}


@both_types
def test_a_page_costs_no_statement_where_nothing_has_any_and_a_handful_where_all_do(stripe, rates, type_name):
    objects = some(stripe, type_name, 10)
    as_a_page(stripe, type_name, objects)
    as_a_page(stripe, "tax_rate", rates)
    owner = mirror.known_account_id()

    def about_them(page: list[Json]) -> int:
        """Written by the mirror alone: to look for missing parents is not counted."""
        batch = [Fetched(type_name, it, take_ticket(), NOW) for it in page]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            write_all(batch, owner)
        return sum("taxrate" in query["sql"] for query in captured.captured_queries)

    changed = [it | {"metadata": {"changed": "yes"}} for it in objects]
    assert about_them(changed) == 0
    added = [with_rates(type_name, it, rates[:2]) for it in changed]
    assert about_them(added) in (3, 4)
    assert about_them(added) == 0
    assert about_them([with_rates(type_name, it, []) for it in objects]) <= 2


def test_a_page_of_new_invoices_without_any_costs_no_statement(stripe, rates):
    objects = some(stripe, "invoice", 10)
    owner = mirror.owner_account_id(Gateway(), NOW)
    for it in objects:
        mirror.read_and_write(Gateway(), "customer", it["customer"], now=NOW)

    with CaptureQueriesContext(connection) as captured:
        write_all([Fetched("invoice", it, take_ticket(), NOW) for it in objects], owner)

    assert not [query for query in captured.captured_queries if "taxrate" in query["sql"]]
