"""When an object was created stands beside what the mirror knows of it."""

import importlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from finances import mirror
from finances.gateway import Gateway
from finances.models import ObjectState, ObjectVersion
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def created_at(object_id: str) -> datetime | None:
    return ObjectState.objects.get(object_id=object_id).created_at


def said(it: dict) -> datetime:
    return datetime.fromtimestamp(it["created"], UTC)


def test_a_page_that_is_written_says_when_each_was_created(stripe):
    customers = stripe.all("/v1/customers")

    mirror.write(Gateway(), "customer", customers, ticket=take_ticket(), now=NOW)

    assert {it["id"]: said(it) for it in customers} == dict(
        ObjectState.objects.filter(type="customer").values_list("object_id", "created_at")
    )


def test_a_tombstone_keeps_what_the_stub_does_not_say(stripe):
    customer = stripe.all("/v1/customers")[0]
    mirror.read_and_write(Gateway(), "customer", customer["id"], now=NOW)
    stripe.delete(customer["id"])

    mirror.read_and_write(Gateway(), "customer", customer["id"], now=NOW + timedelta(hours=1))

    state = ObjectState.objects.get(object_id=customer["id"])
    assert (state.deleted_at, state.created_at) == (NOW + timedelta(hours=1), said(customer))


def test_one_that_was_never_here_has_none(stripe):
    mirror.read_and_write(Gateway(), "customer", "cus_nobody", now=NOW)

    assert created_at("cus_nobody") is None


def test_an_unchanged_object_that_lacks_it_is_dated(stripe):
    customer = stripe.all("/v1/customers")[0]
    mirror.read_and_write(Gateway(), "customer", customer["id"], now=NOW)
    ObjectState.objects.update(created_at=None)

    again = mirror.read_and_write(Gateway(), "customer", customer["id"], now=NOW)

    assert again[0].outcome == mirror.Outcome.SAME
    assert created_at(customer["id"]) == said(customer)


def test_the_migration_dates_what_is_here_by_its_versions(stripe, monkeypatch):
    customers = stripe.all("/v1/customers")
    mirror.write(Gateway(), "customer", customers, ticket=take_ticket(), now=NOW)
    stripe.delete(customers[0]["id"])
    mirror.read_and_write(Gateway(), "customer", customers[0]["id"], now=NOW)
    ObjectState.objects.update(created_at=None)
    kept = ObjectState.objects.create(
        object_id="cus_dated", type="customer", ticket=1, content_hash=b"", seen_at=NOW, created_at=NOW
    )
    ObjectVersion.objects.create(object_id="cus_dated", seen_at=NOW, ticket=1, stripe_data={"created": 1})
    ObjectState.objects.create(object_id="cus_unsaid", type="customer", ticket=1, content_hash=b"", seen_at=NOW)
    ObjectVersion.objects.create(object_id="cus_unsaid", seen_at=NOW, ticket=1, stripe_data={"created": None})
    migration = importlib.import_module("finances.migrations.0009_creation_of_objects")
    monkeypatch.setattr(migration, "BATCH", 5)

    migration.date_objects(apps, SimpleNamespace(connection=connection))

    assert {it["id"]: created_at(it["id"]) for it in customers} == {it["id"]: said(it) for it in customers}
    assert created_at("cus_dated") == kept.created_at
    assert created_at("cus_unsaid") is None
