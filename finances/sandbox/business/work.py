"""Work by the hour, beside any plan: it waits for the next invoice, or has one of its own."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.business.collecting import Collecting
from finances.sandbox.business.drafts import Drafts
from finances.sandbox.business.shop import Shop
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object
from finances.sandbox.money.payments import Payments
from finances.sandbox.objects import billing
from finances.sandbox.objects.invoice_items import invoice_item, line_of_invoice_item

HOURLY = {"usd": 4_000, "eur": 3_700, "gbp": 3_200, "jpy": 6_000, "kwd": 12_300}


class Work:
    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        shop: Shop,
        payments: Payments,
        drafts: Drafts,
        collecting: Collecting,
        rng: random.Random,
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._shop = shop
        self._payments = payments
        self._drafts = drafts
        self._collecting = collecting
        self._rng = rng

    def with_the_next_invoice(self, customer_id: str) -> None:
        """An hour or more of help, for one who has a subscription."""
        subscriptions = self._books.store.of_type("subscription", ("customer", customer_id))
        if any(each["status"] == "active" for each in subscriptions):
            self._drafts.hold(self._hours(customer_id, "Help with the move", self._rng.randrange(1, 6)))

    def long(self, customer_id: str) -> None:
        """Fourteen lines, so that a page of lines is not the whole; sent, and paid as the customer pays."""
        invoice_id = self._bill(customer_id, 14)
        self._payments.finalize(invoice_id)
        self._collecting.watch_due_date(invoice_id)

    def draft(self, customer_id: str) -> None:
        """Fourteen lines that nobody has finished."""
        self._bill(customer_id, 14)

    def void(self, customer_id: str) -> None:
        """One that was a mistake."""
        self._bill_and(self._payments.void, customer_id)

    def debt(self, customer_id: str) -> None:
        """One that nobody will pay."""
        self._bill_and(self._payments.give_up, customer_id)

    def _bill_and(self, action: Callable[[str], object], customer_id: str) -> None:
        invoice_id = self._bill(customer_id, 1)
        self._payments.finalize(invoice_id)
        self._agenda.plan(self._books.at + 2 * DAY, self._if_open, action, invoice_id)

    def _if_open(self, action: Callable[[str], object], invoice_id: str) -> None:
        if self._books.store[invoice_id]["status"] == "open":
            action(invoice_id)

    def _bill(self, customer_id: str, sessions: int) -> str:
        """A draft apart from any subscription, a line for each session."""
        books = self._books
        invoice_id = books.new_id("in")
        lines = []
        for session in range(sessions):
            made = self._hours(customer_id, f"Set-up and training, session {session + 1}", self._rng.randrange(1, 8))
            books.add({**made, "invoice": invoice_id}, "invoiceitem.created")
            lines.append(line_of_invoice_item(books.new_id("il"), invoice_id, made))
        period = (books.at, books.at)
        draft = self._drafts.whole(invoice_id, None, customer_id, lines, "manual", period, 30)
        books.add({**draft, "auto_advance": False, "automatically_finalizes_at": None}, "invoice.created")
        return invoice_id

    def _hours(self, customer_id: str, text: str, hours: int) -> Object:
        books = self._books
        currency = books.store[customer_id]["currency"] or "usd"
        price = self._shop.special("setup", currency)
        pricing = billing.pricing(price, price["unit_amount_decimal"]) if price else None
        return invoice_item(
            books.new_id("ii"),
            books.at,
            customer_id,
            currency,
            HOURLY[currency] * hours,
            text,
            hours,
            (books.at, books.at),
            pricing,
        )
