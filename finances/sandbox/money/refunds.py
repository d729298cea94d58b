"""Money back: in part or in full, now or after some days, and the few that do not arrive."""

from __future__ import annotations

import random

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.events import before
from finances.sandbox.engine.store import Object
from finances.sandbox.money.ledger import Ledger
from finances.sandbox.objects.refunds import refund

REASONS = ("requested_by_customer", "duplicate", "fraudulent", None)
FAILS = 0.05  # more than at Stripe, so that a demo has some to show
FAILURES = ("lost_or_stolen_card", "expired_or_canceled_card", "declined", "unknown")


class Refunds:
    def __init__(self, books: Books, agenda: Agenda, ledger: Ledger, rng: random.Random) -> None:
        self._books = books
        self._agenda = agenda
        self._ledger = ledger
        self._rng = rng

    def possible(self, charge_id: str) -> int:
        """What is left to refund, in minor units; nothing of a charge that is not good or is disputed."""
        charge = self._books.store.get(charge_id)
        if charge is None or charge["status"] != "succeeded" or charge["disputed"]:
            return 0
        return int(charge["amount"] - charge["amount_refunded"])

    def by_chance(self, charge_id: str, how_much: str) -> None:
        """`how_much` is part or full; a few fail in the end."""
        left = self.possible(charge_id)
        if left < 2:
            return
        amount = left if how_much == "full" else max(left * self._rng.choice((20, 25, 50, 75)) // 100, 1)
        reason = self._rng.choices(REASONS, (70, 14, 5, 11))[0]
        self.start(charge_id, amount, reason, self._rng.random() < FAILS)

    def start(self, charge_id: str, amount: int, reason: str | None, fails: bool = False) -> Object:
        """Takes it from the balance and sends it off. Bank debits take days, and so do the ones that will fail."""
        books = self._books
        charge = books.store[charge_id]
        card = charge["payment_method_details"]["type"] == "card"
        refund_id = books.new_id("re")
        kind = "refund" if card else "payment_refund"
        taken = self._ledger.enter(kind, "refund", -amount, charge["currency"], refund_id, description=_text(charge))
        pending = fails or charge["payment_method_details"]["type"] in ("sepa_debit", "us_bank_account")
        reference = f"{self._rng.randrange(10**15, 10**16)}"
        made = refund(refund_id, books.at, charge, amount, reason, taken["id"], reference, pending)
        total = charge["amount_refunded"] + amount
        changed: Object = {"amount_refunded": total, "refunded": total == charge["amount"]}
        if reason == "fraudulent":
            changed["fraud_details"] = {"user_report": "fraudulent"}
        books.add(made)
        books.change(charge_id, "charge.refunded", **changed)
        books.say("refund.created", made)
        if pending:
            self._agenda.plan(books.at + self._rng.randrange(3, 8) * DAY, self._end, refund_id, fails, reference)
        return made

    def _end(self, refund_id: str, fails: bool, reference: str) -> None:
        books = self._books
        held = books.store.get(refund_id)
        if held is None or held["charge"] not in books.store:
            return
        settled = {name: value for name, value in held.items() if name != "pending_reason"}
        settled["status"] = "failed" if fails else "succeeded"
        if fails:
            charge = books.store[held["charge"]]
            kind = "refund_failure"
            back = self._ledger.enter(kind, "refund_failure", held["amount"], held["currency"], refund_id)
            settled |= {"failure_balance_transaction": back["id"], "failure_reason": self._rng.choice(FAILURES)}
            left = charge["amount_refunded"] - held["amount"]
            books.change(charge["id"], "charge.updated", amount_refunded=left, refunded=False)
        elif "destination_details" in held:
            details = {**held["destination_details"]["card"], "reference": reference}
            details |= {"reference_status": "available", "type": "refund"}
            settled["destination_details"] = {"card": details, "type": "card"}
        books.add(settled)
        previous = before(held, settled)
        books.events.record("refund.updated", settled, books.at, previous)
        books.events.record("charge.refund.updated", settled, books.at, previous)
        if fails:
            books.say("refund.failed", settled)


def _text(charge: Object) -> str:
    return f"REFUND FOR CHARGE ({charge['description']})"
