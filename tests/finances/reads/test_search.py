import pytest

from finances.mirror.projections.values import dialled, search_text
from finances.models import Customer, Payment, Subscription
from finances.reads.search import (
    MOST_WORDS,
    found_customers,
    found_with_attempts,
    found_with_customer,
    matching,
    search_words,
)
from tests.factories import a_charge, a_customer, a_payment, a_subscription


@pytest.mark.parametrize("text", ["Straße", "ＡＣＭＥ Ltd", "ΣΊΣΥΦΟΣ", "İstanbul", "ﬁn", "Łódź"])
def test_a_query_is_folded_exactly_as_the_mirror_folds_what_it_searches(text: str) -> None:
    assert " ".join(search_words(text)) == search_text(text)


def test_every_word_has_to_match_in_any_order(db) -> None:
    both = a_customer(name="Nordlicht Verlag", search_text=search_text("Nordlicht Verlag"))
    a_customer(name="Nordlicht", search_text=search_text("Nordlicht"))

    assert list(matching(Customer.objects.all(), "verlag NORD")) == [both]


def test_wildcards_of_like_are_plain_characters(db) -> None:
    a_customer(search_text="plain")
    percent = a_customer(search_text="100%_off")

    assert list(matching(Customer.objects.all(), "%_")) == [percent]


def test_a_long_query_is_cut_to_its_first_words(db) -> None:
    assert len(search_words("a " * 500)) == MOST_WORDS


def test_a_subscription_is_found_by_its_customers_name_and_its_own_id_together(db) -> None:
    theirs = a_subscription(a_customer(search_text="müller"))
    a_subscription(a_customer(search_text="meier"))

    found = found_with_customer(Subscription.objects.all(), f"MÜLLER {theirs.id}")
    assert found.ids == {theirs.id}
    assert list(Subscription.objects.filter(found.condition)) == [theirs]


def with_phone(phone: str) -> Customer:
    return a_customer(id=f"cus_{len(phone)}", phone=phone, search_text=search_text("cus_a", phone, dialled(phone)))


@pytest.mark.parametrize("stored", ["+1555611669", "+1 (555) 611-669"])
@pytest.mark.parametrize(
    "typed", ["+1555611669", "1555611669", "+1 555 611 669", "+1 (555) 611-669", "555-611-669", "611669", "611 669"]
)
def test_a_customer_is_found_by_telephone_however_it_is_written(db, stored: str, typed: str) -> None:
    theirs = with_phone(stored)
    with_phone("+1555")

    assert found_customers(Customer.objects.all(), typed).ids == {theirs.pk}


def test_the_last_digits_of_a_card_do_not_find_who_has_them_in_a_telephone_number(db) -> None:
    caller = with_phone("+1555424266")
    a_payment(caller)
    paid = a_payment(a_customer())
    a_charge(paid, last4="4242", search_text="ch_1 4242")
    studio = a_customer(name="Studio 4242")

    assert found_customers(Customer.objects.all(), "4242").ids == {studio.pk}
    assert found_with_attempts(Payment.objects.all(), "4242").ids == {paid.pk}


def test_a_payment_is_found_by_its_receipts_number(db) -> None:
    paid = a_payment(a_customer())
    a_charge(paid, search_text="ch_1 4242 2847-1932")
    a_charge(a_payment(a_customer()), search_text="ch_2 4242")

    assert found_with_attempts(Payment.objects.all(), "2847-1932").ids == {paid.pk}
