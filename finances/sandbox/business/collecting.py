"""From the draft to the money: an hour as a draft, the charge, the retries, and what a refusal means in the end."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.business.growth import Climate
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import subscription_of
from finances.sandbox.money.habits import Habits
from finances.sandbox.money.payments import Payments

ENDED = ("canceled", "incomplete_expired")
HOUR = 3_600


class Collecting:
    """`give_up_on` ends a subscription that was not paid: (its id, the reason)."""

    def __init__(self, books: Books, agenda: Agenda, payments: Payments, climate: Climate, rng: random.Random) -> None:
        self._books = books
        self._agenda = agenda
        self._payments = payments
        self._climate = climate
        self._rng = rng
        self.left_unpaid: set[str] = set()  # customers of whom nobody gives up the subscription
        self.give_up_on: Callable[[str, str], object] = lambda _subscription_id, _reason: None

    def in_an_hour(self, invoice_id: str) -> None:
        """Stripe leaves a renewal's draft alone for an hour."""
        self._agenda.plan(self._books.at + HOUR, self.finalize, invoice_id)

    def finalize(self, invoice_id: str) -> None:
        """Open from now on; charged at once, or sent."""
        if self._books.store[invoice_id]["status"] != "draft":
            return
        invoice = self._payments.finalize(invoice_id)
        if invoice["status"] != "open":
            return
        if invoice["collection_method"] == "send_invoice":
            self.watch_due_date(invoice_id)
        else:
            self._charge(invoice_id, self._outcome(invoice["customer"]))

    def retry(self, invoice_id: str) -> None:
        invoice = self._books.store[invoice_id]
        if invoice["status"] == "open" and invoice["next_payment_attempt"] is not None:
            self._charge(invoice_id, None)

    def pay_sent(self, invoice_id: str) -> None:
        """Somebody pays the hosted page of an open invoice."""
        if self._books.store[invoice_id]["status"] == "open":
            self._payments.attempt(invoice_id, succeeds=True)
            self.paid(invoice_id)

    def paid(self, invoice_id: str) -> None:
        """An invoice was paid after trouble: its subscription is active again when nothing else is open."""
        books = self._books
        subscription_id = subscription_of(books.store[invoice_id])
        subscription = books.store.get(subscription_id) if subscription_id else None
        if subscription is None or subscription["status"] not in ("past_due", "unpaid", "incomplete"):
            return
        invoices = books.store.of_type("invoice", ("subscription", subscription["id"]))
        if not any(each["status"] == "open" and each["attempted"] for each in invoices):
            books.change(subscription["id"], "customer.subscription.updated", status="active")

    def after_refusal(self, invoice_id: str) -> None:
        """Past due while there are tries left; after the last the subscription ends or stays unpaid."""
        books = self._books
        invoice = books.store[invoice_id]
        again = invoice["next_payment_attempt"]
        if again is not None:
            self._agenda.plan(again, self.retry, invoice_id)
        subscription_id = subscription_of(invoice)
        if subscription_id is None or books.store[subscription_id]["status"] in ENDED:
            return
        if again is not None:
            if books.store[subscription_id]["status"] == "active":
                books.change(subscription_id, "customer.subscription.updated", status="past_due")
        elif invoice["customer"] in self.left_unpaid or self._rng.random() < 0.35:
            books.change(subscription_id, "customer.subscription.updated", status="unpaid")
        else:
            self.give_up_on(subscription_id, "payment_failed")
            if self._rng.random() < 0.5:
                self._payments.give_up(invoice_id)

    def watch_due_date(self, invoice_id: str) -> None:
        """An invoice that was sent: when it will be paid, and that it may become overdue."""
        invoice = self._books.store[invoice_id]
        due = invoice["due_date"]
        if due is None or invoice["status"] != "open":
            return
        habits = self._payments.habits.get(invoice["customer"], Habits())
        if habits.pays_sent_invoices == "prompt":
            self._agenda.plan(due - self._rng.randrange(HOUR, 12 * DAY), self.pay_sent, invoice_id)
        elif habits.pays_sent_invoices == "late":
            self._agenda.plan(due + self._rng.randrange(2 * DAY, 25 * DAY), self.pay_sent, invoice_id)
        self._agenda.plan(due, self._overdue, invoice_id)

    def _charge(self, invoice_id: str, succeeds: bool | None) -> None:
        if self._payments.attempt(invoice_id, succeeds=succeeds):
            self.paid(invoice_id)
        else:
            self.after_refusal(invoice_id)

    def _outcome(self, customer_id: str) -> bool | None:
        """In a bad month cards refuse that never did; None leaves it to the customer's habits."""
        extra = self._climate.refusals(self._books.at)
        habits = self._payments.habits.get(customer_id)
        if extra and not (habits and habits.quiet) and self._rng.random() < extra:
            return False
        return None

    def _overdue(self, invoice_id: str) -> None:
        books = self._books
        invoice = books.store[invoice_id]
        if invoice["status"] != "open":
            return
        books.say("invoice.overdue", invoice)
        self._payments.mark_delinquent(invoice["customer"], True)
        subscription_id = subscription_of(invoice)
        if subscription_id and books.store[subscription_id]["status"] == "active":
            books.change(subscription_id, "customer.subscription.updated", status="past_due")
