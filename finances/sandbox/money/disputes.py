"""Cardholders who dispute a charge: inquiries, evidence with its deadline, and how it ends."""

from __future__ import annotations

import random

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object
from finances.sandbox.money.ledger import Ledger
from finances.sandbox.objects.disputes import dispute

REASONS = (
    "fraudulent",
    "subscription_canceled",
    "unrecognized",
    "product_not_received",
    "product_unacceptable",
    "duplicate",
    "credit_not_processed",
    "general",
)
REASON_WEIGHTS = (46, 18, 9, 8, 7, 5, 4, 3)
FATES = ("won", "lost", "open", "warning_closed")
FATE_WEIGHTS = (42, 26, 14, 18)  # an open one is never answered, and lost when its time is over
FEES = {"usd": 1_500, "eur": 2_000, "gbp": 2_000, "jpy": 1_300, "kwd": 5_000}


class Disputes:
    def __init__(self, books: Books, agenda: Agenda, ledger: Ledger, rng: random.Random) -> None:
        self._books = books
        self._agenda = agenda
        self._ledger = ledger
        self._rng = rng

    def by_chance(self, charge_id: str, fate: str | None = None) -> None:
        rng = self._rng
        self.open(charge_id, fate or rng.choices(FATES, FATE_WEIGHTS)[0], rng.choices(REASONS, REASON_WEIGHTS)[0])

    def open(self, charge_id: str, fate: str, reason: str) -> Object | None:
        """`fate`: won, lost, open (nobody answers), review (answered, no end yet), warning (an inquiry that stays open
        until its time is over) or warning_closed (one that is answered). None when there is nothing to dispute."""
        books, rng = self._books, self._rng
        charge = books.store.get(charge_id)
        if charge is None or charge["status"] != "succeeded" or charge["disputed"] or charge["refunded"]:
            return None
        if charge["payment_method_details"]["type"] != "card":
            return None
        amount = charge["amount"] - charge["amount_refunded"]
        dispute_id = books.new_id("du")
        inquiry = fate.startswith("warning")
        withdrawn = None if inquiry else self._withdraw(dispute_id, charge, amount)
        due_by = books.at - books.at % DAY + rng.randrange(9, 20) * DAY - 1
        made = dispute(dispute_id, books.at, charge, amount, reason, due_by, withdrawn)
        books.add(made)
        books.change(charge_id, "charge.updated", disputed=True)
        books.say("charge.dispute.created", made)
        if not inquiry:
            books.say("charge.dispute.funds_withdrawn", made)
        if fate in ("open", "warning"):
            self._agenda.plan(due_by, self._run_out, dispute_id)
        else:
            answered = max(due_by - rng.randrange(DAY, 4 * DAY), books.at + DAY)
            self._agenda.plan(answered, self._answer, dispute_id, fate)
        return made

    def _withdraw(self, dispute_id: str, charge: Object, amount: int) -> Object:
        currency = charge["currency"]
        text = f"Chargeback withdrawal for {charge['id']}"
        fee = FEES.get(currency, 1_500)
        return self._ledger.enter(
            "adjustment", "dispute", -amount, currency, dispute_id, fee, description=text, fee_name="Dispute fee"
        )

    def _answer(self, dispute_id: str, fate: str) -> None:
        books = self._books
        held = books.store.get(dispute_id)
        if held is None:
            return
        inquiry = fate == "warning_closed"
        details = {**held["evidence_details"], "has_evidence": True, "submission_count": 1}
        evidence = {
            **held["evidence"],
            "product_description": "Berths, piers and desks by the month, booked and used online.",
            "refund_policy_disclosure": "Shown at checkout and in each receipt.",
            "uncategorized_text": "The customer has signed in since the day of the charge.",
        }
        status = "warning_under_review" if inquiry else "under_review"
        books.change(dispute_id, "charge.dispute.updated", evidence=evidence, evidence_details=details, status=status)
        takes = self._rng.randrange(60, 75) if fate == "review" else self._rng.randrange(18, 60)
        end = "won" if fate == "review" else fate
        self._agenda.plan(books.at + takes * DAY, self._close, dispute_id, end)

    def _run_out(self, dispute_id: str) -> None:
        """The deadline passes with no answer."""
        held = self._books.store.get(dispute_id)
        if held is None:
            return
        inquiry = held["status"] == "warning_needs_response"
        if inquiry:
            self._close(dispute_id, "warning_closed")
        else:
            details = {**held["evidence_details"], "past_due": True}
            self._close(dispute_id, "lost", evidence_details=details)

    def _close(self, dispute_id: str, status: str, **also: object) -> None:
        books = self._books
        held = books.store.get(dispute_id)
        if held is None:
            return
        changed: Object = {"status": status, **also}
        if status == "won":
            text = f"Chargeback reversal for {held['charge']}"
            back = self._ledger.enter(
                "adjustment", "dispute_reversal", held["amount"], held["currency"], dispute_id, description=text
            )
            changed["balance_transactions"] = [*held["balance_transactions"], back]
        closed = books.change(dispute_id, "charge.dispute.updated", **changed)
        books.say("charge.dispute.closed", closed)
        if status == "won":
            books.say("charge.dispute.funds_reinstated", closed)
