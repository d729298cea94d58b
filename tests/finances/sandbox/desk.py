"""A customer with invoices, and the money that moves for them: the sandbox's payments without its business."""

from __future__ import annotations

import random
from typing import Any

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.events import Events
from finances.sandbox.engine.identifiers import Identifiers
from finances.sandbox.engine.store import Store
from finances.sandbox.money.payments import Habits, Payments
from finances.sandbox.objects import billing
from finances.sandbox.objects.account import account
from finances.sandbox.objects.people import customer

OPENED = 1_778_803_200  # Friday, 15 May 2026, midnight UTC
Json = dict[str, Any]


class Desk:
    """Time stands still until `pass_days` moves it."""

    def __init__(self, seed: int = 1, **habits: Any) -> None:
        self.store = Store()
        ids = Identifiers(seed)
        self.books = Books(self.store, Events(self.store, ids), ids, OPENED)
        self.agenda = Agenda(self.books)
        self.account = self.books.add(account("acct_1", OPENED, "Harbour Desks"))
        self.payments = Payments(self.books, self.agenda, self.account, random.Random(seed))
        self.customer_id = self.new_customer(**habits)

    def new_customer(self, country: str = "US", **habits: Any) -> str:
        """Quiet unless told otherwise."""
        place = {"city": "Portland", "country": country, "line1": "1 Pier", "line2": None, "postal_code": "97205"}
        made = customer(
            self.books.new_id("cus"),
            self.books.at,
            "Maya Walker",
            "maya@walker.example",
            {**place, "state": "OR"},
            None,
            self.books.ids.capitals(8),
            ["en-US"],
        )
        self.books.add(made)
        self.payments.habits[made["id"]] = Habits(**{"quiet": True, **habits})
        return str(made["id"])

    def invoice(
        self,
        amount: int,
        currency: str = "usd",
        sent: bool = False,
        reason: str = "subscription_cycle",
        subscription: Json | None = None,
        customer_id: str | None = None,
    ) -> str:
        """A finalised invoice of one line; its id."""
        invoice_id = self.books.new_id("in")
        period = (self.books.at, self.books.at)
        line = billing.line(self.books.new_id("il"), invoice_id, currency, amount, "Harbour", 1, period)
        made = billing.invoice(
            invoice_id,
            self.books.at,
            self.account,
            self.store[customer_id or self.customer_id],
            currency,
            [{**line, **billing.of_extra(self.books.new_id("ii"))}],
            reason,
            period,
            subscription,
            30 if sent else None,
        )
        self.books.add(made)
        self.payments.finalize(invoice_id)
        return invoice_id

    def subscription(self) -> Json:
        made = billing.subscription(self.books.new_id("sub"), self.books.at, self.customer_id, "usd", [], None, None)
        return self.books.add(made)

    def paid_invoice(self, amount: int, currency: str = "usd") -> tuple[str, Json]:
        """The invoice's id, and the charge that paid it."""
        invoice_id = self.invoice(amount, currency)
        assert self.payments.attempt(invoice_id, succeeds=True)
        return invoice_id, self.charges(invoice_id)[-1]

    def pass_days(self, days: float) -> None:
        self.agenda.run_until(self.books.at + int(days * DAY))

    def intent(self, invoice_id: str) -> Json:
        return self.store[self.payments.payment_of(invoice_id)["payment"]["payment_intent"]]

    def charges(self, invoice_id: str) -> list[Json]:
        """Oldest first."""
        return list(self.store.of_type("charge", ("payment_intent", self.intent(invoice_id)["id"])))

    def all(self, kind: str) -> list[Json]:
        return list(self.store.of_type(kind))

    def only(self, kind: str) -> Json:
        (held,) = self.all(kind)
        return held

    def customer(self) -> Json:
        return self.store[self.customer_id]

    def events(self, object_id: str) -> list[str]:
        """The types of its events, oldest first."""
        return [each["type"] for each in self.all("event") if each["data"]["object"].get("id") == object_id]
