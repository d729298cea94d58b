"""The money adds up to the last unit: fees, payouts, and what is left in the balance."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finances.sandbox import Sandbox
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Store
from finances.sandbox.money.ledger import fee_for
from tests.finances.sandbox import specification
from tests.finances.sandbox.conftest import NOW, Caller
from tests.finances.sandbox.desk import Desk, Json


@pytest.mark.parametrize(
    ("kind", "amount", "currency", "fee"),
    [
        ("card", 10_000, "usd", 320),  # 2.9 % and 30
        ("card", 1_017, "usd", 59),  # 29.493 rounds to 29
        ("card", 1_050, "usd", 60),  # 30.45 rounds to 30
        ("card", 10_000, "eur", 175),  # 1.5 % and 25
        ("card", 10_000, "gbp", 170),
        ("card", 10_000, "jpy", 360),  # 3.6 %
        ("sepa_debit", 10_000, "eur", 35),
        ("us_bank_account", 10_000, "usd", 80),  # 0.8 %
        ("us_bank_account", 1_000_000, "usd", 500),  # and at most 5 dollars
    ],
)
def test_the_fee_is_a_share_and_a_fixed_part(kind: str, amount: int, currency: str, fee: int) -> None:
    assert fee_for(kind, amount, currency) == fee


def test_a_charge_is_pending_for_two_days_and_then_available() -> None:
    desk = Desk()

    _, charge = desk.paid_invoice(10_000)

    taken = desk.store[charge["balance_transaction"]]
    assert (taken["type"], taken["amount"], taken["fee"], taken["net"]) == ("charge", 10_000, 320, 9_680)
    assert sum(each["amount"] for each in taken["fee_details"]) == taken["fee"]
    assert (taken["source"], taken["currency"], taken["status"]) == (charge["id"], "usd", "pending")
    assert taken["available_on"] == desk.books.at + 2 * DAY
    assert (desk.payments.ledger.pending, desk.payments.ledger.available) == ({"usd": 9_680}, {})
    desk.pass_days(2)
    assert desk.store[taken["id"]]["status"] == "available"
    assert (desk.payments.ledger.pending["usd"], desk.payments.ledger.available["usd"]) == (0, 9_680)


def test_what_is_available_goes_to_the_bank_on_the_next_weekday() -> None:
    desk = Desk()  # a Friday; available on Sunday
    _, charge = desk.paid_invoice(10_000)

    desk.pass_days(3)

    payout = desk.only("payout")
    own = desk.store[payout["balance_transaction"]]
    assert datetime.fromtimestamp(payout["created"], UTC).strftime("%A") == "Monday"
    assert (payout["amount"], payout["status"], payout["currency"]) == (9_680, "in_transit", "usd")
    assert (own["type"], own["amount"], own["net"], own["source"]) == ("payout", -9_680, -9_680, payout["id"])
    (tied,) = desk.store.of_type("balance_transaction", ("payout", payout["id"]))
    assert tied["id"] == charge["balance_transaction"]
    assert desk.payments.ledger.available["usd"] == 0
    assert specification.problems_of_object(payout) == []
    desk.pass_days(5)
    assert desk.store[payout["id"]]["status"] == "paid"
    assert "payout.paid" in desk.events(payout["id"])
    assert specification.problems_of_object(desk.store[payout["id"]]) == []


def test_a_balance_below_zero_is_not_paid_out() -> None:
    desk = Desk()
    _, charge = desk.paid_invoice(10_000)
    desk.payments.refunds.start(charge["id"], 10_000, None)

    desk.pass_days(7)

    assert desk.all("payout") == []
    assert desk.payments.ledger.available["usd"] == -320


def test_a_month_of_billing_costs_a_share_of_its_volume() -> None:
    desk = Desk()
    desk.paid_invoice(100_000)

    desk.pass_days(18)

    (fee,) = [each for each in desk.all("balance_transaction") if each["type"] == "stripe_fee"]
    assert (fee["amount"], fee["net"], fee["source"]) == (-700, -700, None)
    assert fee["description"] == "Billing - Usage Fee (2026-05)"


moves = st.lists(
    st.tuples(
        st.sampled_from(["pay", "refund", "dispute", "credit"]),
        st.sampled_from(["usd", "eur", "jpy", "kwd"]),
        st.integers(50, 500_000),
        st.sampled_from(["won", "lost", "open", "warning"]),
        st.booleans(),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=25,
)


@given(moves=moves, seed=st.integers(0, 9))
def test_whatever_happens_the_books_agree(moves: list[tuple], seed: int) -> None:
    desk = Desk(seed)
    owners = {each: desk.new_customer() for each in ("usd", "eur", "jpy", "kwd")}
    for what, currency, amount, fate, flag, days in moves:
        invoice_id = desk.invoice(amount, currency, customer_id=owners[currency])
        if desk.store[invoice_id]["status"] == "open":
            desk.payments.attempt(invoice_id, succeeds=True)
            charge_id = desk.charges(invoice_id)[-1]["id"]
            if what == "refund":
                desk.payments.refunds.start(charge_id, max(amount // (1 if flag else 3), 1), None, flag)
            elif what == "dispute":
                desk.payments.disputes.open(charge_id, fate, "general")
            elif what == "credit":
                way = "refund" if flag else "credit_balance"
                desk.payments.credit_notes.after_payment(invoice_id, amount % 100 + 1, way)
        desk.pass_days(days)

    assert disagreements(desk.store) == []
    assert_balance(desk.store, desk.payments.ledger)
    desk.pass_days(200)
    assert disagreements(desk.store) == []
    assert_balance(desk.store, desk.payments.ledger)


def test_played_in_one_go_or_day_by_day_it_is_the_same() -> None:
    at_once, slowly = Desk(3), Desk(3)
    for desk in (at_once, slowly):
        for number in range(40):
            customer_id = desk.new_customer(quiet=False)
            desk.payments.add_card(customer_id)
            desk.agenda.plan(desk.books.at + number * DAY, charge_somebody, desk, customer_id)

    at_once.pass_days(150)
    for _ in range(300):
        slowly.pass_days(0.5)

    for kind in ("charge", "refund", "dispute", "balance_transaction", "payout", "event", "payment_method"):
        assert at_once.all(kind) == slowly.all(kind)


def charge_somebody(desk: Desk, customer_id: str) -> None:
    for amount in range(1_000, 11_000, 1_000):
        desk.payments.attempt(desk.invoice(amount, customer_id=customer_id))


def test_the_whole_business_agrees_with_itself() -> None:
    sandbox = Sandbox(customers=150, months=18, seed=7, now=NOW)

    assert disagreements(sandbox.store) == []
    assert_balance(sandbox.store, sandbox.business.payments.ledger)


def test_the_balance_that_the_api_tells_is_the_ledgers() -> None:
    sandbox = Sandbox(customers=40, months=4, seed=7, now=NOW)
    try:
        told = Caller(sandbox.start()).get("/v1/balance").json
    finally:
        sandbox.stop()

    ledger = sandbox.business.payments.ledger
    for side, held in (("available", ledger.available), ("pending", ledger.pending)):
        amounts = {each["currency"]: each["amount"] for each in told[side]}
        assert {name: amount for name, amount in amounts.items() if amount} == {n: a for n, a in held.items() if a}


def assert_balance(store: Store, ledger) -> None:
    """What came in and did not leave is there, pending or available."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for each in store.of_type("balance_transaction"):
        sums[each["status"], each["currency"]] += each["net"]
    for side, held in (("available", ledger.available), ("pending", ledger.pending)):
        assert {n: a for (s, n), a in sums.items() if s == side and a} == {n: a for n, a in held.items() if a}


