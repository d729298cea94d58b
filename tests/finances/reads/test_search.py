import pytest

from finances.mirror.projections.values import dialled, search_text
from finances.models import Customer, FormerEmail, Payment, Subscription
from finances.reads.search import (
    MOST_WORDS,
    found_customers,
    found_customers_ever,
    found_with_attempts,
    found_with_customer,
    matching,
    search_words,
)
from tests.factories import NOON, a_charge, a_customer, a_payment, a_subscription


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


@pytest.mark.parametrize("accent", ["\u0301", "´", "\x00 \u0308"])
def test_an_accent_alone_is_looked_for_in_vain(db, accent: str) -> None:
    a_customer(name="Müller")

    assert list(matching(Customer.objects.all(), accent)) == []


def test_a_customer_is_found_by_a_whole_e_mail_that_it_had_before(db) -> None:
    moved, other = a_customer(name="Ada", email="new@example.test"), a_customer(name="Ada", email="ada@example.test")
    FormerEmail.objects.create(customer_id=moved.pk, email="jose@example.test", until=NOON)

    def found(text: str) -> set[str]:
        ever = found_customers_ever(Customer.objects.all(), text)
        assert set(Customer.objects.filter(ever.condition)) == set(Customer.objects.filter(ever.rows))
        return set(ever.ids or ())

    assert found("José@example.test") == found("ada JOSE@example.test") == {moved.pk}
    assert found("@example.test") == {moved.pk, other.pk}
    assert found("grace jose@example.test") == found("ose@example.test") == set()
    assert found("jose@example.test ada@example.test") == set()


def test_a_subscription_is_found_by_its_customers_name_and_its_own_id_together(db) -> None:
    theirs = a_subscription(a_customer(name="Müller"))
    a_subscription(a_customer(name="Meier"))

    found = found_with_customer(Subscription.objects.all(), f"MÜLLER {theirs.id}")
    assert found.ids == {theirs.id}
    assert list(Subscription.objects.filter(found.condition)) == [theirs]


def with_phone(phone: str) -> Customer:
    return a_customer(id=f"cus_{len(phone)}", phone=phone, search_text=search_text("cus_a", phone, dialled(phone)))


@pytest.mark.parametrize("stored", ["+1555611669", "+1 (555) 611-669"])
@pytest.mark.parametrize(
    "typed",
    [
        *("+1555611669", "1555611669", "+1 555 611 669", "+1 (555) 611-669", "555-611-669", "611669", "611 669"),
        *("0555 611669", "001 555 611669", "+1 (0)555 611-669"),
    ],
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
