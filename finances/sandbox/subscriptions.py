"""The life of a subscription: it starts, renews, is not paid, ends."""

from __future__ import annotations

import random

from .agenda import Agenda
from .books import Books
from .clock import DAY
from .objects import billing
from .payments import Habits, Payments
from .periods import next_period_end
from .store import Object, subscription_of

ENDED = ("canceled", "incomplete_expired")
HOUR = 3_600
FEEDBACK = ("too_expensive", "missing_features", "switched_service", "unused", "customer_service", None)


class Subscriptions:
    def __init__(self, books: Books, agenda: Agenda, payments: Payments, account: Object, rng: random.Random) -> None:
        self._books = books
        self._agenda = agenda
        self._payments = payments
        self._account = account
        self._rng = rng

    def start(
        self,
        customer_id: str,
        goods: list[tuple[Object, int]],
        days_until_due: int | None = None,
        trial_days: int = 0,
        first_payment_fails: bool = False,
        steady: bool = False,
    ) -> Object:
        """`goods` are prices with their quantities, all of one interval. `steady` ones are never cancelled."""
        books, at = self._books, self._books.at
        subscription_id = books.new_id("sub")
        first = goods[0][0]
        trial_end = at + trial_days * DAY if trial_days else None
        end = trial_end or next_period_end(at, at, first["recurring"]["interval"])
        items = [
            {
                **billing.subscription_item(books.new_id("si"), at, subscription_id, price, quantity),
                "current_period_end": end,
            }
            for price, quantity in goods
        ]
        subscription = billing.subscription(
            subscription_id, at, customer_id, first["currency"], items, days_until_due, trial_end
        )
        if first_payment_fails:
            subscription["status"] = "incomplete"
        books.store.put(subscription)
        invoice = self._bill(subscription, "subscription_create", (at, at))
        books.say("customer.subscription.created", books.store[subscription_id])
        self._payments.finalize(invoice["id"])
        self._watch_due_date(invoice["id"])
        if days_until_due is None and books.store[invoice["id"]]["status"] == "open":
            self._payments.attempt(invoice["id"], succeeds=not first_payment_fails)
        if first_payment_fails:
            self._agenda.plan(at + 23 * HOUR, self._expire, subscription_id)
        elif not steady:
            self._maybe_cancel(subscription_id, at, end)
        self._plan_renewal(subscription_id, end)
        return books.store[subscription_id]

    def renew(self, subscription_id: str) -> None:
        """The period is over: the next one begins with its invoice, or the subscription ends."""
        books, at = self._books, self._books.at
        subscription = books.store.get(subscription_id)
        if subscription is None or subscription["status"] in (*ENDED, "incomplete", "paused"):
            return
        items = subscription["items"]["data"]
        old_end = items[0]["current_period_end"]
        if old_end > at:
            return
        if subscription["cancel_at_period_end"]:
            self.end(subscription_id, "cancellation_requested")
            return
        interval = items[0]["price"]["recurring"]["interval"]
        end = next_period_end(subscription["billing_cycle_anchor"], old_end, interval)
        renewed = [{**item, "current_period_start": old_end, "current_period_end": end} for item in items]
        trial_over = subscription["status"] == "trialing"
        changed = {**subscription, "items": {**subscription["items"], "data": renewed}}
        if trial_over:
            changed["status"] = "active"
        books.store.put(changed)
        invoice = self._bill(changed, "subscription_cycle", (items[0]["current_period_start"], old_end))
        new = books.store[subscription_id]
        previous = {"items": {"data": items}, "latest_invoice": subscription["latest_invoice"]}
        if trial_over:
            previous["status"] = "trialing"
        books.events.record("customer.subscription.updated", new, at, previous)
        if subscription["status"] == "unpaid":  # Stripe leaves these as drafts: nobody is charged
            books.change(invoice["id"], auto_advance=False, automatically_finalizes_at=None, next_payment_attempt=None)
        else:
            self._agenda.plan(at + HOUR, self._finalize, invoice["id"])
        self._maybe_cancel(subscription_id, at, end)
        self._plan_renewal(subscription_id, end)

    def end(self, subscription_id: str, reason: str, status: str = "canceled") -> None:
        books = self._books
        subscription = books.store[subscription_id]
        details = {**subscription["cancellation_details"], "reason": reason}
        books.change(
            subscription_id,
            "customer.subscription.deleted",
            cancellation_details=details,
            canceled_at=subscription["canceled_at"] or books.at,
            ended_at=books.at,
            status=status,
        )

    def cancel_at_period_end(self, subscription_id: str) -> None:
        books = self._books
        subscription = books.store[subscription_id]
        if subscription["status"] not in ("active", "trialing") or subscription["cancel_at_period_end"]:
            return
        details = {"comment": None, "feedback": self._rng.choice(FEEDBACK), "reason": "cancellation_requested"}
        books.change(
            subscription_id,
            "customer.subscription.updated",
            cancel_at=subscription["items"]["data"][0]["current_period_end"],
            cancel_at_period_end=True,
            canceled_at=books.at,
            cancellation_details=details,
        )

    def cancel_now(self, subscription_id: str) -> None:
        if self._books.store[subscription_id]["status"] in ("active", "trialing", "past_due"):
            self.end(subscription_id, "cancellation_requested")

    def change_quantity(self, subscription_id: str, quantity: int) -> None:
        """More or fewer seats from now on, billed with the next period (no proration)."""
        items = self._books.store[subscription_id]["items"]
        changed = [{**items["data"][0], "quantity": quantity}, *items["data"][1:]]
        self._books.change(subscription_id, "customer.subscription.updated", items={**items, "data": changed})

    def paid(self, invoice_id: str) -> None:
        """An invoice of it was paid after trouble: back to active when nothing else is open."""
        books = self._books
        subscription_id = subscription_of(books.store[invoice_id])
        subscription = books.store.get(subscription_id) if subscription_id else None
        if subscription is None or subscription["status"] not in ("past_due", "unpaid", "incomplete"):
            return
        invoices = books.store.of_type("invoice", ("subscription", subscription["id"]))
        if not any(each["status"] == "open" and each["attempted"] for each in invoices):
            books.change(subscription["id"], "customer.subscription.updated", status="active")

    def retry(self, invoice_id: str) -> None:
        invoice = self._books.store[invoice_id]
        if invoice["status"] != "open" or invoice["next_payment_attempt"] is None:
            return
        if self._payments.attempt(invoice_id):
            self.paid(invoice_id)
        else:
            self._after_refusal(invoice_id)

    def pay_sent(self, invoice_id: str) -> None:
        """Somebody pays the hosted page of an open invoice."""
        if self._books.store[invoice_id]["status"] == "open":
            self._payments.attempt(invoice_id, succeeds=True)
            self.paid(invoice_id)

    def watch_due_date(self, invoice_id: str) -> None:
        self._watch_due_date(invoice_id)

    def _plan_renewal(self, subscription_id: str, end: int) -> None:
        trialing = self._books.store[subscription_id]["status"] == "trialing"
        self._agenda.plan(end - (3 if trialing else 7) * DAY, self._announce, subscription_id)
        self._agenda.plan(end, self.renew, subscription_id)

    def _announce(self, subscription_id: str) -> None:
        """The trial is about to end, or an invoice is coming up: the one object that Stripe sends without an id."""
        books = self._books
        subscription = books.store.get(subscription_id)
        if subscription is None or subscription["cancel_at_period_end"]:
            return
        if subscription["status"] == "trialing":
            books.say("customer.subscription.trial_will_end", subscription)
        elif subscription["status"] in ("active", "past_due") and books.at >= books.events.horizon:
            start = subscription["items"]["data"][0]["current_period_start"]
            end = subscription["items"]["data"][0]["current_period_end"]
            coming = self._invoice(subscription, "upcoming", (start, end))
            del coming["id"]
            books.say("invoice.upcoming", {**coming, "created": end})

    def _bill(self, subscription: Object, reason: str, period: tuple[int, int]) -> Object:
        made = self._books.add(self._invoice(subscription, reason, period), "invoice.created")
        self._books.store.change(subscription["id"], latest_invoice=made["id"])
        return made

    def _invoice(self, subscription: Object, reason: str, period: tuple[int, int]) -> Object:
        books = self._books
        invoice_id = books.new_id("in")
        trial = subscription["status"] == "trialing"
        lines = [self._line(invoice_id, item, trial) for item in subscription["items"]["data"]]
        return billing.invoice(
            invoice_id,
            books.at,
            self._account,
            books.store[subscription["customer"]],
            subscription["currency"],
            lines,
            reason,
            period,
            subscription,
            subscription["days_until_due"],
        )

    def _line(self, invoice_id: str, item: Object, trial: bool) -> Object:
        books = self._books
        price, quantity = item["price"], item["quantity"]
        name = books.store[price["product"]]["name"]
        text = f"{quantity} × {name} ({_money(price)} / {price['recurring']['interval']})"
        if trial:
            text = f"Trial period for {name}"
        period = (item["current_period_start"], item["current_period_end"])
        amount = 0 if trial else price["unit_amount"] * quantity
        made = billing.line(books.new_id("il"), invoice_id, price["currency"], amount, text, quantity, period)
        return {**made, **billing.of_item(item, "0" if trial else price["unit_amount_decimal"])}

    def _finalize(self, invoice_id: str) -> None:
        if self._books.store[invoice_id]["status"] != "draft":
            return
        invoice = self._payments.finalize(invoice_id)
        if invoice["status"] != "open":
            return
        if invoice["collection_method"] == "send_invoice":
            self._watch_due_date(invoice_id)
        elif not self._payments.attempt(invoice_id):
            self._after_refusal(invoice_id)

    def _after_refusal(self, invoice_id: str) -> None:
        """Past due while there are tries left; after the last the subscription ends or stays unpaid."""
        books = self._books
        invoice = books.store[invoice_id]
        subscription_id = subscription_of(invoice)
        if subscription_id is None or books.store[subscription_id]["status"] in ENDED:
            return
        if invoice["next_payment_attempt"] is not None:
            if books.store[subscription_id]["status"] == "active":
                books.change(subscription_id, "customer.subscription.updated", status="past_due")
            self._agenda.plan(invoice["next_payment_attempt"], self.retry, invoice_id)
        elif self._rng.random() < 0.4:
            books.change(subscription_id, "customer.subscription.updated", status="unpaid")
        else:
            self.end(subscription_id, "payment_failed")
            if self._rng.random() < 0.5:
                self._payments.give_up(invoice_id)

    def _watch_due_date(self, invoice_id: str) -> None:
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

    def _expire(self, subscription_id: str) -> None:
        """The first payment was not made within 23 hours."""
        books = self._books
        if books.store[subscription_id]["status"] != "incomplete":
            return
        self._payments.void(books.store[subscription_id]["latest_invoice"])
        books.change(subscription_id, "customer.subscription.updated", ended_at=books.at, status="incomplete_expired")

    def _maybe_cancel(self, subscription_id: str, start: int, end: int) -> None:
        """About one period in twenty-five somebody has had enough, half of them at once."""
        rng = self._rng
        chance = 0.04 if end - start < 40 * DAY else 0.15
        if rng.random() < chance:
            moment = rng.randrange(start + HOUR + 1, end)
            action = self.cancel_now if rng.random() < 0.5 else self.cancel_at_period_end
            self._agenda.plan(moment, self._if_there, action, subscription_id)

    def _if_there(self, action: object, subscription_id: str) -> None:
        if subscription_id in self._books.store and callable(action):
            action(subscription_id)


def _money(price: Object) -> str:
    amount = price["unit_amount"]
    if price["currency"] == "jpy":
        return f"at ¥{amount:,}"
    sign = {"usd": "$", "eur": "€"}[price["currency"]]
    return f"at {sign}{amount // 100:,}.{amount % 100:02}"
