"""What becomes of a payment that went well, and of an invoice that was sent: refunds, disputes, credit notes."""

from __future__ import annotations

import random

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object, subscription_of
from finances.sandbox.money.cards import Cards
from finances.sandbox.money.credit_notes import CreditNotes
from finances.sandbox.money.disputes import Disputes
from finances.sandbox.money.habits import Habits
from finances.sandbox.money.refunds import Refunds

HOUR = 3_600
DISPUTED = 0.0045  # of all good charges
REFUNDED = 0.0165
CREDITED = 0.009  # by a credit note; half of these are refunds too
NEW_CARD = 0.006  # a customer replaces a card that was good
CREDITED_OPEN = 0.08  # of the invoices that are sent


class Aftermath:
    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        refunds: Refunds,
        disputes: Disputes,
        credit_notes: CreditNotes,
        cards: Cards,
        habits: dict[str, Habits],
        rng: random.Random,
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._refunds = refunds
        self._disputes = disputes
        self._credit_notes = credit_notes
        self._cards = cards
        self._habits = habits
        self._rng = rng

    def of_charge(self, charge: Object, invoice_id: str, habits: Habits) -> None:
        """A story first, if the customer has one; for everybody else as chance has it."""
        plan, at, rng = self._agenda.plan, self._books.at, self._rng
        if habits.refund is not None:
            plan(at + 2 * DAY, self._refunds.by_chance, charge["id"], habits.refund)
            habits.refund = None
        if habits.dispute is not None:
            plan(at + 3 * DAY, self._disputes.by_chance, charge["id"], habits.dispute)
            habits.dispute = None
        if habits.quiet:
            return
        draw = rng.random()
        if draw < DISPUTED:
            plan(at + rng.randrange(2 * DAY, 50 * DAY), self._disputes.by_chance, charge["id"])
        elif draw < DISPUTED + REFUNDED:
            how_much = rng.choice(("part", "full"))
            plan(at + rng.randrange(HOUR, 28 * DAY), self._refunds.by_chance, charge["id"], how_much)
        elif draw < DISPUTED + REFUNDED + CREDITED:
            plan(at + rng.randrange(HOUR, 20 * DAY), self._credit_notes.after_payment_by_chance, invoice_id)
        elif draw > 1 - NEW_CARD:
            plan(at + rng.randrange(HOUR, 26 * DAY), self._replace_card, charge["customer"], invoice_id)

    def _replace_card(self, customer_id: str, invoice_id: str) -> None:
        invoice, customer = self._books.store.get(invoice_id), self._books.store.get(customer_id)
        held = customer and not customer.get("deleted") and customer["invoice_settings"]["default_payment_method"]
        if invoice is not None and held and held in self._books.store:
            self._cards.replace(customer_id, self._habits[customer_id], subscription_of(invoice))

    def of_sent_invoice(self, invoice_id: str, habits: Habits) -> None:
        if habits.quiet or self._rng.random() >= CREDITED_OPEN:
            return
        moment = self._books.at + self._rng.randrange(HOUR, 12 * DAY)
        self._agenda.plan(moment, self._credit_notes.before_payment_by_chance, invoice_id)
