"""Collection that is paused for a while: invoices go on, nobody is charged."""

from __future__ import annotations

from finances.sandbox.business.collecting import ENDED, HOUR
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.money.payments import Payments


class Pauses:
    def __init__(self, books: Books, agenda: Agenda, payments: Payments) -> None:
        self._books = books
        self._agenda = agenda
        self._payments = payments

    def begin(self, subscription_id: str, behavior: str, resumes_at: int) -> None:
        """`behavior` says what becomes of its invoices meanwhile: keep_as_draft, void or mark_uncollectible."""
        books = self._books
        if books.store[subscription_id]["status"] == "active":
            paused = {"behavior": behavior, "resumes_at": resumes_at}
            books.change(subscription_id, "customer.subscription.updated", pause_collection=paused)
            self._agenda.plan(resumes_at, self._end, subscription_id)

    def see_to(self, subscription: Object, invoice_id: str) -> bool:
        """What becomes of a renewal's draft; False when it is to be collected as usual."""
        paused = subscription["pause_collection"]
        if subscription["status"] == "unpaid" or (paused and paused["behavior"] == "keep_as_draft"):
            # Stripe leaves these as drafts: nobody is charged.
            self._books.change(
                invoice_id, auto_advance=False, automatically_finalizes_at=None, next_payment_attempt=None
            )
            return True
        if paused:
            self._agenda.plan(self._books.at + HOUR, self._forgo, invoice_id, paused["behavior"])
        return bool(paused)

    def _forgo(self, invoice_id: str, behavior: str) -> None:
        """Final, and nobody pays: void, or bad debt at once."""
        if self._books.store[invoice_id]["status"] != "draft":
            return
        if self._payments.finalize(invoice_id)["status"] == "open":
            (self._payments.void if behavior == "void" else self._payments.give_up)(invoice_id)

    def _end(self, subscription_id: str) -> None:
        subscription = self._books.store[subscription_id]
        if subscription["pause_collection"] and subscription["status"] not in ENDED:
            self._books.change(subscription_id, "customer.subscription.updated", pause_collection=None)
