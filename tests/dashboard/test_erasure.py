"""A customer who was erased: in no column of any table, whatever is read of them afterwards; and the sums stand."""

import json
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from dashboard import notes, saved_views
from dashboard.erasure import erase
from dashboard.models import Note, SavedView
from finances import audit
from finances.audit import sealing, verifying
from finances.erasure import NotPossible
from finances.exports.request import request_export
from finances.mirror.rebuild import rebuild
from finances.models import (
    AuditEntry,
    AuditPersonal,
    Charge,
    Customer,
    Delivery,
    Export,
    ExportPiece,
    FormerEmail,
    Invoice,
    ObjectVersion,
    PaymentMethod,
    ResyncFinding,
    ResyncRun,
)
from finances.resync import run as running
from finances.resync.request import request_resync
from finances.retention.pruning import prune_due
from tests.factories import a_delivery, a_user
from tests.finances.webhooks.conftest import event
from tests.journeys.working import Clock
from tests.mirrored_tables import tables_of

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D15")]

EMAIL, FORMER = "Zora.Quastenflosser@example.test", "z.fischer@former.example.test"
NAME, PHONE, LAST4, STREET = "Zora Quastenflosser", "+49 30 7719 3345", "9713", "Tiefseegraben 7"
TELLING = re.compile(
    r"quastenflosser|z\.fischer@former|7719 ?3345|tiefseegraben|(?<![\w.+-])9713(?![\w.:+-])", re.IGNORECASE
)


def resync(*targets: str, **more) -> ResyncRun:
    clock = Clock()
    for target in targets:
        run = request_resync(target, now=clock(), **more).run
        while run.state in ResyncRun.UNFINISHED:
            running.run_due(clock)
            run.refresh_from_db()
            clock.forward_to(running.next_due_at() or clock())
    return run


def traces() -> list[str]:
    """Where anything of the person stands: table, column and a little of the text."""
    found = []
    with connection.cursor() as cursor:
        for table in tables_of(connection):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [each[0] for each in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if hit := TELLING.search(_text(value)):
                        found.append(f"{table}.{column}: {_text(value)[max(0, hit.start() - 60) : hit.end() + 20]}")
    return found


def _text(value) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, str) and value[:1] in "{[":
        try:
            value = json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value or "")


@pytest.fixture
def person(stripe) -> str:
    """Somebody who paid, with all that Stripe and the staff know of them; deleted in Stripe, and known to be. The id.

    Each text of Stripe's that may be about them, is.
    """
    resync("all")
    key = Charge.objects.exclude(customer_id="").exclude(last4="").order_by("id").first().customer_id
    stripe.patch(key, email=FORMER)
    resync("customer")
    address = {"line1": STREET, "city": "Kiel", "country": "DE", "postal_code": "24103", "line2": None, "state": None}
    contact = {"name": NAME, "email": EMAIL, "phone": PHONE, "address": address}
    said = {"description": f"For {NAME}", "metadata": {"contact": EMAIL}}
    stripe.patch(key, **contact, **said, shipping={"name": NAME, "phone": PHONE, "address": address})
    for charge in Charge.objects.filter(customer_id=key):
        details = stripe.state(charge.pk)["payment_method_details"]
        details[details["type"]]["last4"] = LAST4
        more = {"billing_details": contact, "receipt_email": EMAIL, "payment_method_details": details}
        stripe.patch(charge.pk, **more, **said)
    for method in PaymentMethod.objects.filter(customer_id=key):
        details = stripe.state(method.pk)[method.type]
        stripe.patch(method.pk, billing_details=contact, **{method.type: details | {"last4": LAST4}})
    for invoice in Invoice.objects.filter(customer_id=key):
        lines = stripe.state(invoice.pk)["lines"]
        lines["data"][0]["description"] = f"Consulting for {NAME}"
        more = {"customer_name": NAME, "customer_email": EMAIL, "customer_phone": PHONE, "customer_address": address}
        stripe.patch(invoice.pk, lines=lines, **more, **said)
    resync(key)
    stripe.delete(key)
    resync(key)
    assert Customer.objects.get(pk=key).deleted_at
    assert FormerEmail.objects.filter(customer_id=key).exists()
    return key


