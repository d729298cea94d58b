"""Every list as it is asked for, on tables that are larger than what any node of a plan may read of one."""

import json

# What reads more than its bound, and why that stands.
KNOWN: dict[str, str] = {}


def test_no_list_reads_more_of_a_large_table_than_a_capped_count_and_a_page_take(make_business):
    business = make_business("plans")

    found = json.loads(business.run("-m", "tests.scale.plans"))

    assert {name: lines for name, lines in found.items() if name not in KNOWN} == {}
