from datetime import timedelta

import pytest

from finances.reads.invoice_lines import Line, grouped, lines_of
from tests.factories import NOON, a_customer, a_line, an_invoice

CAME_ALONG = {"lines": {"has_more": True, "data": [{"description": "Seats", "amount": 2000}]}}


@pytest.mark.parametrize(("everything", "shown"), [(False, 50), (True, 60)])
def test_the_first_fifty_or_all(db, django_assert_num_queries, everything: bool, shown: int) -> None:
    invoice = an_invoice(a_customer())
    for position in reversed(range(60)):
        a_line(invoice, position=position, amount=position)

    with django_assert_num_queries(2):
        lines = lines_of(invoice.id, CAME_ALONG, everything=everything)
    assert (lines.count, lines.shown, lines.all_here) == (60, shown, True)
    assert [line.amount for line in lines.groups[0].lines] == list(range(shown))


def test_lines_that_were_never_read_come_from_the_invoice_itself(db) -> None:
    lines = lines_of("in_1", CAME_ALONG)

    assert (lines.count, lines.all_here, lines.groups[0].lines[0].description) == (1, False, "Seats")


def test_as_many_rows_as_came_along_are_not_all_when_stripe_has_more(db) -> None:
    invoice = an_invoice(a_customer())
    a_line(invoice)

    assert lines_of(invoice.id, CAME_ALONG).all_here is False
    assert lines_of(invoice.id, {}).all_here is True


def a(amount: int, days: int | None = None, subscription: str = "sub_1") -> Line:
    """A proration of the change `days` after noon; without, a plain line."""
    starts_at = None if days is None else NOON + timedelta(days=days)
    return Line("", starts_at, None, None, None, None, amount, days is not None, subscription_id=subscription)


def test_prorations_of_one_change_stand_together_with_their_net() -> None:
    groups = grouped([a(1), a(-1000, 3), a(-50, 9), a(1811, 3), a(7, 3, "sub_2"), a(2), a(3)])

    assert [(group.net, len(group.lines)) for group in groups] == [(1, 1), (811, 2), (-50, 1), (7, 1), (5, 2)]
    assert [group.changed_at is None for group in groups] == [True, False, False, False, True]


def test_a_line_without_an_amount_adds_nothing() -> None:
    assert grouped([Line("", NOON, None, None, None, None, None, True)])[0].net == 0
