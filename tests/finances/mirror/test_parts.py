"""An invoice's lines, those beyond the ten that its answer carries too."""

from datetime import UTC, datetime

import pytest
from djstripe import models as djstripe

from finances import mirror
from finances.gateway import Gateway, Page
from finances.mirror.further_lines import with_further_lines
from finances.mirror.rebuild import rebuild
from finances.mirror.states import Fetched, states_of
from finances.mirror.writing import write_all
from finances.models import InvoiceLine
from finances.stripe_problems import StripeFailed
from finances.tickets import take_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def long_invoice(stripe) -> dict:
    """One whose lines Stripe gives in two parts."""
    invoice = next(it for it in stripe.all("/v1/invoices") if it["lines"]["data"])
    (line, *_) = stripe.state(invoice["id"])["lines"]["data"]
    lines = [line | {"id": f"il_{number:024}", "description": f"Line {number}"} for number in range(23)]
    stripe.patch(invoice["id"], lines=invoice["lines"] | {"data": lines, "has_more": False})
    return invoice


def read(object_id: str) -> int:
    gateway = Gateway()
    mirror.read_and_write(gateway, "invoice", object_id, now=NOW)
    return gateway.calls


def test_all_lines_are_kept_in_stripes_order(stripe, long_invoice):
    read(long_invoice["id"])

    rows = InvoiceLine.objects.filter(invoice_id=long_invoice["id"]).order_by("position")
    assert [row.description for row in rows] == [f"Line {number}" for number in range(23)]
    assert djstripe.LineItem.objects.filter(id__in=[row.id for row in rows]).count() == 23


def test_the_stored_invoice_is_stripes_answer_with_its_ten_lines(stripe, long_invoice):
    read(long_invoice["id"])

    stored = djstripe.Invoice.objects.get(id=long_invoice["id"]).stripe_data["lines"]
    assert (len(stored["data"]), stored["has_more"]) == (10, True)


def test_further_lines_of_an_unchanged_invoice_are_not_read_again(stripe, long_invoice):
    read(long_invoice["id"])

    assert read(long_invoice["id"]) == 1
    assert InvoiceLine.objects.filter(invoice_id=long_invoice["id"]).count() == 23


def test_a_state_that_went_a_b_a_while_it_was_read_keeps_its_further_lines(stripe, long_invoice):
    read(long_invoice["id"])
    first = Gateway().retrieve("invoice", long_invoice["id"])
    between = take_ticket()
    ticket = take_ticket()
    gateway = Gateway()
    fetched = with_further_lines(gateway, [Fetched("invoice", first, ticket, NOW)], states_of([first["id"]]))

    mirror.write(Gateway(), "invoice", [first | {"description": "between"}], ticket=between, now=NOW)
    write_all(fetched, mirror.known_account_id())

    assert gateway.calls == 0
    assert InvoiceLine.objects.filter(invoice_id=long_invoice["id"]).count() == 23


def test_a_page_of_lines_that_comes_again_and_again_is_not_followed_for_ever(stripe, long_invoice, monkeypatch):
    (*_, last) = Gateway().retrieve("invoice", long_invoice["id"])["lines"]["data"]
    monkeypatch.setattr(Gateway, "part", lambda *_, **__: Page([last], has_more=True))

    with pytest.raises(StripeFailed):
        read(long_invoice["id"])


def test_a_line_that_left_the_invoice_leaves_the_tables(stripe, long_invoice):
    read(long_invoice["id"])
    lines = stripe.state(long_invoice["id"])["lines"]

    stripe.patch(long_invoice["id"], lines=lines | {"data": lines["data"][:2], "has_more": False})
    read(long_invoice["id"])

    assert InvoiceLine.objects.filter(invoice_id=long_invoice["id"]).count() == 2
    assert djstripe.LineItem.objects.filter(id__startswith="il_0000").count() == 2


def test_a_rebuild_finds_every_line_again_even_when_all_rows_are_lost(stripe, long_invoice):
    read(long_invoice["id"])
    assert list(rebuild(check_only=True)) == []

    InvoiceLine.objects.all().delete()
    list(rebuild())

    rows = InvoiceLine.objects.filter(invoice_id=long_invoice["id"]).order_by("position")
    assert [row.description for row in rows] == [f"Line {number}" for number in range(23)]
    assert list(rebuild(check_only=True)) == []


def test_lines_are_left_alone_only_where_the_row_holds_what_was_written_last(stripe):
    """Something else changed the row, and a rebuild followed it: the same lines as before are no longer there."""
    invoice = next(it for it in stripe.all("/v1/invoices") if it["lines"]["data"])
    read(invoice["id"])
    row = djstripe.Invoice.objects.get(id=invoice["id"])
    others = [line | {"description": "another's"} for line in row.stripe_data["lines"]["data"]]
    changed = row.stripe_data | {"lines": row.stripe_data["lines"] | {"data": others}}
    djstripe.Invoice.objects.filter(id=invoice["id"]).update(stripe_data=changed)
    list(rebuild())
    stripe.patch(invoice["id"], description="a new memo")

    read(invoice["id"])

    assert not InvoiceLine.objects.filter(invoice_id=invoice["id"], description="another's").exists()
    assert list(rebuild(check_only=True)) == []
