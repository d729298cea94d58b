"""What can be asked of Stripe's objects in the search text, on rows that it is true of and on others."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard.filters.credit_notes import CreditNotesFilter
from dashboard.filters.customers import CustomersFilter
from dashboard.filters.invoices import InvoicesFilter
from dashboard.filters.payments import PaymentsFilter
from dashboard.filters.subscriptions import SubscriptionsFilter
from finances.models import (
    Delivery,
    FormerEmail,
    ObjectState,
    ResyncFinding,
    ResyncRun,
)
from tests.dashboard.filters.asking import asked, both, found
from tests.factories import (
    NOON,
    a_credit_note,
    a_customer,
    a_line,
    a_payment,
    a_product,
    a_subscription,
    an_invoice,
    an_item,
)

pytestmark = pytest.mark.django_db


def test_a_status_and_its_opposite():
    customer = a_customer()
    both(
        InvoicesFilter,
        "status:past_due",
        an_invoice(customer, status="open", due_at=NOON - timedelta(days=1)),
        an_invoice(customer, status="open"),
    )


def test_several_terms_are_true_at_once():
    customer = a_customer()
    an_invoice(customer, status="open", total=500)
    large = an_invoice(customer, status="open", total=50_000)
    an_invoice(customer, total=50_000)

    assert found(InvoicesFilter, "amount:>100 status:open") == {large}
    assert found(InvoicesFilter, "amount>100 -status:paid") == {large}


@pytest.mark.parametrize(
    ("term", "matching"),
    [
        ("amount:10", ["10.00 eur", "10 jpy", "10.000 kwd"]),
        ("amount:>=10", ["10.00 eur", "10 jpy", "10.000 kwd", "10.01 eur", "11 jpy", "10.001 kwd"]),
        (
            "amount:<1,000.00",
            [
                "10.00 eur",
                "10 jpy",
                "10.000 kwd",
                "9.99 eur",
                "9 jpy",
                "9.999 kwd",
                "10.01 eur",
                "11 jpy",
                "10.001 kwd",
            ],
        ),
        ("amount:>10", ["10.01 eur", "11 jpy", "10.001 kwd"]),
        ("amount:<10", ["9.99 eur", "9 jpy", "9.999 kwd"]),
        ("-amount:>10", ["9.99 eur", "9 jpy", "9.999 kwd", "10.00 eur", "10 jpy", "10.000 kwd"]),
    ],
)
def test_amounts_are_of_each_currency(term, matching):
    named = {}
    for text in [
        "10.00 eur",
        "10 jpy",
        "10.000 kwd",
        "10.01 eur",
        "11 jpy",
        "10.001 kwd",
        "9.99 eur",
        "9 jpy",
        "9.999 kwd",
    ]:
        amount, currency = text.split()
        minor = int(Decimal(amount).scaleb({"eur": 2, "jpy": 0, "kwd": 3}[currency]))
        named[a_payment(a_customer(), amount=minor, currency=currency)] = text

    assert {named[each] for each in found(PaymentsFilter, term)} == set(matching)


def test_a_day_that_is_no_column_of_theirs_is_true_of_none_and_its_opposite_of_all():
    customer = a_customer()
    both(
        InvoicesFilter,
        "due:>=2026-11-20",
        an_invoice(customer, due_at=NOON),
        an_invoice(customer, due_at=None),
    )


def test_a_number_is_whole_in_any_case_or_a_part():
    customer = a_customer()
    one, longer = an_invoice(customer, number="NV-0016"), an_invoice(customer, number="NV-00165")
    note, other = a_credit_note(one), a_credit_note(longer, number="CN-7")

    both(InvoicesFilter, "number:nv-0016", one, longer)
    both(CreditNotesFilter, "number:NV-0016-cn-01", note, other)
    assert found(InvoicesFilter, "number~v-0016") == {one, longer}
    both(InvoicesFilter, "number~00165", longer, one)
    assert list(asked(InvoicesFilter, "-number:16").left_out()) == ["Number: 16 is not known here; it was left out."]


def test_days_are_the_viewers():
    customer = a_customer()
    evening = an_invoice(customer, created_at=datetime(2026, 11, 1, 23, 30, tzinfo=UTC))

    with timezone.override("Europe/Berlin"):
        assert found(InvoicesFilter, "created:2026-11-02") == {evening}
        assert found(InvoicesFilter, "created:>2026-11-01") == {evening}
        assert found(InvoicesFilter, "created:<2026-11-02") == set()


def test_an_email_is_whole_in_any_case_and_may_be_a_former_one():
    ada, other = a_customer(email="Ada@Example.com"), a_customer(email="ada@example.com.br")
    yes, no = an_invoice(ada), an_invoice(other)

    both(CustomersFilter, "email:ada@example.com", ada, other)
    both(InvoicesFilter, "email:ADA@example.com", yes, no)
    FormerEmail.objects.create(customer_id=ada.id, email="old@example.com", until=NOON)
    both(InvoicesFilter, "email:OLD@example.com", yes, no)
    assert found(CustomersFilter, "email~example.com") == {ada, other}


def test_a_former_e_mail_finds_the_customer_as_a_plain_word():
    ada = a_customer(email="ada@example.com")
    other = a_customer(email="other@example.com")
    FormerEmail.objects.create(customer_id=ada.id, email="old@example.com", until=NOON)

    both(CustomersFilter, "Old@example.com", ada, other)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Jörg Müller", "muller"),
        ("Jorg Muller", "MÜLLER jörg"),
        ("Ana García", "garcia"),
        ("Łukasz Nowak", "lukasz"),
        ("Bäckerei Lange Straße", "strasse backerei"),
        ("Backerei Strasse", "STRAẞE"),
    ],
)
def test_plain_words_find_names_whatever_their_accents(name, typed):
    customer, other = a_customer(name=name), a_customer(name="Grace Hopper")

    assert found(CustomersFilter, typed) == {customer}
    assert found(CustomersFilter, "-" + typed.split()[0]) == {other}
    theirs = a_subscription(customer), an_invoice(customer), a_payment(customer)
    for filters, row in zip((SubscriptionsFilter, InvoicesFilter, PaymentsFilter), theirs, strict=True):
        assert found(filters, typed) == {row}


def test_a_name_is_whole_or_a_part():
    ada, other = a_customer(name="Ada  Lovelace"), a_customer(name="Ada Lovelace-King")

    assert found(CustomersFilter, 'name:"ada  lovelace"') == {ada}
    assert found(CustomersFilter, "name~lace") == {ada, other}
    both(CustomersFilter, "name~king", other, ada)


def test_the_applications_own_user_and_the_country_are_the_customers():
    ada = a_customer(subscriber_id="42", country="DE")
    other = a_customer(subscriber_id="7", country="FR")

    both(SubscriptionsFilter, "user:42", mine := a_subscription(ada), theirs := a_subscription(other))
    both(SubscriptionsFilter, "country:de", mine, theirs)
    both(CustomersFilter, "user:42", ada, other)


def test_products_of_items_and_of_lines():
    ada, other = a_customer(), a_customer()
    product = a_product()
    subscription, without = a_subscription(ada), a_subscription(other)
    an_item(subscription, product)
    yes, no = an_invoice(ada), an_invoice(other)
    a_line(yes, product_id=product.id)

    both(SubscriptionsFilter, f"product:{product.id}", subscription, without)
    both(CustomersFilter, f"product:{product.id}", ada, other)
    both(InvoicesFilter, f"product:{product.id}", yes, no)


def test_what_differs_from_stripe():
    ada, other = a_customer(), a_customer()
    run = ResyncRun.objects.create(kind="compare", target="all", created_at=NOON)
    ResyncFinding.objects.create(
        run=run, object_id=ada.id, object_type="customer", kind="changed", stands=True, found_at=NOON
    )

    both(CustomersFilter, "drift:yes", ada, other)
    both(CustomersFilter, "drift:no", other, ada)


def test_what_was_not_read_for_long():
    ada, other = a_customer(), a_customer()
    for row, ago in ((ada, 2), (other, 0.5)):
        seen = NOON - timedelta(hours=ago)
        ObjectState.objects.create(object_id=row.id, type="customer", ticket=1, content_hash=b"", seen_at=seen)

    both(CustomersFilter, "stale:>1h", ada, other)
    both(CustomersFilter, "stale:>90m", ada, other)
    assert found(CustomersFilter, "stale:>3h") == set()


def test_what_an_event_was_about():
    ada, other = a_customer(), a_customer()
    Delivery.objects.create(
        event_id="evt_1", event_type="customer.updated", object_id=ada.id, created_at=NOON, received_at=NOON
    )

    both(CustomersFilter, "event:evt_1", ada, other)


def test_a_word_is_left_out_wherever_it_stands():
    ada, other = a_customer(name="Ada Lovelace"), a_customer(name="Grace Hopper")
    mine, theirs = a_subscription(ada), a_subscription(other)

    assert found(CustomersFilter, "-hopper") == {ada}
    assert found(SubscriptionsFilter, "-hopper") == {mine}
    assert found(SubscriptionsFilter, "-lovelace") == {theirs}


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ("colour:red", ["colour: is no search word here; it was left out. The nearest one is country:"]),
        ("-status:paidd", ["Status: paidd is not known here; it was left out. Did you mean paid?"]),
        ("amount:>many", ["Total from: many is not a number; it was left out."]),
        ("created:>=soon", ["Created from: soon is not a date; it was left out."]),
        ("status:~op", ["status: cannot be asked for by ~ here; it was left out."]),
        ('metadata["a"]:>5', ['Metadata is asked for as metadata["key"]:value; it was left out.']),
        ("metadata:5", ['Metadata is asked for as metadata["key"]:value; it was left out.']),
        ("stale:>soon", ["Not read for: soon is not known here; it was left out."]),
    ],
)
def test_what_does_not_read_changes_nothing_and_is_said(typed, sentences):
    invoice = an_invoice(a_customer())

    filters = asked(InvoicesFilter, typed)

    assert list(filters.left_out()) == sentences
    assert list(filters.qs) == [invoice]
    assert filters.chips() == []
    assert filters.typed == typed  # it can be corrected where it stands


@pytest.mark.parametrize(
    "typed",
    [
        "name:~\x00",
        "-\x00",
        'metadata["a"]:\x00',
        'metadata["\x00"]:a',
        "status:~op -currency:eur " + "x" * 500,
        "-currency:eur " + "x" * 500,
    ],
)
def test_a_search_that_cannot_be_read_is_left_out_as_a_whole_and_stays_where_it_was_typed(typed):
    invoice = an_invoice(a_customer())

    filters = asked(InvoicesFilter, typed)

    (sentence,) = filters.left_out()
    assert sentence.startswith("Search: ")
    assert list(filters.qs) == [invoice]
    assert filters.chips() == []
    assert filters.typed == typed


def test_no_more_words_are_left_out_than_can_be_searched_for():
    ada = a_customer(name="Ada Lovelace")

    filters = asked(CustomersFilter, "-a1 -a2 -a3 -a4 -a5 -a6 -a7 -a8 -lovelace")

    assert list(filters.left_out()) == ["-lovelace: this search leaves no more than 8 words out; it was ignored."]
    assert list(filters.qs) == [ada]
    assert [chip.text for chip in filters.chips()] == [f"-a{each}" for each in range(1, 9)]


def test_what_has_no_amount_is_not_more_and_not_less_than_one():
    unknown, small = a_subscription(a_customer(), mrr=None), a_subscription(a_customer(), mrr=Decimal(500))

    assert found(SubscriptionsFilter, "-amount:>10") == {unknown, small}
    both(SubscriptionsFilter, "amount:<10", small, unknown)


def test_each_term_has_a_chip_and_an_address_without_it():
    filters = asked(InvoicesFilter, "nord -süd status:open -currency:eur amount:>100")

    assert [chip.text for chip in filters.chips()] == ["Status: Open", "-süd", "-currency:eur", "amount:>100"]
    assert QueryDict(filters.chips()[2].without.lstrip("?")).dict() == {"status": "open", "q": "nord -süd amount:>100"}


def test_a_search_asks_once_whatever_else_is_asked(django_assert_num_queries):
    an_invoice(a_customer(name="Nord"))
    filters = asked(InvoicesFilter, "nord -süd -status:void amount:>1")

    with django_assert_num_queries(3):  # the word, the one that is left out, the rows
        assert len(filters.qs) == 1
        assert filters.qs_with("status", "paid") is not None


@pytest.mark.parametrize(
    "term",
    [
        *('name:"jörg  muller"', 'name:"JORG MÜLLER"', "name~rg", "name~müll"),
        *("email:J.MULLER@example.test", "email~muller@"),
    ],
)
def test_a_name_and_an_email_are_asked_for_with_or_without_accents(term):
    theirs = an_invoice(a_customer(name="Jörg Müller", email="j.müller@example.test"))
    other = an_invoice(a_customer(name="Jörg Müller-Lüdenscheid & Söhne", email="rg@müll.test"))

    assert theirs in found(InvoicesFilter, term)
    if ":" in term:
        assert found(InvoicesFilter, term) == {theirs}
        both(InvoicesFilter, term, theirs, other)


def test_what_stands_in_a_name_is_not_an_email():
    named = an_invoice(a_customer(name="ada@example.test", email="grace@example.test"))
    addressed = an_invoice(a_customer(name="grace@example.test", email="ada@example.test"))

    assert found(InvoicesFilter, "name:ada@example.test") == found(InvoicesFilter, "name~ada@") == {named}
    assert found(InvoicesFilter, "email:ada@example.test") == found(InvoicesFilter, "email~ada@") == {addressed}


@pytest.mark.parametrize("hostile", ["a.*b", "a(b", "a\\", "[a", "a|b", "a$", "^a", "a?", "a{2}", "a#b & c"])
def test_signs_of_a_pattern_are_letters_like_others(hostile):
    theirs, other = an_invoice(a_customer(name=hostile)), an_invoice(a_customer(name="aXb aab"))

    assert found(InvoicesFilter, f'name:"{hostile}"') == found(InvoicesFilter, f'name~"{hostile}"') == {theirs}
    assert other not in found(InvoicesFilter, f'name~"{hostile}"')
