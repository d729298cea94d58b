from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from dashboard.pages.go import LISTED
from finances.models import FormerEmail, Refund, ResyncRun, SubscriptionSchedule
from finances.reads.go import hits
from tests.factories import (
    NOON,
    a_balance_transaction,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_dispute,
    a_payment,
    a_payment_method,
    a_payout,
    a_price,
    a_product,
    a_promotion_code,
    a_refund,
    a_subscription,
    a_tax_rate,
    a_user,
    an_invoice,
    an_item,
)

pytestmark = pytest.mark.django_db


def go(client, words: str, **options):
    return client.get("/console/go/", {"q": words}, **options)


def test_an_exact_id_number_or_run_goes_straight_to_its_page(client, support):
    customer = a_customer()
    subscription, delivery = a_subscription(customer), a_delivery()
    invoice = an_invoice(customer, number="NV-2026-0117")
    run = ResyncRun.objects.create(target="customer", created_at=NOON)
    client.force_login(support)

    found = {
        words: go(client, words).headers["Location"]
        for words in (customer.pk, f"  {subscription.pk} ", invoice.pk, delivery.pk, str(run.pk), "nv-2026-0117")
    }

    assert list(found.values()) == [
        f"/console/customers/{customer.pk}/",
        f"/console/subscriptions/{subscription.pk}/",
        f"/console/invoices/{invoice.pk}/",
        f"/console/webhooks/{delivery.pk}/",
        f"/console/resyncs/{run.pk}/",
        f"/console/invoices/{invoice.pk}/",
    ]


def test_an_id_of_what_money_did_leads_to_the_page_that_shows_it(client, support):
    customer = a_customer()
    payment = a_payment(customer)
    charge = a_charge(payment)
    refund, dispute = a_refund(charge), a_dispute(charge)
    client.force_login(support)

    def leads_to(words: str) -> str:
        return go(client, words).headers["Location"]

    assert leads_to(payment.pk) == leads_to(refund.pk) == f"/console/payments/{payment.pk}/"
    assert leads_to(charge.pk) == f"/console/payments/{charge.pk}/"
    assert leads_to(dispute.pk) == f"/console/disputes/{dispute.pk}/"
    assert leads_to(a_payment_method(customer).pk) == f"/console/customers/{customer.pk}/"
    Refund.objects.update(payment_intent_id="")
    assert leads_to(refund.pk) == f"/console/payments/{charge.pk}/"


def test_an_id_of_the_catalogue_or_of_stripes_books_leads_to_its_page(client, support):
    product = a_product()
    price, note = a_price(product), a_credit_note(an_invoice(a_customer()))
    books = [a_payout(), a_balance_transaction(), a_tax_rate(), a_promotion_code(a_coupon()), note]
    client.force_login(support)

    assert go(client, price.pk).headers["Location"] == go(client, product.pk).headers["Location"]
    assert product.pk in go(client, product.pk).headers["Location"]
    for row in books:
        address = go(client, row.pk).headers["Location"]
        assert address == f"/console/paydesk/{row._meta.model_name}/{row.pk}/change/"
        assert client.get(address).status_code == 200


def test_a_method_that_nobody_has_any_more_is_said_to_belong_to_nothing(client, support):
    method = a_payment_method(a_customer(), customer_id="")
    client.force_login(support)

    page = go(client, method.pk).content.decode()
    assert f"{method.pk} belongs to nothing any more." in page
    assert "is not here" not in page


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


def test_an_id_that_was_never_read_can_be_read_now(client, admin, support):
    client.force_login(admin)
    page = go(client, "cus_unknown").content.decode()
    assert "cus_unknown is not here" in page
    assert 'name="target" value="cus_unknown"' in page

    client.force_login(support)
    assert 'name="target"' not in go(client, "cus_unknown").content.decode()


def test_what_a_role_may_not_see_it_is_neither_led_to_nor_shown(client):
    customer = a_customer(search_text="findme", name="Findme Ltd")
    invoice = an_invoice(customer, number="FIND-1", search_text="findme find-1")
    person = a_user()
    person.user_permissions.add(Permission.objects.get(codename="view_customer", content_type__app_label="paydesk"))
    client.force_login(person)

    assert "FIND-1" not in go(client, "findme").content.decode()
    for words in (invoice.pk, "FIND-1"):
        assert go(client, words).status_code == 200
        assert "/console/invoices/in_" not in go(client, words).content.decode()


def test_without_words_it_goes_back_but_never_to_another_site(client, support):
    client.force_login(support)

    assert (
        go(client, " ", headers={"referer": "http://testserver/console/webhooks/"})
        .headers["Location"]
        .endswith("/webhooks/")
    )
    assert go(client, "", headers={"referer": "https://evil.example/"}).headers["Location"] == "/console/"


@pytest.mark.parametrize(
    "words", ["%", "_", "\\", "'", '"', "\x00", "x" * 5000, "<script>alert(1)</script>", "cus_", "🦊", "‮"]
)
def test_odd_words_are_only_words(client, support, words):
    client.force_login(support)

    answer = go(client, words)

    assert answer.status_code in (200, 302)
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("query", ["", "?s=nord", "?s=nord&page=x"])
def test_the_address_of_unfolds_palette_leads_to_the_one_search(client, support, query):
    client.force_login(support)

    assert client.get(f"/console/search/{query}").headers["Location"] == "/console/go/"


