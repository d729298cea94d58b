"""Whatever is written, changed and removed, in whatever order, summed in between or not: a number is its rows'."""

import os
import random
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as some

from finances.metrics.daily import Standing, standing
from finances.metrics.failed_payments import failures_in_months
from finances.metrics.mrr import monthly_recurring_revenue
from finances.metrics.revenue import earned_by_product, revenue
from finances.metrics.subscribers import subscribers
from finances.models import Charge, DirtyDay, Invoice, InvoiceLine, ObjectState, Refund, Subscription, TotalsZone
from finances.periods import last_months, start_of
from finances.snapshot import one_snapshot
from finances.totals.rebuilding import rebuild_totals
from finances.totals.settling import TOTALS, settle_due

SEED = int(os.environ.get("PAYDESK_TEST_SEED") or secrets.randbelow(2**32))
FULL = bool(os.environ.get("PAYDESK_TEST_FULL"))
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
# Edges of days and months in the zones below, and the moments beside them; one is later than now.
MOMENTS = [
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    datetime(2026, 11, 23, 20, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 31, 22, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 31, 10, tzinfo=UTC),
    datetime(2026, 10, 24, 9, 30, tzinfo=UTC),  # thirty days before now
    datetime(2026, 10, 24, 23, tzinfo=UTC),
    datetime(2025, 11, 30, 23, 30, tzinfo=UTC),
    datetime(2025, 12, 1, 0, 30, tzinfo=UTC),
    datetime(2021, 3, 28, 1, tzinfo=UTC),
]
ZONES = ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/New_York", "Asia/Kathmandu"]

moments = some.sampled_from(MOMENTS)
currencies = some.sampled_from(["eur", "jpy"])
amounts = some.integers(-5, 5000)
keys = some.integers(0, 3)
WRITES = {
    Invoice: {
        "paid_at": some.none() | moments,
        "status": some.sampled_from(["paid", "paid", "open"]),
        "amount_paid": amounts,
        "currency": currencies,
        "account_id": some.sampled_from(["", "acct_1"]),
        "created_at": some.just(NOW),
    },
    InvoiceLine: {
        "invoice_id": keys.map(lambda key: f"invoice_{key}"),
        "product_id": some.sampled_from(["", "prod_a", "prod_b"]),
        "amount": amounts,
        "discount": some.integers(0, 50),
        "currency": currencies,
        "position": some.just(0),
    },
    Refund: {
        "created_at": moments,
        "status": some.sampled_from(["succeeded", "succeeded", "failed"]),
        "amount": amounts,
        "currency": currencies,
    },
    Charge: {
        "created_at": moments,
        "status": some.sampled_from(["succeeded", "failed", "failed"]),
        "decline_code": some.sampled_from(["", "insufficient_funds"]),
        "failure_code": some.sampled_from(["", "expired_card"]),
        "amount": amounts,
        "currency": currencies,
    },
    Subscription: {
        "customer_id": some.sampled_from(["cus_a", "cus_b"]),
        "paying_since": some.none() | moments,
        "paying_until": some.none() | moments,
        "mrr": some.none() | some.sampled_from([Decimal(0), Decimal(2900), Decimal("0.333333")]),
        "currency": currencies,
        "deleted_at": some.none() | some.none() | some.just(NOW),
        "created_at": some.just(NOW),
    },
}


def of(model, key: int, fields: dict[str, Any]):
    return model(id=f"{model.__name__.lower()}_{key}", **fields)


def upsert(rows) -> None:
    model = type(rows[0])
    bulk = {"update_conflicts": True, "unique_fields": ["id"]}
    model.objects.bulk_create(rows, **bulk, update_fields=list(WRITES[model]))


pages = some.sampled_from(list(WRITES)).flatmap(
    lambda model: some.lists(
        some.builds(of, some.just(model), keys, some.fixed_dictionaries(WRITES[model])),
        min_size=1,
        max_size=3,
        unique_by=lambda row: row.pk,
    )
)
removals = some.tuples(some.just("remove"), some.sampled_from(list(WRITES)), keys)
settlings = some.just("settle")
histories = some.lists(some.one_of(pages, pages, pages, removals, settlings), max_size=10)


def numbers(as_it_stands: Standing) -> list[Any]:
    zone = as_it_stands.zone
    months = last_months(NOW, 2, zone)
    return [
        revenue(NOW, zone, as_it_stands=as_it_stands),
        monthly_recurring_revenue(NOW, zone, as_it_stands=as_it_stands),
        subscribers(NOW, zone, as_it_stands=as_it_stands),
        failures_in_months(months, as_it_stands),
    ]


def kept() -> list[list[dict[str, Any]]]:
    found = [
        list(total.model.objects.order_by("day", *total.keys).values("day", *total.keys, *total.sums))
        for total in TOTALS
    ]
    assert not DirtyDay.objects.exists()
    return found


def forget_everything() -> None:
    for total in TOTALS:
        total.model.objects.all().delete()
    TotalsZone.objects.all().delete()
    DirtyDay.objects.all().delete()


