import pytest
from django.contrib.auth.models import Permission

from finances.models import FormerEmail, Refund, ResyncRun, SubscriptionSchedule
from tests.dashboard.pages.going import go
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
    an_invoice(a_customer(), number="NV-811", search_text="nv-811")
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


def test_the_number_of_a_user_goes_straight_to_its_customer_where_it_is_nothing_else(client, support):
    customer = a_customer(id="cus_Ada", email="ada@example.test", name="Ada", subscriber_id="1042")
    a_subscription(customer, id="sub_Ada", search_text="sub_ada cus_ada")
    client.force_login(support)

    assert go(client, "1042").url == f"/console/customers/{customer.id}/"

    a_charge(a_payment(a_customer(name="Grace")), last4="1042", search_text="1042")
    page = go(client, "1042").content.decode()
    assert "Ada" in page
    assert "Grace" in page
