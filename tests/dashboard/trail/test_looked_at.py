"""Who looked at whom and who searched for what is recorded before it is shown."""

import pytest

from finances.models import AuditEntry
from tests.factories import a_customer, a_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def searches() -> list[tuple[str, str]]:
    """(where, words), oldest first."""
    found = AuditEntry.objects.filter(action="paydesk.search.made").order_by("pk")
    return [(each.detail["where"], each.personal.body["words"]) for each in found]


def test_the_page_of_a_customer_is_recorded_each_time(desk, support):
    customer = a_customer()

    for _ in range(2):
        assert desk.get(f"/console/customers/{customer.pk}/").status_code == 200

    views = AuditEntry.objects.filter(action="paydesk.customer.viewed", actor=support, target=customer.pk)
    assert views.count() == 2


def test_one_that_is_not_there_or_not_for_this_person_is_not_recorded(desk, client):
    assert desk.get("/console/customers/cus_none/").status_code == 404
    client.logout()
    client.get(f"/console/customers/{a_customer().pk}/")

    assert not AuditEntry.objects.filter(action="paydesk.customer.viewed").exists()


def test_what_cannot_be_recorded_is_not_shown(desk, monkeypatch):
    customer = a_customer(name="Nordlicht Verlag")
    desk.raise_request_exception = False
    monkeypatch.setattr("finances.audit.record", lambda *_, **__: 1 / 0)

    for address in (f"customers/{customer.pk}/", "customers/?q=nordlicht", "go/?q=nordlicht"):
        answer = desk.get(f"/console/{address}")
        assert answer.status_code == 500
        assert "Nordlicht" not in answer.content.decode()


def test_words_searched_for_are_kept_where_they_can_be_erased(desk, support):
    desk.get("/console/go/?q=Ada%20Lovelace")
    desk.get("/console/customers/?q=ada&status=active")
    desk.get("/console/paydesk/payout/?q=po_1")

    assert searches() == [("Everything", "Ada Lovelace"), ("Customers", "status:active ada"), ("Payouts", "po_1")]
    assert {each.actor for each in AuditEntry.objects.filter(action="paydesk.search.made")} == {support}
    assert "Lovelace" not in str(list(AuditEntry.objects.values()))


def test_an_id_that_leads_straight_to_its_page_is_a_search_too(desk):
    customer = a_customer()

    desk.get(f"/console/go/?q={customer.pk}")

    assert searches() == [("Everything", customer.pk)]


def test_a_page_that_asks_for_itself_again_is_no_new_search(desk):
    a_delivery()
    poll = {"HX-Request": "true", "HX-Target": "deliveries"}
    typed = {"HX-Request": "true", "HX-Target": "results"}

    desk.get("/console/webhooks/?q=ada", headers=typed)
    desk.get("/console/webhooks/?q=ada", headers=poll)

    assert searches() == [("Webhooks", "ada")]


def test_a_list_without_words_is_no_search(desk):
    desk.get("/console/customers/?status=active")

    assert searches() == []