@pytest.mark.guarantee("E3")
@pytest.mark.django_db
def test_a_number_is_always_that_of_the_rows_and_a_rebuild_sums_the_same():
    @seed(SEED)
    @settings(max_examples=1500 if FULL else 20, database=None, suppress_health_check=list(HealthCheck))
    @given(histories, some.sampled_from(ZONES))
    def holds(history, name: str) -> None:
        note(f"PAYDESK_TEST_SEED={SEED}")
        zone = ZoneInfo(name)
        for model in WRITES:
            model.objects.all().delete()
        forget_everything()
        with override_settings(TIME_ZONE=name):
            settle_due()
            for step in history:
                match step:
                    case "settle":
                        settle_due()
                    case ("remove", model, key):
                        model.objects.filter(id=f"{model.__name__.lower()}_{key}").delete()
                    case rows:
                        upsert(rows)
                assert numbers(standing(zone)) == numbers(Standing(zone, None))
            settle_due()

            assert numbers(standing(zone)) == numbers(Standing(zone, None))
            assert list(rebuild_totals(check_only=True)) == []
            summed = kept()
            forget_everything()
            list(rebuild_totals())
            assert kept() == summed

    holds()


class Business:
    """Writes at random, as several workers at once do: a page a transaction, customers held while they are written."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(f"{SEED} {number}")

    def write(self) -> None:
        chance = self.chance
        model = chance.choice(list(WRITES))
        ids = sorted(chance.sample(range(6), chance.randint(1, 3)))
        with transaction.atomic():
            if model is Subscription:
                list(ObjectState.objects.select_for_update().order_by("object_id"))
            if chance.random() < 0.15:
                model.objects.filter(id__in=[f"{model.__name__.lower()}_{key}" for key in ids]).delete()
            else:
                upsert([of(model, key, self.fields(model)) for key in ids])
            time.sleep(chance.random() * 0.004)  # written, and not committed yet

    def fields(self, model) -> dict[str, Any]:
        chance, at = self.chance, self.moment
        currency = {"currency": chance.choice(["eur", "jpy"])}
        match model.__name__:
            case "Invoice":
                status = chance.choice(["paid", "paid", "open"])
                return (
                    currency
                    | {"paid_at": at(), "status": status, "amount_paid": chance.randint(0, 99)}
                    | {"account_id": "", "created_at": NOW}
                )
            case "InvoiceLine":
                product, amount = chance.choice(["prod_a", "prod_b"]), chance.randint(0, 99)
                line = {"invoice_id": f"invoice_{chance.randint(0, 5)}", "product_id": product, "amount": amount}
                return currency | line | {"discount": 0, "position": 0}
            case "Refund":
                return currency | {"created_at": at(), "status": "succeeded", "amount": chance.randint(0, 99)}
            case "Charge":
                status = chance.choice(["succeeded", "failed"])
                codes = {"decline_code": "", "failure_code": "expired_card"}
                return currency | codes | {"created_at": at(), "status": status, "amount": chance.randint(0, 99)}
        times = {"paying_since": at(), "paying_until": chance.choice([None, at()]), "deleted_at": None}
        customer = {"customer_id": chance.choice(["cus_a", "cus_b"]), "mrr": Decimal(chance.randint(0, 99))}
        return currency | times | customer | {"created_at": NOW}

    def moment(self) -> datetime:
        return self.chance.choice(MOMENTS)


@pytest.mark.guarantee("E3")
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_several_writers_and_several_who_sum_and_one_who_reads_agree_at_every_moment():
    ObjectState.objects.bulk_create(
        ObjectState(object_id=customer, type="customer", ticket=1, content_hash=b"", seen_at=NOW)
        for customer in ("cus_a", "cus_b")
    )
    settle_due()
    over = threading.Event()
    end = time.monotonic() + (60 if FULL else 6)
    zone = ZoneInfo("UTC")

    def writing(number: int) -> int:
        business, written = Business(number), 0
        while time.monotonic() < end:
            business.write()
            written += 1
        return written

    def summing(_: int) -> int:
        settled = 0
        while not over.is_set():
            settled += settle_due(stop=over.is_set)
        return settled

    def reading(_: int) -> int:
        looks = 0
        while not over.is_set():
            with one_snapshot():
                assert numbers(standing(zone)) == numbers(Standing(zone, None)), f"PAYDESK_TEST_SEED={SEED}"
            looks += 1
        return looks

    def alone(job, number: int) -> int:
        try:
            return job(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        writers = [threads.submit(alone, writing, number) for number in range(3)]
        others = [threads.submit(alone, job, 0) for job in (summing, summing, reading)]
        try:
            written = [each.result() for each in writers]
        finally:
            over.set()
        assert min(written) > 20
        assert all(each.result() for each in others)

    settle_due()
    assert list(rebuild_totals(check_only=True)) == []
    summed = kept()
    forget_everything()
    list(rebuild_totals())
    assert kept() == summed


@pytest.mark.django_db
def test_products_are_read_the_same_way():
    invoice = of(Invoice, 1, {"paid_at": MOMENTS[4], "status": "paid", "created_at": NOW, "currency": "eur"})
    invoice.save()
    line = {"product_id": "prod_a", "amount": 500, "discount": 20, "currency": "eur", "position": 0}
    of(InvoiceLine, 1, {"invoice_id": invoice.pk} | line).save()
    since = start_of(date(2026, 10, 31), UTC)

    before = earned_by_product(since, NOW, UTC)
    settle_due()
    after = earned_by_product(since, NOW, UTC)

    assert [(each.product_id, each.currency, each.lines, each.amount) for each in before] == [("prod_a", "eur", 1, 480)]
    assert after == before
    assert earned_by_product(since + timedelta(days=1), NOW, UTC) == []
