"""Getting an invoice paid: finalising it, charging it, what follows when the card refuses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .books import Books
from .clock import DAY
from .objects.billing import invoice_payment
from .objects.payments import DECLINES, Decline, charge, payment_error, payment_intent
from .objects.people import payment_method
from .store import Object, subscription_of

RETRY_DAYS = (3, 5, 7)  # after the first, second and third refusal; a fourth is the last
BRANDS = (("visa", "4242"), ("visa", "1881"), ("mastercard", "4444"), ("mastercard", "8210"), ("amex", "0005"))


@dataclass
class Habits:
    """How a customer pays: nothing that Stripe would know. `refusals` is the chance that the card refuses."""

    refusals: float = 0.0
    decline: Decline = DECLINES[0]
    refuses_after: int | None = None  # so many charges go well, then none does
    pays_sent_invoices: str = "prompt"  # prompt, late or never
    charges: int = field(default=0)


class Payments:
    """Everything that touches an invoice's money."""

    def __init__(self, books: Books, account: Object, rng: random.Random) -> None:
        self._books = books
        self._account = account
        self._rng = rng
        self.habits: dict[str, Habits] = {}

    def add_card(self, customer_id: str, attached: bool = True) -> Object:
        """A new card; an attached one becomes the customer's default."""
        books, rng = self._books, self._rng
        customer = books.store[customer_id]
        brand, last4 = rng.choice(BRANDS)
        month, year = rng.randrange(1, 13), 2027 + rng.randrange(5)
        fingerprint = books.ids.letters(16)
        made = payment_method(books.new_id("pm"), books.at, customer, brand, last4, month, year, fingerprint, attached)
        if not attached:
            return books.add(made)
        books.add(made, "payment_method.attached")
        settings = {**customer["invoice_settings"], "default_payment_method": made["id"]}
        books.change(customer_id, "customer.updated", invoice_settings=settings)
        return made

    def finalize(self, invoice_id: str) -> Object:
        """Draft to open: a number, addresses, the customer's balance applied, an intent to pay what is left."""
        books = self._books
        draft = books.store[invoice_id]
        customer = books.store[draft["customer"]]
        balance, total, at = customer["balance"], draft["total"], books.at
        due = max(total + balance, 0)
        left = total + balance - due
        secret = books.ids.letters(24)
        page = f"https://invoice.stripe.example/i/{self._account['id']}/{secret}"
        invoice = books.change(
            invoice_id,
            amount_due=due,
            amount_remaining=due,
            automatically_finalizes_at=None,
            effective_at=at,
            ending_balance=left,
            starting_balance=balance,
            hosted_invoice_url=page,
            invoice_pdf=f"{page}/pdf",
            number=f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04}",
            status="open",
            status_transitions={**draft["status_transitions"], "finalized_at": at},
        )
        sequence = customer["next_invoice_sequence"] + 1
        changed = {"next_invoice_sequence": sequence, "currency": draft["currency"], "balance": left}
        books.change(customer["id"], *(["customer.updated"] if left != balance else []), **changed)
        books.say("invoice.finalized", invoice)
        if due == 0:
            return self._settle(invoice_id, None)
        intent = books.add(
            payment_intent(books.new_id("pi"), at, invoice, books.ids.letters(25)), "payment_intent.created"
        )
        books.add(invoice_payment(books.new_id("inpay"), at, invoice, intent["id"]))
        if invoice["collection_method"] == "send_invoice":
            books.say("invoice.sent", invoice)
        return invoice

    def attempt(self, invoice_id: str, succeeds: bool | None = None) -> bool:
        """One charge of an open invoice. True when it is paid; a refusal sets the next attempt, or none after the
        fourth. `succeeds` decides instead of the customer's habits."""
        books, rng = self._books, self._rng
        invoice = books.store[invoice_id]
        customer = books.store[invoice["customer"]]
        habits = self.habits.setdefault(customer["id"], Habits())
        worn = habits.refuses_after is not None and habits.charges >= habits.refuses_after
        refused = (worn or rng.random() < habits.refusals) if succeeds is None else not succeeds
        habits.charges += 1
        payment = self.payment_of(invoice_id)
        intent = books.store[payment["payment"]["payment_intent"]]
        decline = habits.decline if refused else None
        method = self._method_for(customer)
        made = charge(books.new_id("ch"), books.at, intent, customer, method, decline, rng.randrange(2, 60))
        books.add(made, "charge.failed" if decline else "charge.succeeded")
        if decline is None:
            books.change(
                intent["id"],
                "payment_intent.succeeded",
                amount_received=intent["amount"],
                last_payment_error=None,
                latest_charge=made["id"],
                payment_method=method["id"],
                status="succeeded",
            )
            self._settle(invoice_id, payment)
            return True
        error = payment_error(decline, made["id"], method)
        books.change(
            intent["id"],
            "payment_intent.payment_failed",
            last_payment_error=error,
            latest_charge=made["id"],
            payment_method=None,
            status="requires_payment_method",
        )
        self._note_refusal(invoice, customer)
        return False

    def payment_of(self, invoice_id: str) -> Object:
        return next(self._books.store.of_type("invoice_payment", ("invoice", invoice_id)))

    def void(self, invoice_id: str) -> Object:
        transitions = {**self._books.store[invoice_id]["status_transitions"], "voided_at": self._books.at}
        self._cancel_payment(invoice_id, "void_invoice")
        return self._books.change(
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

    def _settle(self, invoice_id: str, payment: Object | None) -> Object:
        books = self._books
        invoice = books.store[invoice_id]
        if payment is not None:
            books.change(
                payment["id"],
                "invoice_payment.paid",
                amount_paid=payment["amount_requested"],
                status="paid",
                status_transitions={"canceled_at": None, "paid_at": books.at},
            )
        automatic = payment is not None and invoice["collection_method"] == "charge_automatically"
        paid = books.change(
            invoice_id,
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            amount_paid=invoice["amount_due"],
            amount_remaining=0,
            attempt_count=invoice["attempt_count"] + (1 if automatic else 0),
            attempted=True,
            auto_advance=False,
            next_payment_attempt=None,
            status="paid",
            status_transitions={**invoice["status_transitions"], "paid_at": books.at},
        )
        self.mark_delinquent(invoice["customer"], False)
        return paid

    def _note_refusal(self, invoice: Object, customer: Object) -> None:
        attempts = invoice["attempt_count"] + 1
        recurring = invoice["billing_reason"] == "subscription_cycle" and subscription_of(invoice)
        again = recurring and attempts <= len(RETRY_DAYS)
        self._books.change(
            invoice["id"],
            "invoice.updated",
            "invoice.payment_failed",
            attempt_count=attempts,
            attempted=True,
            next_payment_attempt=self._books.at + RETRY_DAYS[attempts - 1] * DAY if again else None,
        )
        self.mark_delinquent(customer["id"], True)

    def _cancel_payment(self, invoice_id: str, reason: str) -> None:
        books = self._books
        for payment in books.store.of_type("invoice_payment", ("invoice", invoice_id)):
            moments = {"canceled_at": books.at, "paid_at": None}
            books.change(payment["id"], status="canceled", status_transitions=moments)
            books.change(
                payment["payment"]["payment_intent"],
                "payment_intent.canceled",
                canceled_at=books.at,
                cancellation_reason=reason,
                status="canceled",
            )

    def _method_for(self, customer: Object) -> Object:
        default = customer["invoice_settings"]["default_payment_method"]
        held = self._books.store.get(default) if default else None
        return held or self.add_card(customer["id"], attached=False)
