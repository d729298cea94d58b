"""Parameters and the terms that say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters.customers import CustomersFilter
from dashboard.filters.invoices import STATUSES, InvoicesFilter
from dashboard.filters.payments import PaymentsFilter
from dashboard.filters.search_text import SearchText, read
from dashboard.filters.words import NotAsked, Words

INVOICES, PAYMENTS = Words(InvoicesFilter.base_filters), Words(PaymentsFilter.base_filters)


@pytest.mark.parametrize(
    ("typed", "parameters", "rest"),
    [
        ("status:open", {"status": "open"}, ""),
        ('status:"Past due"', {"status": "past_due"}, ""),
        ("state:PAID", {"status": "paid"}, ""),
        ("amount:100", {"amount_from": "100", "amount_to": "100"}, ""),
        ("total:>=9.5", {"amount_from": "9.5"}, ""),
        ("amount:>100", {}, "amount:>100"),
        ("attempts:>2", {"attempts_from": "3"}, ""),
        ("attempts:<2", {"attempts_to": "1"}, ""),
        ("created:>2026-01-31", {"created_from": "2026-02-01"}, ""),
        ("created:<2026-03-01", {"created_to": "2026-02-28"}, ""),
        ("created:2026-02", {"created_from": "2026-02-01", "created_to": "2026-02-28"}, ""),
        ("due:2026-02-03", {"due_from": "2026-02-03", "due_to": "2026-02-03"}, ""),
        ("paid:2026-02", {"paid": "2026-02"}, ""),
        ("paid:2026-02-03", {"paid_from": "2026-02-03", "paid_to": "2026-02-03"}, ""),
        ("paid:>2026-01-01", {"paid_from": "2026-01-02"}, ""),
        ("paid:<=2026-01-31", {"paid_to": "2026-01-31"}, ""),
        ("stale:>6h", {"stale": "6h"}, ""),
        ("credit_note:true", {"credit_note": "yes"}, ""),
        ("number:nv-1", {"number": "nv-1"}, ""),
        ("number~nv", {}, "number:~nv"),
        ("-status:open", {}, "-status:open"),
        ("status:open status:paid", {"status": "open"}, "status:paid"),
        ("colour:red nord", {}, "colour:red nord"),
        ('metadata["a"]:b', {}, 'metadata["a"]:b'),
    ],
)
def test_a_term_that_says_just_what_a_parameter_says_is_that_parameter(typed, parameters, rest):
    found, left = INVOICES.parameters_of(read(typed))

    assert (found, str(left)) == (parameters, rest)


def test_a_month_and_a_day_of_the_same_word_are_told_apart():
    assert PAYMENTS.parameters_of(read("failed:2026-10"))[0] == {"failed": "2026-10"}
    assert PAYMENTS.parameters_of(read("failed:>=2026-10-05"))[0] == {"failed_from": "2026-10-05"}


VALUES = {
    "status": st.sampled_from([value for value, _ in STATUSES]),
    "currency": st.sampled_from(["eur", "JPY"]),
    "amount_from": st.decimals(0, 10**6, places=2).map(str),
    "amount_to": st.integers(0, 10**6).map(str),
    "created_from": st.dates().map(str),
    "due_to": st.dates().map(str),
    "paid": st.sampled_from(["2026-01", "2026-12"]),
    "paid_from": st.dates().map(str),
    "attempts_from": st.integers(0, 99).map(str),
    "stale": st.sampled_from(["5m", "6h", "2d"]),
    "name": st.text(st.characters(exclude_characters='"', exclude_categories=["C", "Z"]), min_size=1, max_size=12),
    "email": st.emails().filter(lambda each: '"' not in each),
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_said_in_terms_is_the_same_parameters_again(parameters):
    said = SearchText(tuple(INVOICES.terms_of(parameters)))

    assert INVOICES.parameters_of(read(str(said))) == (parameters, SearchText())


def test_a_value_with_quotes_stays_a_parameter_alone():
    assert list(INVOICES.terms_of({"name": 'a "b" c', "status": "open"})) == [*read("status:open").terms]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("colour:red", "colour: is no search word here; it was left out. The nearest one is country:"),
        ("custmer:cus_1", "custmer: is no search word here; it was left out. The nearest one is customer:"),
        ("numbr:NV-1", "numbr: is no search word here; it was left out. The nearest one is number:"),
        ("zzzzzzzz:1", "zzzzzzzz: is no search word here; it was left out."),
        ("status:", "status: names no value; it was left out."),
        ("status:>open", "status: cannot be asked for by > here; it was left out."),
        ("stale:6h", "stale: cannot be asked for by a value alone here; it was left out."),
    ],
)
def test_a_term_that_says_nothing_here_is_answered_in_a_sentence(typed, sentence):
    with pytest.raises(NotAsked) as refused:
        INVOICES.asked_by(*read(typed).terms)

    assert str(refused.value) == sentence


def test_every_example_is_understood():
    for words in (INVOICES, PAYMENTS, Words(CustomersFilter.base_filters)):
        for term, _about in words.examples():
            assert words.asked_by(*read(term).terms)
