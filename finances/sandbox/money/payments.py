"""Getting an invoice paid: finalising it, charging it, what follows when the card refuses."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object, subscription_of
from finances.sandbox.money import customer_balance
from finances.sandbox.money.aftermath import Aftermath
from finances.sandbox.money.cards import Cards
from finances.sandbox.money.credit_notes import CreditNotes
from finances.sandbox.money.disputes import Disputes
from finances.sandbox.money.habits import Habits
from finances.sandbox.money.invoices import Invoices
from finances.sandbox.money.ledger import Ledger
from finances.sandbox.money.refunds import Refunds
from finances.sandbox.objects.billing import invoice_payment
from finances.sandbox.objects.declines import DECLINES, EXPIRED, RETURNS, WEIGHTS, Decline
from finances.sandbox.objects.payments import charge, payment_error, payment_intent, receipt_number, refused, waiting
from finances.sandbox.objects.setup import USE_SDK

__all__ = ["Habits", "Payments"]

HOUR = 3_600
RETRY_DAYS = (3, 5, 7)  # after the first, second and third refusal; a fourth is the last
MISHAP = 0.01  # the chance that any card refuses once
UPDATES_CARD = 0.65  # the chance that a refusal makes somebody give a better card before the next try
OUT_OF_BAND = 0.12  # of the invoices that are sent: paid by a transfer that Stripe never sees
OVERPAID = 0.1  # of these transfers: rounded up by whoever sent them


class Payments:
    """Everything that touches an invoice's money.

    `when_paid` and `when_refused` are told the invoice's id when that happens outside of `attempt`: a bank's answer
    after some days, a card that was changed, a credit note for the whole.
    """

    def __init__(self, books: Books, agenda: Agenda, account: Object, rng: random.Random) -> None:
        self._books = books
        self._agenda = agenda
        self._account = account
        self._rng = rng
        self.habits: dict[str, Habits] = {}
        self.when_paid: Callable[[str], object] = lambda _invoice_id: None
        self.when_refused: Callable[[str], object] = lambda _invoice_id: None
        self.invoices = Invoices(books)
        self.void, self.give_up = self.invoices.void, self.invoices.give_up
        self.payment_of, self.mark_delinquent = self.invoices.payment_of, self.invoices.mark_delinquent
        self.pay_out_of_band = self.invoices.pay_out_of_band
        self.ledger = Ledger(books, agenda)
        self.cards = Cards(books, rng)
        self.refunds = Refunds(books, agenda, self.ledger, rng)
        self.disputes = Disputes(books, agenda, self.ledger, rng)
        self.credit_notes = CreditNotes(books, agenda, self.refunds, self._lower, rng)
        self._aftermath = Aftermath(
            books, agenda, self.refunds, self.disputes, self.credit_notes, self.cards, self.habits, rng
        )

    def add_card(self, customer_id: str, attached: bool = True) -> Object:
        """A new method by the customer's habits; an attached one becomes the customer's default."""
        return self.cards.add(customer_id, self._habits(customer_id), attached)

    def finalize(self, invoice_id: str) -> Object:
        """Draft to open: a number, addresses, the customer's balance applied, an intent to pay what is left. The draft
        of a deleted customer stays one."""
        books = self._books
        draft = books.store[invoice_id]
        customer = self.invoices.customer_of(draft)
        if customer is None:
            return draft
        balance, total, at = customer["balance"], draft["total"], books.at
        due = max(total + balance, 0)
        left = total + balance - due
        secret = books.ids.letters(24)
        page = f"https://invoice.stripe.com/i/{self._account['id']}/{secret}"
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
        sequence, currency = customer["next_invoice_sequence"] + 1, draft["currency"]
        if left != balance:
            kind, taken = "applied_to_invoice", left - balance
            customer_balance.move(
                books, customer["id"], kind, taken, currency, invoice_id, next_invoice_sequence=sequence
            )
        else:
            books.change(customer["id"], next_invoice_sequence=sequence, currency=currency)
        books.say("invoice.finalized", invoice)
        if due == 0:
            return self.invoices.settle(invoice_id, None)
        intent = books.add(
            payment_intent(books.new_id("pi"), at, invoice, books.ids.letters(25)), "payment_intent.created"
        )
        books.add(invoice_payment(books.new_id("inpay"), at, invoice, intent["id"]))
        if invoice["collection_method"] == "send_invoice":
            books.say("invoice.sent", invoice)
            self._aftermath.of_sent_invoice(invoice_id, self._habits(customer["id"]))
        return invoice

    def attempt(self, invoice_id: str, succeeds: bool | None = None) -> bool:
        """One charge of an open invoice. True when it is paid, or a bank has days to pay it; a refusal sets the next
        attempt, or none after the fourth. `succeeds` decides instead of the customer's habits."""
        books, rng = self._books, self._rng
        invoice = books.store[invoice_id]
        customer = self.invoices.customer_of(invoice)
        if customer is None or invoice["status"] not in ("open", "uncollectible"):
            return True
        habits = self._habits(customer["id"])
        payment = self.payment_of(invoice_id)
        intent = books.store[payment["payment"]["payment_intent"]]
        if intent["status"] == "processing":
            return True
        sent = invoice["collection_method"] == "send_invoice"
        if sent and succeeds and not habits.quiet and rng.random() < OUT_OF_BAND:
            self.pay_out_of_band(invoice_id, overpaid=-invoice["amount_due"] % 1_000 if rng.random() < OVERPAID else 0)
            return True
        method = self.cards.to_charge(invoice, customer, habits)
        decline = self._decline(habits, method, succeeds)
        habits.charges += 1
        if method["type"] in RETURNS and succeeds is not False:
            self._debit(invoice, intent, customer, method, decline)
            return True
        risk = rng.randrange(2, 60) if rng.random() < 0.96 else rng.randrange(60, 75)
        if decline is not None:
            self._refuse(invoice, intent, customer, method, decline, risk)
            return False
        charge_id = books.new_id("ch" if method["type"] == "card" else "py")
        taken = self.ledger.take(method["type"], charge_id, intent["amount"], intent["currency"], intent["description"])
        made = charge(charge_id, books.at, intent, customer, method, None, risk, taken["id"])
        books.add(made, "charge.succeeded")
        self._succeed(made, method["id"], invoice_id, payment)
        if invoice["billing_reason"] == "subscription_create" and not habits.quiet and rng.random() < 0.12:
            self.cards.prefer(method, subscription_of(invoice) or "")
        return True

    def give_credit(self, customer_id: str, amount: int, description: str = "Goodwill") -> None:
        """`amount` minor units off the next invoices: Stripe writes what it owes as a negative balance."""
        customer = self._books.store[customer_id]
        currency = customer["currency"] or "usd"
        customer_balance.move(self._books, customer_id, "adjustment", -amount, currency, description=description)

    def _habits(self, customer_id: str) -> Habits:
        return self.habits.setdefault(customer_id, Habits())

    def _decline(self, habits: Habits, method: Object, succeeds: bool | None) -> Decline | None:
        """How the method refuses, or None when it pays."""
        if succeeds:
            return None
        rng = self._rng
        worn = habits.refuses_after is not None and habits.charges >= habits.refuses_after
        refuses = succeeds is False or worn
        if not refuses and self.cards.expired(method):
            return EXPIRED
        if not refuses and method["id"] == habits.refusing:
            refuses = rng.random() < habits.refusals
        mishap = not refuses and not habits.quiet and rng.random() < MISHAP
        if not refuses and not mishap:
            return None
        if method["type"] in RETURNS:
            return rng.choice(RETURNS[method["type"]])
        return rng.choices(DECLINES, WEIGHTS)[0] if mishap else habits.decline

    def _succeed(self, made: Object, method_id: str, invoice_id: str, payment: Object, counts: bool = True) -> None:
        books = self._books
        books.change(
            made["payment_intent"],
            "payment_intent.succeeded",
            amount_received=made["amount"],
            last_payment_error=None,
            latest_charge=made["id"],
            next_action=None,
            payment_method=method_id,
            status="succeeded",
        )
        invoice = self.invoices.settle(invoice_id, payment, counts, receipt_number=made["receipt_number"])
        self._aftermath.of_charge(made, invoice_id, self._habits(invoice["customer"]))

    def _refuse(
        self, invoice: Object, intent: Object, customer: Object, method: Object, decline: Decline, risk: int
    ) -> None:
        books = self._books
        changed: Object = {}
        if decline.charged:
            charge_id = books.new_id("ch" if method["type"] == "card" else "py")
            books.add(charge(charge_id, books.at, intent, customer, method, decline, risk), "charge.failed")
            changed["latest_charge"] = charge_id
        books.change(
            intent["id"],
            "payment_intent.requires_action" if decline.action else "payment_intent.payment_failed",
            last_payment_error=payment_error(decline, changed.get("latest_charge"), method),
            next_action=USE_SDK if decline.action else None,
            payment_method=method["id"] if decline.action else None,
            status="requires_action" if decline.action else "requires_payment_method",
            **changed,
        )
        if decline.action:
            books.say("invoice.payment_action_required", invoice)
        self._note_refusal(invoice, customer)

    def _debit(
        self, invoice: Object, intent: Object, customer: Object, method: Object, decline: Decline | None
    ) -> None:
        """A bank takes some days to pay or to refuse."""
        books, rng = self._books, self._rng
        made = waiting(charge(books.new_id("py"), books.at, intent, customer, method, None, 0))
        books.add(made, "charge.pending")
        books.change(
            intent["id"],
            "payment_intent.processing",
            last_payment_error=None,
            latest_charge=made["id"],
            payment_method=method["id"],
            status="processing",
        )
        tried = invoice["attempt_count"] + (1 if invoice["collection_method"] == "charge_automatically" else 0)
        books.change(invoice["id"], "invoice.updated", attempt_count=tried, attempted=True, next_payment_attempt=None)
        ends = books.at + rng.randrange(3 * DAY, 6 * DAY)
        self._agenda.plan(ends, self._end_debit, invoice["id"], made["id"], decline)

    def _end_debit(self, invoice_id: str, charge_id: str, decline: Decline | None) -> None:
        books = self._books
        made, invoice = books.store.get(charge_id), books.store.get(invoice_id)
        if made is None or invoice is None or made["status"] != "pending":
            return
        payment = self.payment_of(invoice_id)
        kind = made["payment_method_details"]["type"]
        if decline is None and invoice["status"] in ("open", "uncollectible"):
            taken = self.ledger.take(kind, charge_id, made["amount"], made["currency"], made["description"])
            good = books.change(
                charge_id,
                "charge.succeeded",
                amount_captured=made["amount"],
                balance_transaction=taken["id"],
                paid=True,
                receipt_number=receipt_number(charge_id, made["billing_details"]["email"]),
                receipt_url=f"https://pay.stripe.com/receipts/invoices/{charge_id}",
                status="succeeded",
            )
            self._succeed(good, made["payment_method"], invoice_id, payment, counts=False)
            self.when_paid(invoice_id)
            return
        decline = decline or RETURNS[kind][0]
        books.change(charge_id, "charge.failed", **refused(made, decline))
        method = books.store.get(made["payment_method"])
        books.change(
            made["payment_intent"],
            "payment_intent.payment_failed",
            last_payment_error=payment_error(decline, charge_id, method) if method else None,
            payment_method=None,
            status="requires_payment_method",
        )
        customer = self.invoices.customer_of(invoice)
        if invoice["status"] == "open" and customer is not None:
            self._note_refusal(invoice, customer, counts=False)
            self.when_refused(invoice_id)

    def _note_refusal(self, invoice: Object, customer: Object, counts: bool = True) -> None:
        """The next attempt, and what the customer may do before it."""
        books, rng = self._books, self._rng
        attempts = invoice["attempt_count"] + (1 if counts else 0)
        subscription_id = subscription_of(invoice)
        recurring = subscription_id and invoice["billing_reason"] != "subscription_create"
        again = recurring and attempts <= len(RETRY_DAYS)
        wait = RETRY_DAYS[max(attempts, 1) - 1] * DAY if again else 0
        books.change(
            invoice["id"],
            "invoice.updated",
            "invoice.payment_failed",
            attempt_count=attempts,
            attempted=True,
            next_payment_attempt=books.at + wait if again else None,
        )
        self.mark_delinquent(customer["id"], True)
        habits = self._habits(customer["id"])
        if again and not habits.quiet and habits.refuses_after is None and rng.random() < UPDATES_CARD:
            moment = books.at + rng.randrange(HOUR, wait)
            pays_now = rng.random() < 0.4
            self._agenda.plan(moment, self._update_card, invoice["id"], subscription_id, pays_now)

    def _update_card(self, invoice_id: str, subscription_id: str, pays_now: bool) -> None:
        """A better card in time for the next attempt, or right away."""
        invoice = self._books.store.get(invoice_id)
        customer = self.invoices.customer_of(invoice) if invoice else None
        if invoice is None or customer is None or invoice["status"] != "open":
            return
        self.cards.replace(customer["id"], self._habits(customer["id"]), subscription_id)
        if pays_now and self.attempt(invoice_id, succeeds=True):
            self.when_paid(invoice_id)

    def _lower(self, invoice_id: str, amount: int) -> None:
        if self.invoices.lower(invoice_id, amount):
            self.when_paid(invoice_id)