def what_the_staff_left(person: str, somebody) -> None:
    now = timezone.now()
    other = Customer.objects.exclude(pk=person).order_by("pk").first()
    invoice = Invoice.objects.filter(customer_id=person).order_by("pk").first()
    notes.write(person, f"Write to {EMAIL}", by=somebody, now=now)
    notes.write(invoice.pk, f"{NAME} called from 030 77193345", by=somebody, now=now)
    notes.write(other.pk, f"Shares an account with {NAME.upper()}.", by=somebody, now=now)
    notes.write(other.pk, "Pays by hand.", by=somebody, now=now)
    saved_views.save("invoices", f"{NAME}, open", "status=open", shared=False, by=somebody, now=now)
    saved_views.save("customers", "The one", urlencode({"q": f"email:{EMAIL}"}), shared=False, by=somebody, now=now)
    saved_views.save("payments", "Her card", "q=last4%3A9713", shared=False, by=somebody, now=now)
    saved_views.save("invoices", "All late ones", "status=past_due", shared=False, by=somebody, now=now)
    for words in (EMAIL, NAME.casefold(), LAST4, "zora.quastenflosser"):
        audit.record("paydesk.search.made", at=now, actor=somebody, personal={"words": words})
    audit.record("paydesk.search.made", at=now, actor=somebody, personal={"words": "somebody else"})
    request_export("customers", format="csv", conditions=urlencode({"q": FORMER}), zone="UTC", now=now, by=somebody)
    export = request_export("customers", format="csv", conditions="", zone="UTC", now=now, by=somebody).export
    Export.objects.filter(pk=export.pk).update(state=Export.State.COMPLETE, expires_at=now + timedelta(hours=24))
    ExportPiece.objects.create(export=export, number=0, body=f"{person},{NAME},{EMAIL}".encode())
    ResyncRun.objects.filter(target=person).update(reason="She says that she paid")
    payload = event(type="customer.updated") | {"data": {"object": {"id": person, "email": EMAIL}}}
    a_delivery(customer_id=person, object_id=person, payload=payload)
    a_delivery(customer_id="", object_id=invoice.pk, payload={"customer_name": NAME}, state="quarantined")


def test_nothing_of_the_person_stands_in_any_table(person) -> None:
    somebody = a_user("Admin")
    what_the_staff_left(person, somebody)
    sums = Invoice.objects.filter(customer_id=person).aggregate(Sum("total"), Sum("amount_paid"))
    assert len(traces()) > 20

    erase(person, now=timezone.now(), by=somebody, reason="They asked for it")

    assert traces() == []
    assert Invoice.objects.filter(customer_id=person).aggregate(Sum("total"), Sum("amount_paid")) == sums
    assert sums["amount_paid__sum"] > 0


def test_what_is_about_others_stays(person) -> None:
    somebody = a_user("Admin")
    what_the_staff_left(person, somebody)

    erase(person, now=timezone.now(), by=somebody)

    assert list(Note.objects.exclude(body="").values_list("body", flat=True)) == ["Pays by hand."]
    assert Note.objects.filter(body="", deleted_at__isnull=False, author_name=somebody.username).count() == 3
    assert list(SavedView.objects.values_list("name", flat=True)) == ["All late ones"]
    assert AuditPersonal.objects.filter(body={"words": "somebody else"}).exists()
    others = Customer.objects.exclude(pk=person)
    assert others.exclude(email="").exists()
    assert (
        ObjectVersion.objects.filter(object_id=others.exclude(email="").first().pk, stripe_data__email=None).count()
        == 0
    )


def test_what_stripe_still_says_is_not_taken_in_again(person, stripe) -> None:
    erase(person, now=timezone.now())
    theirs = Charge.objects.filter(customer_id=person).order_by("pk").first()
    refund = {"id": "re_afterwards00001", "object": "refund", "charge": theirs.pk, "amount": 1, "currency": "eur"}
    stripe.put(refund | {"status": "succeeded", "created": 1_795_000_000, "metadata": {"why": NAME}})

    assert resync("all").state == "complete"
    assert resync(theirs.pk).state == "complete"

    assert traces() == []
    assert not ResyncFinding.objects.filter(run=ResyncRun.objects.latest("created_at"), kind="changed").exists()


