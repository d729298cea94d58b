"""Credit notes: an open invoice asks for less, a paid one gives something back."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object
from finances.sandbox.money import customer_balance
from finances.sandbox.money.refunds import Refunds
from finances.sandbox.objects.credit_notes import credit_note, credit_note_line

REASONS = ("order_change", "product_unsatisfactory", "duplicate", "fraudulent", None)
REASON_WEIGHTS = (40, 30, 12, 2, 16)
MEMOS = ("Fewer seats than billed.", "Sorry for the outage last week.", "Agreed with the customer by phone.", None)
WAYS = ("refund", "credit_balance", "out_of_band")


class CreditNotes:
    """`lower(invoice_id, amount)` makes an open invoice and what would pay it ask for that much less."""

    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        refunds: Refunds,
        lower: Callable[[str, int], object],
        rng: random.Random,
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._refunds = refunds
        self._lower = lower
        self._rng = rng

    def before_payment_by_chance(self, invoice_id: str) -> None:
        """A part of an open invoice, seldom all of it; a few are taken back after some days."""
        rng = self._rng
        invoice = self._books.store.get(invoice_id)
        if invoice is None or invoice["status"] != "open" or invoice["attempted"] or invoice["amount_remaining"] < 20:
            return
        share = rng.choice((10, 15, 20, 25, 50, 50, 100))
        made = self._issue(invoice, invoice["amount_remaining"] * share // 100, True)
        self._lower(invoice_id, made["amount"])
        self._books.say("credit_note.created", made)
        if share < 100 and rng.random() < 0.2:
            self._agenda.plan(self._books.at + rng.randrange(DAY, 6 * DAY), self.void, made["id"])

    def after_payment_by_chance(self, invoice_id: str) -> None:
        rng = self._rng
        share, way = rng.choice((10, 20, 25, 50, 100)), rng.choices(WAYS, (45, 40, 15))[0]
        self.after_payment(invoice_id, share, way)

    def after_payment(self, invoice_id: str, share: int, way: str) -> Object | None:
        """`share` of a hundred of what was paid; `way` is refund, credit_balance or out_of_band. None when nothing is
        left to give back that way."""
        books = self._books
        invoice = books.store.get(invoice_id)
        if invoice is None or invoice["status"] != "paid" or invoice["customer"] not in books.store:
            return None
        amount = (invoice["amount_paid"] - invoice["post_payment_credit_notes_amount"]) * share // 100
        charge_id = self._charge_of(invoice_id)
        if way == "refund":
            amount = min(amount, self._refunds.possible(charge_id) if charge_id else 0)
        if amount < 1:
            return None
        made = self._issue(invoice, amount, False)
        changed: Object = {"out_of_band_amount": amount}
        if way == "refund":
            sent = self._refunds.start(str(charge_id), amount, "requested_by_customer")
            entry = {"amount_refunded": amount, "payment_record_refund": None, "refund": sent["id"], "type": "refund"}
            changed = {"refunds": [entry]}
        elif way == "credit_balance":
            kept = customer_balance.move(
                books, invoice["customer"], "credit_note", -amount, invoice["currency"], invoice_id, made["id"]
            )
            changed = {"customer_balance_transaction": kept["id"]}
        made = books.change(made["id"], **changed)
        given = invoice["post_payment_credit_notes_amount"] + amount
        books.change(invoice_id, "invoice.updated", post_payment_credit_notes_amount=given)
        books.say("credit_note.created", made)
        return made

    def void(self, note_id: str) -> None:
        """Takes back a credit note whose invoice is still open: it asks for the whole again."""
        books = self._books
        note = books.store.get(note_id)
        if note is None or note["status"] != "issued" or note["type"] != "pre_payment":
            return
        invoice = books.store.get(note["invoice"])
        if invoice is None or invoice["status"] != "open" or invoice["attempted"]:
            return
        self._lower(invoice["id"], -note["amount"])
        books.change(note_id, "credit_note.updated", "credit_note.voided", status="void", voided_at=books.at)

    def _issue(self, invoice: Object, amount: int, before_payment: bool) -> Object:
        books, rng = self._books, self._rng
        amount = max(amount, 1)
        lines = invoice["lines"]["data"]
        fits = [each for each in lines if each["amount"] >= amount and not each["taxes"] and not each["discounts"]]
        of = fits[0] if fits else None
        text = of["description"] if of else "Goodwill credit"
        line = credit_note_line(books.new_id("cnli"), amount, text, of["id"] if of else None, 1)
        number = f"{invoice['number']}-CN-{books.store.count('credit_note', ('invoice', invoice['id'])) + 1:02}"
        reason, memo = rng.choices(REASONS, REASON_WEIGHTS)[0], rng.choice(MEMOS)
        return books.add(credit_note(books.new_id("cn"), books.at, invoice, number, line, reason, memo, before_payment))

    def _charge_of(self, invoice_id: str) -> str | None:
        for payment in self._books.store.of_type("invoice_payment", ("invoice", invoice_id)):
            if payment["status"] == "paid":
                charge_id = self._books.store[payment["payment"]["payment_intent"]]["latest_charge"]
                return str(charge_id) if charge_id else None
        return None
