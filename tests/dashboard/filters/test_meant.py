"""The search text and the form are two editors of one state, and that state is the address."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters.invoices import InvoicesFilter
from finances.reads.invoices import newest_invoices
from tests.factories import NOON


def meant(query: str) -> dict[str, str]:
    return InvoicesFilter.meant(QueryDict(query)).dict()


def asked(**parameters: str) -> str:
    data = QueryDict(mutable=True)
    data.update(parameters)
    return data.urlencode()


def typed(**parameters: str) -> str:
    return InvoicesFilter(QueryDict(asked(**parameters)), newest_invoices(), now=NOON).typed


def test_what_is_typed_becomes_parameters_and_the_words_stay():
    assert meant(asked(q="status:past_due nord amount:>100 -email:x")) == {
        "status": "past_due",
        "q": "nord amount:>100 -email:x",
    }


def test_the_text_shows_all_of_the_state():
    assert typed(status="past_due", created_from="2026-01-05", q="nord -email:x") == (
        "status:past_due created:>=2026-01-05 nord -email:x"
    )


def test_what_was_changed_in_the_text_counts():
    now = {"status": "open", "currency": "eur"}

    changed = asked(**now, was="status:open currency:eur", q="status:paid")

    assert meant(changed) == {"status": "paid"}


def test_what_was_changed_in_the_form_counts():
    changed = asked(status="paid", currency="", was="status:open currency:eur nord", q="status:open currency:eur nord")

    assert meant(changed) == {"status": "paid", "q": "nord"}


def test_what_was_changed_in_both_is_put_together():
    changed = asked(status="open", currency="jpy", was="status:open currency:eur", q="status:paid currency:eur nord")

    assert meant(changed) == {"status": "paid", "currency": "jpy", "q": "nord"}


def test_an_address_that_somebody_wrote_by_hand_holds_both():
    assert meant(asked(q="status:open", currency="eur", after="abc")) == {
        "status": "open",
        "currency": "eur",
        "after": "abc",
    }
    assert meant(asked(q="status:open", status="paid")) == {"status": "paid", "q": "status:open"}


def test_what_is_not_known_is_kept_so_that_it_can_be_said():
    assert meant(asked(colour="red", status="foo", q="size:xl")) == {"colour": "red", "status": "foo", "q": "size:xl"}


def test_a_value_that_cannot_be_written_in_the_text_survives_a_change_of_it():
    name = 'Ada "the first" Lovelace'
    shown = typed(name=name, status="open")

    assert shown == "status:open"
    assert meant(asked(name=name, status="open", was=shown, q="status:paid")) == {"name": name, "status": "paid"}


NAMES = st.sampled_from(["q", "was", "status", "currency", "amount_from", "created_from", "colour", "after"])
TEXTS = st.lists(
    st.sampled_from(
        ["status:open", "-status:open", "status:foo", "amount:>=5", "amount:5", "nord", "-x", "created:2026"]
    ),
    max_size=4,
).map(" ".join)


@given(st.dictionaries(NAMES, st.one_of(st.sampled_from(["", "open", "eur", "2026-01-01", "5"]), TEXTS), max_size=6))
def test_an_address_that_was_understood_is_understood_as_itself(parameters):
    once = meant(asked(**parameters))

    assert meant(asked(**once)) == once
    assert not {"was"} & once.keys()


@pytest.mark.parametrize("state", [{}, {"status": "open"}, {"q": "nord -x", "amount_from": "5", "stale": "2d"}])
def test_a_form_that_is_sent_as_it_was_drawn_changes_nothing(state):
    shown = typed(**state)
    fields = {name: value for name, value in state.items() if name != "q"}

    assert meant(asked(**fields, q=shown, was=shown)) == state
