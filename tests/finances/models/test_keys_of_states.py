"""States and versions of before, by an id that may have been of two types, move to keys of their own; and back."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from finances.models import ObjectState, ObjectVersion
from tests.factories import NOON, a_coupon, a_price, a_product

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def state(key: str, type_name: str, ticket: int, **more) -> None:
    fields = {"content_hash": b"h", "seen_at": NOON, "created_at": NOON, "unlinked": False} | more
    ObjectState.objects.create(object_id=key, type=type_name, ticket=ticket, **fields)


def version(key: str, ticket: int, **told) -> None:
    ObjectVersion.objects.create(object_id=key, ticket=ticket, seen_at=NOON, stripe_data=told)


def states() -> dict[str, tuple[str, int, bool]]:
    rows = ObjectState.objects.values_list("object_id", "type", "ticket", "deleted_at")
    return {key: (type_name, ticket, deleted_at is not None) for key, type_name, ticket, deleted_at in rows}


def versions() -> list[tuple[str, int]]:
    return list(ObjectVersion.objects.order_by("ticket").values_list("object_id", "ticket"))


@pytest.fixture
def _before():
    """Of one id there is a product, a price and a coupon; their rows are made by today's columns."""
    gold = a_product(id="gold")
    a_price(gold, id="gold")
    a_coupon(id="gold", deleted_at=NOON + HOUR)
    a_product(id="prod_1")
    call_command("migrate", "paydesk", "0022", verbosity=0)
    yield
    call_command("migrate", "paydesk", verbosity=0)


@pytest.mark.usefixtures("_before")
def test_what_was_mixed_is_told_apart_and_everything_else_keeps_its_id():
    state("gold", "product", 7)
    state("prod_1", "product", 8)
    state("SILVER", "coupon", 9, deleted_at=NOON)
    state("in_1", "invoice", 10)
    for ticket, kind in enumerate(("product", "price", "coupon", "product"), 1):
        version("gold", ticket, object=kind, id="gold")
    version("prod_1", 8, id="prod_1")
    version("SILVER", 9, object=None, deleted=True)
    version("in_1", 10, object="invoice")

    call_command("migrate", "paydesk", verbosity=0)

    assert states() == {
        "product:gold": ("product", 7, False),
        "price:gold": ("price", 0, False),
        "coupon:gold": ("coupon", 0, True),
        "product:prod_1": ("product", 8, False),
        "coupon:SILVER": ("coupon", 9, True),
        "in_1": ("invoice", 10, False),
    }
    assert bytes(ObjectState.objects.get(pk="coupon:gold").content_hash) == b""
    assert versions() == [
        ("product:gold", 1),
        ("price:gold", 2),
        ("coupon:gold", 3),
        ("product:gold", 4),
        ("product:prod_1", 8),
        ("coupon:SILVER", 9),
        ("in_1", 10),
    ]


def test_back_again_the_newest_has_the_state_and_all_have_one_history():
    state("product:gold", "product", 7)
    state("coupon:gold", "coupon", 8, deleted_at=NOON)
    state("price:price_1", "price", 9)
    state("in_1", "invoice", 10)
    version("product:gold", 6, object="product")
    version("product:gold", 7, object="product")
    version("coupon:gold", 7, object="coupon")
    version("price:price_1", 9, object="price")
    version("in_1", 10, object="invoice")

    call_command("migrate", "paydesk", "0022", verbosity=0)

    try:
        assert states() == {
            "gold": ("coupon", 8, True),
            "price_1": ("price", 9, False),
            "in_1": ("invoice", 10, False),
        }
        assert versions() == [("gold", 6), ("gold", 7), ("price_1", 9), ("in_1", 10)]
    finally:
        call_command("migrate", "paydesk", verbosity=0)
