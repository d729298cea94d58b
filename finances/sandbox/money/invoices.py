"""What becomes of an open invoice: paid, off Stripe too, lowered, void or bad debt; and the payment on it."""

from __future__ import annotations

from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.money import customer_balance


class Invoices:
    def __init__(self, books: Books) -> None:
        self._books = books

    def payment_of(self, invoice_id: str) -> Object:
        return next(self._books.store.of_type("invoice_payment", ("invoice", invoice_id)))

    def customer_of(self, invoice: Object) -> Object | None:
        """None once deleted."""
        held = self._books.store.get(invoice["customer"])
        return None if held is None or held.get("deleted") else held

    def settle(
        self,
        invoice_id: str,
        payment: Object | None,
        counts: bool = True,
        off_stripe: bool = False,
        receipt_number: str | None = None,
    ) -> Object:
        """Paid: by a payment, off Stripe, or with nothing left to pay. `counts`: this was an attempt of its own.
        `receipt_number`: of the receipt that was sent for it."""
        books = self._books
        invoice = books.store[invoice_id]
        due = invoice["amount_due"]
        if payment is not None:
            books.change(
                payment["id"],
                "invoice_payment.paid",
                amount_paid=payment["amount_requested"],
                status="paid",
                status_transitions={"canceled_at": None, "paid_at": books.at},
            )
        automatic = payment is not None and invoice["collection_method"] == "charge_automatically" and counts
        paid = books.change(
            invoice_id,
            "invoice.updated",
            "invoice.paid",
            *([] if off_stripe else ["invoice.payment_succeeded"]),
            amount_paid=due,
            amount_paid_off_stripe=due if off_stripe else 0,
            amount_remaining=0,
            attempt_count=invoice["attempt_count"] + (1 if automatic else 0),
            attempted=True,
            auto_advance=False,
            next_payment_attempt=None,
            receipt_number=receipt_number,
            status="paid",
            status_transitions={**invoice["status_transitions"], "paid_at": books.at},
        )
        self.mark_delinquent(invoice["customer"], False)
        return paid

    def pay_out_of_band(self, invoice_id: str, overpaid: int = 0) -> Object:
        """Paid by a transfer or in cash: the intent is not needed any more. What is too much becomes credit."""
        self._cancel_payment(invoice_id, None)
        invoice = self.settle(invoice_id, None, off_stripe=True)
        if overpaid and self.customer_of(invoice):
            kind, currency = "invoice_overpaid", invoice["currency"]
            customer_balance.move(self._books, invoice["customer"], kind, -overpaid, currency, invoice_id)
            invoice = self._books.change(invoice_id, "invoice.updated", amount_overpaid=overpaid)
        return invoice

    def void(self, invoice_id: str) -> Object:
        """What was taken from the customer's balance goes back there."""
        books = self._books
        invoice = books.store[invoice_id]
        transitions = {**invoice["status_transitions"], "voided_at": books.at}
        self._cancel_payment(invoice_id, "void_invoice")
        taken = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
        if taken and self.customer_of(invoice):
            kind = "unapplied_from_invoice"
            customer_balance.move(books, invoice["customer"], kind, -taken, invoice["currency"], invoice_id)
        return books.change(
            invoice_id,
            "invoice.updated",
            "invoice.voided",
            auto_advance=False,
            next_payment_attempt=None,
            status="void",
            status_transitions=transitions,
        )

    def give_up(self, invoice_id: str) -> Object:
        """Bad debt."""
        invoice = self._books.store[invoice_id]
        transitions = {**invoice["status_transitions"], "marked_uncollectible_at": self._books.at}
        marked = self._books.change(
            invoice_id,
            "invoice.updated",
            "invoice.marked_uncollectible",
            auto_advance=False,
            next_payment_attempt=None,
            status="uncollectible",
            status_transitions=transitions,
        )
        self.mark_delinquent(invoice["customer"], False)
        return marked

    def mark_delinquent(self, customer_id: str, delinquent: bool) -> None:
        customer = self._books.store.get(customer_id)
        if customer and not customer.get("deleted") and customer["delinquent"] != delinquent:
            self._books.change(customer_id, "customer.updated", delinquent=delinquent)

    def lower(self, invoice_id: str, amount: int) -> bool:
        """By a credit note, or (negative) by one that was taken back. True when that left nothing to pay."""
        books = self._books
        invoice = books.store[invoice_id]
        due = invoice["amount_due"] - amount
        credited = invoice["pre_payment_credit_notes_amount"] + amount
        payment = self.payment_of(invoice_id)
        if due:
            books.change(payment["payment"]["payment_intent"], amount=due)
            books.change(payment["id"], amount_requested=due)
        books.change(
            invoice_id,
            "invoice.updated",
            amount_due=due,
            amount_remaining=due,
            pre_payment_credit_notes_amount=credited,
        )
        if not due:
            self._cancel_payment(invoice_id, None)
            self.settle(invoice_id, None)
        return not due

    def _cancel_payment(self, invoice_id: str, reason: str | None) -> None:
        """A debit under way cannot be stopped."""
        books = self._books
        for payment in list(books.store.of_type("invoice_payment", ("invoice", invoice_id))):
            intent = books.store[payment["payment"]["payment_intent"]]
            if payment["status"] != "open" or intent["status"] == "processing":
                continue
            moments = {"canceled_at": books.at, "paid_at": None}
            books.change(payment["id"], status="canceled", status_transitions=moments)
            books.change(
                intent["id"],
                "payment_intent.canceled",
                canceled_at=books.at,
                cancellation_reason=reason,
                next_action=None,
                status="canceled",
            )
