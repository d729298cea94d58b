"""Every page as it is asked for, on tables that are larger than what any node of a plan may read of one."""

import json
from fnmatch import fnmatchcase

import pytest

from tests.scale.page_addresses import SINGLE
from tests.scale.plans import MOST_READ

BY_SUBSCRIPTIONS = "a customer is chosen by what their subscriptions are, and no column of the customer says it"
NO_INDEX = "no index holds it: it is asked for rarely, and each index makes every write dearer"
BY_LINES = "a line is chosen first, and then its invoice or its customer"
BY_LAST_READ = (
    "when an object was last read has no index: it moves with each look, and each index would be written anew"
)
OF_THIS_SIZE = "a third of a table of this size is read faster than through its index; of a million rows it is not"
FEW = "there are a few for a hundred payments: not many in any business, and of this size read faster than an index"
BY_ANY_PART = "what stands anywhere in a code is in no index; there are as many as a business gives away"
BY_COUPON = "who has a coupon is counted over all discounts of the page's coupons"
BY_BEGINNING = "an index in the order of words does not know what begins alike: it is read until enough do"
ALL_OF_IT = "counts what is here by type and month, all of it, from an index alone"
OF_ONE_RUN = "the first of what one comparison found, and of its runs, among all of it, in a few milliseconds"
BY_NAMES = "all customers of one status are read and sorted"
OF_CUSTOMERS = ("subscriptions", "invoices", "payments", "refunds", "disputes", "credit_notes")
GIVEN_BACK = ("refunds", "disputes", "credit_notes")
# What reads more than its bound, and what stands in the way. docs/performance.md has what it costs.
KNOWN = {
    **dict.fromkeys(
        ("customers, status past_due", "customers, collection", "customers, amount_from", "customers, amount_to"),
        BY_SUBSCRIPTIONS,
    ),
    "customers, product": BY_LINES,
    **dict.fromkeys(
        [f"{name}, {each}" for name in ("invoices", "payments") for each in ("product", "price")], BY_LINES
    ),
    **dict.fromkeys([f"{name}, stale" for name in ("customers", *OF_CUSTOMERS)], BY_LAST_READ),
    **dict.fromkeys(
        (
            *("webhooks, delay", "webhooks, version"),
            *("subscriptions, mrr", "subscriptions, collection", "invoices, collection"),
            *("invoices, attempts_from", "invoices, attempts_to", "payments, attempts_to"),
            "invoices, issued_from",
            *(f"admin, balancetransaction, {name}" for name in ("type", "status", "currency")),
            "admin, promotioncode, active__exact",
        ),
        NO_INDEX,
    ),
    **dict.fromkeys(
        (
            *("customers", "payments, brand"),
            *(f"{name}, {each}" for name in ("invoices", "payments") for each in ("amount_from", "amount_to")),
            *(f"{name}, country" for name in ("subscriptions", "invoices", "payments")),
        ),
        OF_THIS_SIZE,
    ),
    **dict.fromkeys(
        (
            *(f"{name}, {each}" for name in GIVEN_BACK for each in ("reason", "currency", "amount_from", "country")),
            *(f"{name}, sorted by *, currency=jpy" for name in GIVEN_BACK),
            *("credit_notes", "credit_notes, status void", "credit_notes, went", "credit_notes, amount_to"),
            *("credit_notes, sorted by *, status=void", "invoices, credit_note"),
        ),
        FEW,
    ),
    **dict.fromkeys(("admin, promotioncode, q", "coupons, search for *"), BY_ANY_PART),
    **dict.fromkeys(("coupons", "coupons, status valid"), BY_COUPON),
    "webhooks, type": BY_BEGINNING,
    "sync_health": ALL_OF_IT,
    "page of a comparison": OF_ONE_RUN,
    "customers, sorted by *": BY_NAMES,
}
# Beyond the bound on one day and not on another: what a month has so far, whose name and which product comes first.
AT_TIMES = {
    "customers, returned": BY_SUBSCRIPTIONS,
    **dict.fromkeys(
        (
            *("invoices, paid_to", "payments, failed", "payments, failed_from", "payments, failed_to"),
            *("subscriptions, product", "subscriptions, search for name", "invoices, search for name"),
            "customers, status incomplete",
        ),
        OF_THIS_SIZE,
    ),
}
# Indexes that no page takes here, with what they are for. What is unique says what may be there, and is not asked for.
NOT_OF_PAGES = {
    "paydesk_charge_newest": "a worker sums the attempts of a day",
    "paydesk_delivery_prunable": "a worker takes payloads out after their time",
    "paydesk_delivery_replay": "a worker says when a replay has ended",
    "paydesk_dirty_day": "a worker takes marks away after it summed a day",
    "paydesk_dirty_product": "the same of a product",
    "paydesk_export_newest": "a person's files, of which there are none here",
    "paydesk_invoice_open": "the newest of open invoices, where there are more than here",
    "paydesk_part_open": "a worker claims a part of a run",
    "paydesk_payment_unpaid_amount": "failed payments by amount, where there are more than here",
    "paydesk_replayeddelivery_delivery_id_c4b95a64": "a delivery that goes after its time takes them along",
    "paydesk_sealedentry_seal_id_76552e30": "a verification reads a seal's entries",
    "paydesk_state_erased": "the mirror asks whose data may not be kept",
    "paydesk_subscriptionschedule_customer_id_a01eb6c8": "a resync asks what is here of a customer",
    "paydesk_view_list": "views of a list, of which there are none here",
}


def is_known(name: str) -> bool:
    return any(meant(name, pattern) for pattern in (*KNOWN, *AT_TIMES))


def meant(name: str, pattern: str) -> bool:
    """What an index lacks of a filter, it lacks beside a status."""
    return fnmatchcase(name.replace("invoices, open, ", "invoices, "), pattern)


@pytest.fixture(scope="module")
def found(make_business):
    return json.loads(make_business("plans").run("-m", "tests.scale.plans"))


def test_there_is_one_of_everything_that_has_a_page(found):
    assert {f"page of a {name}" for name in SINGLE} - found["read"].keys() == set()


def test_no_page_reads_more_of_a_large_table_than_a_capped_count_and_a_page_take(found):
    unexcused = [f"{name}: {lines[0]}" for name, lines in found["beyond"].items() if not is_known(name)]

    assert not unexcused, "\n".join(unexcused)


def test_what_is_excused_reads_too_much_still(found):
    """A little below the bound counts, too: how many rows there are moves with the day."""
    read = found["read"]
    for_nothing = [
        pattern
        for pattern in KNOWN
        if not any(meant(name, pattern) and rows > MOST_READ * 0.85 for name, rows in read.items())
    ]

    assert for_nothing == []


def test_each_index_serves_a_page_or_is_named_with_what_it_serves(found):
    assert [name for name in found["unused"] if name not in NOT_OF_PAGES] == []
    assert NOT_OF_PAGES.keys() - found["indexes"] == set()
