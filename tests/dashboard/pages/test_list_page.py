"""What all lists do alike: told by the list of invoices, and by others where they differ."""

import csv
from datetime import timedelta
from io import StringIO
from urllib.parse import quote

import pytest
from django.http import QueryDict

from dashboard.pages.exported_lists import LISTS
from finances.models import Export
from tests.factories import (
    NOON,
    a_charge,
    a_credit_note,
    a_customer,
    a_dispute,
    a_payment,
    a_refund,
    a_subscription,
    an_invoice,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/console/invoices/"
SORTED = [name for name, list_page in LISTS.items() if list_page.sorts.every]


def address_of(name: str) -> str:
    return f"/console/{name.replace('_', '-')}/"


@pytest.fixture
def desk(client, finance):
    client.force_login(finance)
    return client


@pytest.fixture
def totals():
    """1 to 120, not in the order of their creation."""
    customer = a_customer()
    for number in range(120):
        an_invoice(customer, total=number * 77 % 120 + 1, created_at=NOON + timedelta(seconds=number))


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def shown(response) -> list[int]:
    return [row.total for row in response.context["page"].rows]


STATUSES = {
    "subscriptions": "trialing active incomplete incomplete_expired past_due unpaid canceled paused",
    "invoices": "draft open paid uncollectible void",
    "payments": "requires_payment_method requires_confirmation requires_action processing requires_capture canceled "
    "succeeded",
    "refunds": "pending requires_action succeeded failed canceled",
    "disputes": "warning_needs_response warning_under_review warning_closed needs_response under_review won lost "
    "prevented",
    "credit_notes": "issued void",
}
"""Stripe's, of what each list shows."""


def made(name: str, status: str):
    customer = a_customer()
    match name:
        case "subscriptions":
            return a_subscription(customer, status=status)
        case "invoices":
            return an_invoice(customer, status=status)
        case "payments":
            return a_payment(customer, status=status)
        case "credit_notes":
            return a_credit_note(an_invoice(customer), status=status)
    charge = a_charge(a_payment(customer))
    return a_refund(charge, status=status) if name == "refunds" else a_dispute(charge, status=status)


@pytest.mark.parametrize(("name", "status"), [(name, each) for name in STATUSES for each in STATUSES[name].split()])
def test_whatever_the_status_the_filter_leads_to_it_and_not_to_all_the_rest(db, name, status):
    row, list_page = made(name, status), LISTS[name]
    choices = [value for value, _words in list_page.filter_class.base_filters["status"].extra["choices"]]

    under = [each for each in choices if row in list_page().filters_of(QueryDict(f"status={each}"), NOON).qs]

    assert under
    assert len(under) < len(choices)


@pytest.mark.parametrize("name", STATUSES)
def test_each_tab_is_a_choice_of_the_filter_too(name):
    choices = dict(LISTS[name].filter_class.base_filters["status"].extra["choices"])

    assert {value: words for value, words in LISTS[name].tabs if value}.items() <= choices.items()


def test_a_sorted_list_goes_on_from_page_to_page_and_back(desk, totals):
    first = desk.get(ADDRESS + "?sort=-total")
    second = desk.get(f"{ADDRESS}?sort=-total&after={quote(first.context['page'].older)}")
    back = desk.get(f"{ADDRESS}?sort=-total&before={quote(second.context['page'].newer)}")

    assert shown(first) == shown(back) == list(range(120, 70, -1))
    assert shown(second) == list(range(70, 20, -1))
    assert "Next" in text(second)
    assert "Older" not in text(second)


def test_the_heads_say_how_the_rows_stand_and_turn_the_order_round(desk, totals):
    page = text(desk.get(ADDRESS + "?status=paid&sort=-total"))

    assert page.count("aria-sort=") == 1
    assert (
        '<th scope="col" class="pd-num" aria-sort="descending"><a class="pd-sort" href="?status=paid&amp;sort=total"'
        in page
    )
    assert 'href="?status=paid&amp;sort=due"' in page
    assert "Invoices, Total, largest first</caption>" in page


def test_without_a_sort_the_newest_stand_first_and_the_address_stays_plain(desk, totals):
    response = desk.get(ADDRESS)

    assert response.context["sort_parameter"] == ""
    assert '<th scope="col" aria-sort="descending"><a class="pd-sort" href="?sort=created"' in text(response)
    assert "Invoices, newest first</caption>" in text(response)


def test_a_form_without_a_script_keeps_conditions_and_order(desk, totals):
    page = text(desk.get(ADDRESS + "?status=paid&sort=-total"))

    forms = [part.partition("</form>")[0] for part in page.split("<form")]
    (search,) = (form for form in forms if 'aria-label="Invoices"' in form)
    (pick,) = (form for form in forms if "Sort by" in form)
    assert '<input type="hidden" name="sort" value="-total">' in search
    assert '<input type="hidden" name="status" value="paid">' in pick
    assert '<option value="-total" selected>' in pick


def test_the_part_of_htmx_keeps_the_order_and_says_so_in_the_address(desk, totals):
    response = desk.get(ADDRESS + "?q=&sort=-total&status=", headers={"HX-Request": "true", "HX-Target": "results"})

    assert shown(response)[:2] == [120, 119]
    assert response["HX-Push-Url"] == "/console/invoices/?sort=-total"


@pytest.mark.parametrize("name", SORTED)
def test_an_unknown_sort_is_left_out_with_a_sentence(desk, name):
    page = text(desk.get(address_of(name) + "?sort=colour"))

    assert "A list cannot be sorted by colour here; it has its usual order." in page


def test_a_place_of_another_order_is_the_beginning_and_says_so(desk, totals):
    place = desk.get(ADDRESS).context["page"].older

    response = desk.get(f"{ADDRESS}?sort=total&after={quote(place)}")

    assert shown(response)[:2] == [1, 2]
    assert "this is its beginning" in text(response)


def test_amounts_of_several_currencies_are_said_to_stand_by_their_number(desk):
    an_invoice(a_customer(), total=900)
    an_invoice(a_customer(), total=800, currency="jpy")

    assert "stand by their number alone" in text(desk.get(ADDRESS + "?sort=total"))
    assert "stand by their number alone" not in text(desk.get(ADDRESS))
    assert "stand by their number alone" not in text(desk.get(ADDRESS + "?sort=total&currency=eur"))


def test_disputes_stand_by_what_presses_until_they_are_sorted(desk):
    charge = a_charge(a_payment(a_customer()))
    small = a_dispute(charge, amount=1, evidence_due_at=NOON, status="needs_response")
    large = a_dispute(charge, amount=9, evidence_due_at=None, status="won", created_at=NOON + timedelta(days=1))

    def rows(query: str):
        return desk.get(address_of("disputes") + query).context["page"].rows

    assert rows("") == [small, large]
    assert rows("?sort=-created") == rows("?sort=-amount") == [large, small]
    assert rows("?sort=-answer_until") == [small, large]


def test_a_file_holds_the_rows_as_they_are_sorted(desk, totals):
    answer = desk.get(ADDRESS + "?sort=total&export=csv")

    body = b"".join(answer.streaming_content).decode()
    assert [row["total"] for row in csv.DictReader(StringIO(body, newline=""))] == [
        f"{number / 100:.2f}" for number in range(1, 121)
    ]


def test_a_file_that_a_worker_makes_is_asked_for_in_that_order(desk, totals, settings):
    settings.EXPORT_AT_ONCE_ROWS = 5

    desk.get(ADDRESS + "?sort=total&status=paid&export=csv")

    assert Export.objects.get().conditions == "status=paid&sort=total"


def test_no_file_is_made_in_an_order_that_is_none(desk, totals):
    assert desk.get(ADDRESS + "?sort=colour&export=csv").status_code == 302


def test_an_empty_list_offers_the_part_of_what_was_asked_for_as_a_whole(desk) -> None:
    a_customer(email="nadia@rahman.example")

    page = text(desk.get("/console/customers/?email=nadia"))
    assert "E-mail with “nadia” in it" in page
    assert 'href="?q=email%3A~nadia"' in page
    assert "nadia@rahman.example" in text(desk.get("/console/customers/?q=email:~nadia", follow=True))


def test_a_list_of_one_page_has_nowhere_to_go(desk) -> None:
    a_customer()

    assert 'class="pd-btn pd-btn-s" disabled' not in text(desk.get("/console/customers/"))
