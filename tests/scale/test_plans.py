"""Every list as it is asked for, on tables that are larger than what any node of a plan may read of one."""

import json

BY_SUBSCRIPTIONS = "a customer is chosen by what their subscriptions are, and no column of the customer says it"
NO_INDEX = "no index holds it: it is asked for rarely, and each index makes every write dearer"
BY_LINES = "a line is chosen first, and then its invoice or its customer"
BY_LAST_READ = (
    "when an object was last read has no index: it moves with each look, and each index would be written anew"
)
OF_THIS_SIZE = "a third of a table of this size is read faster than through its index; of a million rows it is not"
OF_CUSTOMERS = ("subscriptions", "invoices", "payments", "refunds", "disputes", "credit_notes")
# What reads more than its bound, and what stands in the way. docs/performance.md has what it costs.
KNOWN = {
    **dict.fromkeys(("customers, status past_due", "customers, returned"), BY_SUBSCRIPTIONS),
    **dict.fromkeys(("customers, product", "invoices, product", "invoices, price"), BY_LINES),
    **dict.fromkeys([f"{name}, stale" for name in ("customers", *OF_CUSTOMERS)], BY_LAST_READ),
    **dict.fromkeys(
        (
            *("webhooks, delay", "webhooks, version"),
            *("customers, phone", "subscriptions, mrr", "subscriptions, collection", "invoices, collection"),
            *("invoices, attempts_from", "invoices, attempts_to"),
        ),
        NO_INDEX,
    ),
    **dict.fromkeys(
        (
            *("customers", "payments", "payments, status refunded", "payments, status disputed"),
            *("invoices, amount_from", "invoices, amount_to", "payments, amount_from", "payments, amount_to"),
            *("invoices, created_from", "invoices, created_to", "invoices, paid_from", "invoices, paid_to"),
            *("payments, created_from", "payments, created_to"),
            *("payments, failed", "payments, failed_from", "payments, brand"),
            *(f"{name}, country" for name in ("subscriptions", "invoices", "payments")),
            *("subscriptions, product", "subscriptions, search for name", "invoices, search for name", "disputes"),
        ),
        OF_THIS_SIZE,
    ),
}


def is_known(name: str) -> bool:
    """Customers of one status, in an order of their names: all of them are read and sorted. What an index lacks of a
    filter, it lacks beside a status."""
    return name.replace("invoices, open, ", "invoices, ") in KNOWN or name.startswith("customers, sorted by ")


def test_no_list_reads_more_of_a_large_table_than_a_capped_count_and_a_page_take(make_business):
    business = make_business("plans")

    found = json.loads(business.run("-m", "tests.scale.plans"))

    assert {name: lines for name, lines in found.items() if not is_known(name)} == {}
    assert found.keys() & KNOWN.keys()  # it sees what is wrong
