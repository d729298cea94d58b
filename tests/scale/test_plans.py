"""Every list as it is asked for, on tables that are larger than what any node of a plan may read of one."""

import json

BY_SUBSCRIPTIONS = "a customer is chosen by what their subscriptions are, and no column of the customer says it"
BY_ATTEMPTS = "a payment is chosen by its attempts, and no column of the payment says it"
NO_INDEX = "no index holds it: it is asked for rarely, and each index makes every write dearer"
OF_THIS_SIZE = "a third of a table of this size is read faster than through its index; of a million rows it is not"
# What reads more than its bound, and what stands in the way. docs/performance.md has what it costs.
KNOWN = {
    **dict.fromkeys(
        (
            *("customers, status active", "customers, status canceled", "customers, status none"),
            *("customers, new", "customers, returned", "customers, lost", "customers, card_expires"),
        ),
        BY_SUBSCRIPTIONS,
    ),
    **dict.fromkeys(
        (
            *("payments, status refunded", "payments, status disputed"),
            *("payments, failed", "payments, failed_from", "payments, brand", "payments, last4"),
        ),
        BY_ATTEMPTS,
    ),
    **dict.fromkeys(
        (
            *("subscriptions, cancels", "subscriptions, product", "subscriptions, mrr", "subscriptions, until"),
            *("payments, amount_from", "payments, amount_to", "webhooks, delay", "webhooks, version"),
        ),
        NO_INDEX,
    ),
    **dict.fromkeys(
        (
            *("invoices, created_from", "invoices, created_to", "payments, created_from", "payments, created_to"),
            *("invoices, paid", "subscriptions, search for name", "subscriptions, price", "disputes"),
        ),
        OF_THIS_SIZE,
    ),
}


def test_no_list_reads_more_of_a_large_table_than_a_capped_count_and_a_page_take(make_business):
    business = make_business("plans")

    found = json.loads(business.run("-m", "tests.scale.plans"))

    assert {name: lines for name, lines in found.items() if name not in KNOWN} == {}
    assert found.keys() & KNOWN.keys()  # it sees what is wrong
