"""What the one search shows where it does not lead straight to one page."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from dashboard.pages.go import LISTED
from finances.models import FormerEmail
from finances.reads.go import hits
from tests.dashboard.pages.going import go
from tests.factories import (
    NOON,
    a_charge,
    a_credit_note,
    a_customer,
    a_payment,
    a_payment_method,
    a_product,
    a_subscription,
    a_user,
    an_invoice,
    an_item,
)

pytestmark = pytest.mark.django_db


def test_payments_are_found_by_last_four_digits_charge_and_customer(client, support):
    payment = a_payment(a_customer(name="Müller"), amount=152796, description="Subscription update")
    charge = a_charge(payment, id="ch_odd-id", brand="mastercard", search_text="ch_odd-id 5100")
    client.force_login(support)

    for words in ("5100", "müller", charge.id):
        page = go(client, words).content.decode()
        assert f"/console/payments/{payment.pk}/" in page, words
        assert "1,527.96" in page
        assert "Mastercard" in page


def test_a_customers_name_lists_what_that_customer_subscribes_to(client, support):
    customer = a_customer(name="Jörg Müller")
    subscription = a_subscription(customer, status="past_due", mrr=Decimal(5800))
    an_item(subscription, a_product(name="Harbour"))
    a_subscription(a_customer(name="Grace Hopper"))
    client.force_login(support)

    page = go(client, "muller").content.decode()

    assert page.count('href="/console/subscriptions/sub_') == 1
    row = page[page.index(f'href="/console/subscriptions/{subscription.pk}/"') :]
    assert row.index("Harbour") < row.index("Jörg Müller") < row.index("Past due") < row.index("58.00")


def test_whose_subscriptions_are_not_looked_for_where_a_name_says_nobody(client, support, monkeypatch):
    monkeypatch.setattr("finances.reads.go.MOST_WHOSE", 1)
    for _ in range(2):
        a_subscription(a_customer(name="Anna"))
    client.force_login(support)

    page = go(client, "anna").content.decode()

    assert page.count('href="/console/customers/cus_') == 2
    assert "/console/subscriptions/sub_" not in page


def test_a_customer_found_by_telephone_is_shown_with_the_number(client, support):
    a_customer(name="Ada", phone="+1 (555) 611-669", search_text="ada +1 (555) 611-669 +1555611669")
    client.force_login(support)

    assert "<bdi>+1 (555) 611-669</bdi>" in go(client, "555 611 669").content.decode()
    assert "<bdi>+1 (555) 611-669</bdi>" in go(client, "ada 611669").content.decode()
    assert "611-669" not in go(client, "ada").content.decode()


def test_credit_notes_are_found_by_a_part_of_their_number_or_id(client, support):
    note = a_credit_note(an_invoice(a_customer(name="Nordlicht")), number="8AUJLCKC-0016-CN-02", total=1900)
    client.force_login(support)

    for words in ("0016-cn", note.pk[:-1]):
        page = go(client, words).content.decode()
        assert f'href="/console/paydesk/creditnote/{note.pk}/change/"' in page, words
        assert "Nordlicht" in page
        assert "19.00" in page


def test_a_search_asks_no_more_for_many_than_for_one(client, support, django_assert_max_num_queries):
    for _ in range(3):
        customer = a_customer(name="Nordlicht")
        an_item(a_subscription(customer))
        a_credit_note(an_invoice(customer), number="nordlicht-1")
        a_charge(a_payment(customer))

    with django_assert_max_num_queries(19):
        found = hits("nordlicht", frozenset(LISTED), NOON)

    assert [*map(len, (found.customers, found.subscriptions, found.invoices, found.credit_notes))] == [3] * 4
    assert len(found.payments) == 3


def test_payments_are_not_shown_to_whom_they_are_not_open(client):
    a_charge(payment := a_payment(a_customer(search_text="findme")))
    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_customer", content_type__app_label="paydesk"))
    client.force_login(person)

    assert "/console/payments/" not in go(client, "findme").content.decode()
    assert go(client, payment.pk).status_code == 200


def test_words_are_found_whatever_their_case_width_and_accents(client, support):
    a_customer(name="ZOË O’Brien")
    a_customer(name="Somebody else")
    client.force_login(support)

    for words in ("zoë", "ZOË o’brien", "Ｚoë", "zoe", "Zoé O'Brien"):
        page = go(client, words).content.decode()
        assert "O’Brien" in page
        assert "Somebody else" not in page


def test_eight_of_a_kind_are_shown_and_the_rest_is_a_link_away(client, support):
    for _ in range(9):
        a_customer(search_text="many of them")
    client.force_login(support)

    page = go(client, "many").content.decode()

    assert page.count('href="/console/customers/cus_') == 8
    assert 'href="/console/customers/?q=many"' in page


def test_two_invoices_of_one_number_are_both_shown(client, support):
    for _ in range(2):
        an_invoice(a_customer(), number="DUP-1")
    client.force_login(support)

    assert go(client, "DUP-1").content.decode().count(">DUP-1</a>") == 2


def test_from_a_payment_or_an_invoice_that_was_found_it_is_one_click_to_the_customer(client, support):
    payer, debtor = a_customer(name="Pays"), a_customer(name="Owes")
    a_charge(a_payment(payer), last4="4866", search_text="ch_1 4866")
    an_invoice(debtor, number="NV-4866-1")
    client.force_login(support)

    page = go(client, "4866").content.decode()

    for customer in (payer, debtor):
        assert f'href="/console/customers/{customer.pk}/"' in page


def test_words_that_only_lists_take_lead_to_the_lists_that_know_them(client, support):
    client.force_login(support)

    page = go(client, "status:past_due").content.decode()

    assert "are for the search of a list" in page
    for name in ("customers", "subscriptions", "invoices"):
        assert f'href="/console/{name}/?status=past_due"' in page
    assert 'href="/console/refunds/?' not in page
    assert 'href="/console/invoices/?q=-email%3Ax' in go(client, "-email:x amount:>100").content.decode()


def test_no_list_is_named_for_plain_words_or_for_words_that_none_knows(client, support):
    client.force_login(support)

    for words in ("nobody", "colour:red"):
        page = go(client, words).content.decode()
        assert "Nothing matches" in page
        assert "are for the search of a list" not in page


def test_no_list_is_named_that_is_not_open_to_the_role(client):
    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_customer", content_type__app_label="paydesk"))
    client.force_login(person)

    page = go(client, "status:past_due").content.decode()

    assert 'href="/console/customers/?status=past_due"' in page
    assert "/console/invoices/" not in page


def test_who_had_an_e_mail_before_comes_with_what_they_subscribe_to(client, support):
    for name in ("Ada", "Grace"):
        customer = a_customer(name=name)
        an_item(a_subscription(customer), a_product(name=f"Harbour of {name}"))
        FormerEmail.objects.create(customer_id=customer.id, email="team@old.example", until=NOON)
    client.force_login(support)

    page = go(client, "team@old.example").content.decode()

    assert "Harbour of Ada" in page
    assert "Harbour of Grace" in page


def test_a_customers_line_says_how_they_stand(client, support):
    for _ in range(2):
        customer = a_customer(name="Nordlicht")
    an_item(a_subscription(customer, status="past_due", mrr=Decimal(5800)), a_product(name="Harbour"))
    an_invoice(customer, status="open", amount_remaining=1200)
    client.force_login(support)

    page = go(client, "nordlicht").content.decode()
    row = page[page.index(f'href="/console/customers/{customer.pk}/"') :].partition("</tr>")[0]
    for words in ("Past due", "Harbour", "58.00", "12.00"):
        assert words in row, words


def test_a_card_that_was_never_charged_finds_who_has_it(client, support):
    customer = a_customer(name="Tove")
    a_payment_method(customer, brand="visa", last4="2983")
    a_payment_method(a_customer(name="Detached"), last4="2983", customer_id="")
    client.force_login(support)

    page = go(client, "2983").content.decode()
    assert "Visa 2983" in page
    assert "Tove" in page
    assert "Detached" not in page
    listed = client.get("/console/customers/?last4=2983").content.decode()
    assert "Tove" in listed


@pytest.mark.parametrize("typed", ["statuss:past_due", "nobody statuss:past_due"])
def test_a_search_word_that_no_list_knows_is_said_with_the_nearest(client, support, typed):
    client.force_login(support)

    page = go(client, typed).content.decode()
    assert "statuss: is no search word here; it was left out. The nearest one is status:" in page


def test_a_credit_note_names_its_invoice_on_the_customers_page(client, support):
    customer = a_customer()
    a_credit_note(an_invoice(customer, number="NV-4711", created_at=NOON))
    client.force_login(support)

    page = client.get(f"/console/customers/{customer.pk}/").content.decode()
    assert "NV-4711" in page[page.index("Credit") :]
