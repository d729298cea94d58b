"""Back from Stripe's dashboard: who may has it read anew, others wait for its webhook."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from finances.models import AuditEntry, ResyncRun
from tests.factories import a_charge, a_customer, a_delivery, a_dispute, a_payment, a_refund, a_user, an_invoice, seen

pytestmark = pytest.mark.django_db
ADDRESS = "/console/read-anew/"


@pytest.fixture
def customer():
    return a_customer()


def looks(client, customer, since, **more) -> str:
    return client.get(ADDRESS, {"target": customer.id, "since": since.isoformat(), **more}).content.decode()


def test_who_may_resync_has_the_object_read_anew(client, admin, customer) -> None:
    client.force_login(admin)

    part = client.post(ADDRESS, {"target": customer.id}).content.decode()

    run = ResyncRun.objects.get()
    assert (run.target, run.requested_by) == (customer.id, admin)
    assert AuditEntry.objects.filter(action="paydesk.resync.requested", target=customer.id).exists()
    assert f"run={run.pk}" in part
    assert "this is being read anew" in part


def test_coming_back_twice_is_one_run(client, admin, customer) -> None:
    client.force_login(admin)

    for _ in range(2):
        client.post(ADDRESS, {"target": customer.id})

    assert ResyncRun.objects.count() == 1


def test_others_ask_nothing_of_stripe_and_wait_for_its_webhook(client, support, customer) -> None:
    client.force_login(support)
    since = timezone.now() - timedelta(minutes=1)

    part = client.post(ADDRESS, {"target": customer.id}).content.decode()
    assert "as soon as Stripe tells us of it" in part
    assert not ResyncRun.objects.exists()
    assert 'hx-trigger="load delay:1s"' in looks(client, customer, since)
    a_delivery(customer_id=customer.id, object_id="in_1", processed_at=timezone.now())

    part = looks(client, customer, since)
    assert 'hx-select="#object"' in part
    assert f'hx-get="/console/customers/{customer.id}/"' in part


def test_a_refund_made_in_stripe_draws_the_page_of_its_payment_anew(client, support, customer) -> None:
    """Stripe's events are about the charge and the refund, never about the payment's intent."""
    client.force_login(support)
    refund = a_refund(a_charge(payment := a_payment(customer)))
    since = timezone.now()

    assert "delay:1s" in looks(client, payment, since)
    seen(refund.id, since)

    part = looks(client, payment, since)
    assert f'hx-get="/console/payments/{payment.id}/"' in part
    assert 'hx-select="#object"' in part


def test_the_pages_of_a_payment_and_a_dispute_take_the_answer(client, admin, customer) -> None:
    client.force_login(admin)
    dispute = a_dispute(a_charge(payment := a_payment(customer)))

    for page, target in ((f"payments/{payment.id}", payment.id), (f"disputes/{dispute.id}", dispute.id)):
        html = client.get(f"/console/{page}/").content.decode()

        assert f'<input type="hidden" name="target" value="{target}">' in html
        assert "data-to-stripe" in html
        assert '<div id="object">' in html


def test_the_page_is_drawn_anew_once_the_run_has_ended(client, admin, customer) -> None:
    client.force_login(admin)
    client.post(ADDRESS, {"target": customer.id})
    run = ResyncRun.objects.get()
    seen(customer.id, timezone.now())

    assert "delay:1s" in looks(client, customer, run.created_at, run=run.pk), "what hangs on it is still being read"
    ResyncRun.objects.update(state="complete")

    assert 'hx-select="#object"' in looks(client, customer, run.created_at, run=run.pk)


def test_it_does_not_wait_for_ever(client, support, customer) -> None:
    client.force_login(support)

    part = looks(client, customer, timezone.now(), looks=40)

    assert "Nothing new has come from Stripe yet." in part
    assert "hx-get" not in part


@pytest.mark.parametrize(
    "asked", [{"since": "x", "looks": "-1", "run": "y"}, {"since": "2026-01-01", "looks": "9" * 30}]
)
def test_what_does_not_read_is_no_error(client, support, customer, asked) -> None:
    client.force_login(support)

    assert client.get(ADDRESS, {"target": customer.id} | asked).status_code == 200


def test_it_takes_the_right_to_see_the_object(client, customer) -> None:
    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_customer", content_type__app_label="paydesk"))
    client.force_login(person)

    assert client.get(ADDRESS, {"target": customer.id}).status_code == 200
    assert client.get(ADDRESS, {"target": an_invoice(customer).id}).status_code == 403
    assert client.get(ADDRESS, {"target": a_payment(customer).id}).status_code == 403
    assert client.get(ADDRESS, {"target": a_dispute(a_charge(a_payment(customer))).id}).status_code == 403
    assert client.get(ADDRESS, {"target": "all"}).status_code == 403