def disagreements(store: Store) -> list[str]:
    """Everything in the books that does not add up, in words."""
    wrong: list[str] = []
    refunds: dict[str, int] = defaultdict(int)
    for each in store.of_type("refund"):
        refunds[each["charge"]] += each["amount"] if each["status"] != "failed" else 0
    for charge in store.of_type("charge"):
        if charge["amount_refunded"] != refunds[charge["id"]]:
            wrong.append(f"{charge['id']} says {charge['amount_refunded']} refunded")
        if charge["refunded"] != (charge["amount_refunded"] == charge["amount"]):
            wrong.append(f"{charge['id']} is refunded or not")
        if (charge["status"] == "succeeded") != bool(charge["balance_transaction"]):
            wrong.append(f"{charge['id']} and its balance transaction")
    for each in store.of_type("balance_transaction"):
        if each["net"] != each["amount"] - each["fee"] or each["fee"] != sum(f["amount"] for f in each["fee_details"]):
            wrong.append(f"{each['id']} net {each['net']}")
    for payout in store.of_type("payout"):
        tied = list(store.of_type("balance_transaction", ("payout", payout["id"])))
        if payout["amount"] != sum(each["net"] for each in tied) or any(t["status"] != "available" for t in tied):
            wrong.append(f"{payout['id']} of {payout['amount']}")
    balances: dict[str, int] = defaultdict(int)
    for each in store.of_type("customer_balance_transaction"):
        balances[each["customer"]] += each["amount"]
    for customer in store.of_type("customer"):
        if customer["balance"] != balances[customer["id"]]:
            wrong.append(f"{customer['id']} has {customer['balance']}")
    notes: dict[tuple[str, str], int] = defaultdict(int)
    for note in store.of_type("credit_note"):
        if note["status"] == "issued":
            notes[note["invoice"], note["type"]] += note["amount"]
    for invoice in store.of_type("invoice"):
        wrong += [f"{invoice['id']} {problem}" for problem in _invoice_problems(invoice, notes, store)]
    return wrong


def _invoice_problems(invoice: Json, notes: dict[tuple[str, str], int], store: Store) -> list[str]:
    problems = []
    payments = store.of_type("invoice_payment", ("invoice", invoice["id"]))
    paid = sum(each["amount_paid"] or 0 for each in payments if each["status"] == "paid")
    before, after = notes[invoice["id"], "pre_payment"], notes[invoice["id"], "post_payment"]
    if invoice["amount_paid"] != paid + invoice["amount_paid_off_stripe"]:
        problems.append(f"amount_paid {invoice['amount_paid']} of {paid}")
    if invoice["amount_remaining"] != invoice["amount_due"] - invoice["amount_paid"]:
        problems.append("amount_remaining")
    if (invoice["pre_payment_credit_notes_amount"], invoice["post_payment_credit_notes_amount"]) != (before, after):
        problems.append(f"credit notes {before} and {after}")
    if invoice["status"] != "draft":
        taken = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
        if invoice["amount_due"] != invoice["total"] - taken - before:
            problems.append(f"amount_due {invoice['amount_due']}")
    return problems