@pytest.mark.parametrize(
    "around", ["https://dashboard.stripe.com/test/customers/{}", "‹{}›", "“{}”", "see {}, please", "\u200b{}"]
)
def test_an_id_inside_of_what_was_pasted_leads_to_its_page(client, support, around):
    customer = a_customer(id="cus_R7kQ2mVx9TbLpA")
    client.force_login(support)

    answer = client.get("/console/go/", {"q": around.format(customer.id)})

    assert answer.headers["Location"] == f"/console/customers/{customer.id}/"


def test_a_coupons_id_or_code_goes_to_its_page(client, support):
    coupon = a_coupon(id="HARBOUR10")
    a_promotion_code(coupon, code="AHOY25")
    client.force_login(support)

    found = [go(client, words).headers["Location"] for words in ("HARBOUR10", "ahoy25")]

    assert found == ["/console/discounts/HARBOUR10/"] * 2


def test_a_part_of_an_id_that_matches_is_not_called_unknown(client, support):
    payment = a_payment(a_customer())
    client.force_login(support)

    page = go(client, payment.pk[:12]).content.decode()

    assert payment.pk in page
    assert "is not here" not in page


def test_an_e_mail_that_a_customer_had_before_finds_it(client, support):
    customer = a_customer(name="Nordlicht", email="new@nordlicht.test")
    FormerEmail.objects.create(customer_id=customer.pk, email="old@nordlicht.test", until=NOON)
    client.force_login(support)

    page = go(client, "Old@Nordlicht.test").content.decode()

    assert f"/console/customers/{customer.pk}/" in page
    assert "had this e-mail until" in page
    assert "Nothing matches" not in page


def test_the_applications_own_user_finds_its_customer(client, support):
    customer = a_customer(name="Nordlicht", subscriber_id="811")
    a_customer(subscriber_id="8110")
    client.force_login(support)

    page = go(client, "811").content.decode()

    assert f"/console/customers/{customer.pk}/" in page
    assert page.count("User <bdi>811") == 1


def test_an_e_mail_or_a_user_of_one_customer_goes_straight_to_it(client, support):
    customer = a_customer(name="Nordlicht", email="Office@nordlicht.test", subscriber_id="tenant-811")
    a_customer(email="office@nordlicht.test.example")
    client.force_login(support)

    for words in ("office@nordlicht.test", " Office@Nordlicht.test ", "tenant-811"):
        assert go(client, words).headers["Location"] == f"/console/customers/{customer.pk}/"


def test_an_e_mail_that_two_have_or_one_had_is_for_a_person_to_choose(client, support):
    first, second = a_customer(email="shared@nordlicht.test"), a_customer(email="shared@nordlicht.test")
    one, other = a_customer(email="passed-on@nordlicht.test"), a_customer(email="new@nordlicht.test")
    FormerEmail.objects.create(customer_id=other.pk, email="passed-on@nordlicht.test", until=NOON)
    client.force_login(support)

    for words, customers in (("shared@nordlicht.test", (first, second)), ("passed-on@nordlicht.test", (one, other))):
        page = go(client, words).content.decode()
        assert all(f"/console/customers/{each.pk}/" in page for each in customers)


def test_from_a_payment_or_an_invoice_that_was_found_it_is_one_click_to_the_customer(client, support):
    payer, debtor = a_customer(name="Pays"), a_customer(name="Owes")
    a_charge(a_payment(payer), last4="4866", search_text="ch_1 4866")
    an_invoice(debtor, number="NV-4866-1")
    client.force_login(support)

    page = go(client, "4866").content.decode()

    for customer in (payer, debtor):
        assert f'href="/console/customers/{customer.pk}/"' in page


def test_other_names_are_for_who_may_see_customers(client):
    a_customer(subscriber_id="811")
    client.force_login(a_user())

    assert go(client, "811").status_code == 403


def test_an_id_of_a_schedule_or_an_item_leads_to_the_subscription(client, support):
    customer = a_customer()
    subscription = a_subscription(customer)
    item = an_item(subscription)
    for key, owner in (("sub_sched_1SgW0bKx8rFq2LmT", subscription.pk), ("sub_sched_2SgW0bKx8rFq2LmT", "")):
        SubscriptionSchedule.objects.create(id=key, customer_id=customer.pk, subscription_id=owner, created_at=NOON)
    client.force_login(support)

    for words in (item.pk, "sub_sched_1SgW0bKx8rFq2LmT", "see sub_sched_1SgW0bKx8rFq2LmT, please"):
        assert go(client, words).headers["Location"] == f"/console/subscriptions/{subscription.pk}/"
    assert go(client, "sub_sched_2SgW0bKx8rFq2LmT").headers["Location"] == f"/console/customers/{customer.pk}/"


def test_what_is_only_read_with_something_else_is_not_offered_to_be_read_alone(client, admin):
    client.force_login(admin)

    page = go(client, "si_unknown").content.decode()
    assert "si_unknown is not here" in page
    assert 'name="target"' not in page
    assert 'name="target" value="sub_sched_unknown"' in go(client, "sub_sched_unknown").content.decode()


def test_the_number_of_a_credit_note_goes_straight_to_it(client, support):
    invoice = an_invoice(a_customer(), number="8AUJLCKC-0016")
    note = a_credit_note(invoice, number="8AUJLCKC-0016-CN-02")
    client.force_login(support)

    assert go(client, "8aujlckc-0016-cn-02").headers["Location"] == f"/console/paydesk/creditnote/{note.pk}/change/"
    assert go(client, "8AUJLCKC-0016").headers["Location"] == f"/console/invoices/{invoice.pk}/"


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