def test_a_comparison_finds_no_difference_and_shows_nothing(person) -> None:
    erase(person, now=timezone.now())

    run = resync("all", kind=ResyncRun.Kind.COMPARE)

    ids = set(Invoice.objects.filter(customer_id=person).values_list("pk", flat=True)) | {person}
    assert not run.findings.filter(object_id__in=ids).exists()
    assert traces() == []


def test_the_read_model_says_what_is_left(person) -> None:
    erase(person, now=timezone.now())

    assert list(rebuild(check_only=True)) == []
    customer = Customer.objects.get(pk=person)
    assert (customer.email, customer.name, customer.phone, customer.country) == ("", "", "", "DE")
    assert customer.deleted_at


def test_the_trail_holds_and_says_who_erased_whom(person) -> None:
    somebody = a_user("Admin")
    what_the_staff_left(person, somebody)
    sealing.seal_due(timezone.now)

    erase(person, now=timezone.now(), by=somebody, reason="They asked for it")

    sealing.seal_due(timezone.now)
    verified = verifying.verify()
    assert verified.holds
    assert verified.erased >= 4
    entry = AuditEntry.objects.get(action="paydesk.erasure.made")
    assert (entry.target, entry.actor_name) == (person, somebody.username)
    assert entry.personal.body == {"reason": "They asked for it"}


def test_a_file_that_stands_goes_and_one_that_is_made_begins_anew(person) -> None:
    somebody = a_user("Admin")
    what_the_staff_left(person, somebody)
    running_one = request_export("invoices", format="csv", conditions="", zone="UTC", now=timezone.now(), by=somebody)
    Export.objects.filter(pk=running_one.export.pk).update(state=Export.State.RUNNING, claim=4)

    erase(person, now=timezone.now())

    assert not ExportPiece.objects.exists()
    states = dict(Export.objects.values_list("list", "state"))
    assert states == {"customers": Export.State.EXPIRED, "invoices": Export.State.QUEUED}
    assert Export.objects.get(list="invoices").claim == 5


def test_a_webhook_that_comes_afterwards_loses_its_payload_within_the_hour(person) -> None:
    erase(person, now=timezone.now())
    a_delivery(customer_id=person, object_id=person, payload={"email": EMAIL}, state="quarantined")

    prune_due(timezone.now)

    assert traces() == []
    assert Delivery.objects.filter(customer_id=person).exists()


def test_twice_is_as_good_as_once(person) -> None:
    erase(person, now=timezone.now(), reason="They asked for it")
    before = ObjectVersion.objects.count()

    erase(person, now=timezone.now())

    assert AuditPersonal.objects.get(entry__action="paydesk.erasure.made").body == {"reason": "They asked for it"}

    assert ObjectVersion.objects.count() == before
    assert traces() == []


def test_the_page_says_that_it_was_erased_and_who_wrote_a_note(person, client) -> None:
    somebody = a_user("Support")
    notes.write(person, f"Write to {EMAIL}", by=somebody, now=timezone.now())
    erase(person, now=timezone.now())
    client.force_login(somebody)

    page = client.get(f"/console/customers/{person}/").content.decode()

    assert "Who this customer was is erased." in page
    assert f"A note by <bdi>{somebody.username}</bdi> was erased with the customer." in page
    assert not TELLING.search(page)


def test_the_command_says_what_it_did(person, capsys) -> None:
    call_command("erase", person, reason="Asked for by letter")

    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{person} is erased: ")


def test_one_who_is_a_customer_at_stripe_still_is_not_erased(stripe) -> None:
    resync("customer")
    key = Customer.objects.order_by("pk").first().pk

    with pytest.raises(NotPossible, match="not deleted in Stripe"):
        erase(key, now=timezone.now())
    with pytest.raises(CommandError, match="No customer cus_nobody"):
        call_command("erase", "cus_nobody")

    assert not AuditEntry.objects.filter(action="paydesk.erasure.made").exists()
