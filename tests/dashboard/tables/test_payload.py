from dashboard.tables.differences import Side, difference_rows
from dashboard.tables.payload import MOST_NODES, payload_tree


def flat(nodes):
    for node in nodes:
        yield node
        yield from flat(node.children)


def test_amounts_and_times_are_said_in_words_beside_the_raw_value():
    tree = payload_tree(
        {"currency": "jpy", "total": 5000, "created": 1795423250, "attempt_count": 3, "paid": True}, set()
    )

    hints = {node.key: (node.text, node.hint) for node in tree}
    assert hints["total"] == ("5000", "5,000 JPY")
    assert hints["created"] == ("1795423250", "23 Nov 2026, 08:40:50 UTC")
    assert hints["attempt_count"] == ("3", "")
    assert hints["paid"] == ("true", "")


def test_amounts_inside_take_the_currency_around_them():
    tree = payload_tree({"currency": "eur", "lines": {"data": [{"amount": 100}]}}, set())

    assert "1.00 EUR" in [node.hint for node in flat(tree)]


def test_changed_keys_are_marked_and_the_way_to_them_is_open():
    tree = payload_tree({"data": {"object": {"a": {"b": {"c": 1}, "d": 2}}}}, {"a.b.c"})

    assert [node.key for node in flat(tree) if node.hit] == ["c"]
    assert all(node.open for node in flat(tree) if node.key in "dataobjectab" and node.children)


def test_a_huge_payload_is_cut_and_says_so():
    nodes = list(flat(payload_tree({"list": list(range(MOST_NODES + 10))}, set())))

    assert len(nodes) == MOST_NODES + 1
    assert nodes[-1].hint.startswith("cut after")


def test_of_a_long_pair_only_the_part_that_differs_is_marked():
    (row,) = difference_rows(
        [{"field": "note", "before": "first reminder, sent on Monday", "after": "first reminder, sent on Friday"}]
    )

    assert row.before == Side('"first reminder, sent on ', "Mon", 'day"')
    assert row.after == Side('"first reminder, sent on ', "Fri", 'day"')


def test_a_side_without_a_value_is_none_and_null_is_a_value():
    (row,) = difference_rows([{"field": "x", "after": None}])

    assert row.before is None
    assert row.after == Side("null", "", "")


def test_what_would_let_anybody_act_on_a_payment_is_not_shown():
    tree = payload_tree({"client_secret": "pi_1_secret_2", "inside": {"client_secret": None}}, set())

    assert [(node.key, node.text, node.hint) for node in flat(tree) if node.key == "client_secret"] == [
        ("client_secret", "", "not shown"),
        ("client_secret", "null", ""),
    ]
