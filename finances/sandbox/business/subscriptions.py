"""The life of a subscription: it starts, renews, pauses, ends."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from finances.sandbox.business.changes import Changes
from finances.sandbox.business.collecting import ENDED, HOUR, Collecting
from finances.sandbox.business.discounts import Discounts
from finances.sandbox.business.drafts import Drafts
from finances.sandbox.business.growth import Climate
from finances.sandbox.business.leaving import Leaving
from finances.sandbox.business.pauses import Pauses
from finances.sandbox.business.schedules import Schedules
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.periods import next_period_end
from finances.sandbox.engine.store import Object
from finances.sandbox.money.payments import Payments
from finances.sandbox.objects import billing


@dataclass(frozen=True)
class Terms:
    """How a subscription is agreed. `without_card` is what the end of its trial does then: pause or cancel."""

    days_until_due: int | None = None
    trial_days: int = 0
    without_card: str | None = None
    first_payment_fails: bool = False
    steady: bool = False  # never leaves
    coupons: tuple[str, ...] = ()
    item_coupon: str | None = None
    tax_rates: tuple[Object, ...] = ()
    metadata: Object = field(default_factory=dict)


class Subscriptions:
    """`when_ended` is called with the id of each one that has ended, and why."""

    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        payments: Payments,
        drafts: Drafts,
        discounts: Discounts,
        collecting: Collecting,
        changes: Changes,
        climate: Climate,
        rng: random.Random,
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._payments = payments
        self._drafts = drafts
        self._discounts = discounts
        self._collecting = collecting
        self._changes = changes
        self.leaving = Leaving(books, agenda, climate, rng, self.end)
        self.pauses = Pauses(books, agenda, payments)
        self.schedules = Schedules(books)
        self.when_ended: Callable[[str, str | None], object] = lambda _subscription_id, _reason: None
        collecting.give_up_on = self.end

    def start(self, customer_id: str, goods: list[tuple[Object, int | None]], terms: Terms) -> Object:
        """`goods` are prices with their quantities (None where use is metered), all of one interval."""
        books, at = self._books, self._books.at
        subscription_id = books.new_id("sub")
        first = goods[0][0]
        trial_end = at + terms.trial_days * DAY if terms.trial_days else None
        end = trial_end or next_period_end(at, at, first["recurring"]["interval"])
        items = [
            {
                **billing.subscription_item(books.new_id("si"), at, subscription_id, price, quantity),
                "current_period_end": end,
            }
            for price, quantity in goods
        ]
        subscription = billing.subscription(
            subscription_id, at, customer_id, first["currency"], items, terms.days_until_due, trial_end
        )
        subscription["metadata"] = terms.metadata
        subscription["default_tax_rates"] = list(terms.tax_rates)
        if terms.without_card:
            subscription["trial_settings"] = {"end_behavior": {"missing_payment_method": terms.without_card}}
        self._redeem(subscription, items[0], terms)
        if terms.first_payment_fails:
            subscription["status"] = "incomplete"
        invoice = self._bill(subscription, "subscription_create", (at, at))
        books.say("customer.subscription.created", books.store[subscription_id])
        self._discounts.spend(invoice)
        self._payments.finalize(invoice["id"])
        self._collecting.watch_due_date(invoice["id"])
        if terms.days_until_due is None and books.store[invoice["id"]]["status"] == "open":
            self._payments.attempt(invoice["id"], succeeds=not terms.first_payment_fails)
        if terms.first_payment_fails:
            self._agenda.plan(at + 23 * HOUR, self._expire, subscription_id)
        elif not terms.steady:
            self.leaving.maybe(subscription_id, at, end, first["recurring"]["interval"])
        self._plan_renewal(subscription_id, end, trial_end is not None)
        return books.store[subscription_id]

    def renew(self, subscription_id: str) -> None:
        """The period is over: the next one begins with its invoice, or the subscription ends."""
        books, at = self._books, self._books.at
        subscription = books.store.get(subscription_id)
        if subscription is None or subscription["status"] in (*ENDED, "incomplete", "paused"):
            return
        items = subscription["items"]["data"]
        old_start, old_end = items[0]["current_period_start"], items[0]["current_period_end"]
        if old_end > at:
            return
        if subscription["cancel_at_period_end"]:
            self._bill_what_was_used(subscription, (old_start, old_end))
            self.end(subscription_id, "cancellation_requested")
            return
        trial_over = subscription["status"] == "trialing"
        if trial_over and self._ends_without_card(subscription):
            return
        coming = self.schedules.items_from(subscription, old_end)
        if coming is None:
            self.end(subscription_id, None)
            return
        subscription = books.store[subscription_id]
        interval = coming[0]["price"]["recurring"]["interval"]
        end = next_period_end(subscription["billing_cycle_anchor"], old_end, interval)
        renewed = [{**item, "current_period_start": old_end, "current_period_end": end} for item in coming]
        changed = {**subscription, "items": {**subscription["items"], "data": renewed}}
        if trial_over:
            changed["status"] = "active"
        invoice = self._bill(changed, "subscription_cycle", (old_start, old_end))
        previous = {"items": {"data": items}, "latest_invoice": subscription["latest_invoice"]}
        if trial_over:
            previous["status"] = "trialing"
        books.events.record("customer.subscription.updated", books.store[subscription_id], at, previous)
        self._discounts.spend(invoice)
        if not self.pauses.see_to(subscription, invoice["id"]):
            self._collecting.in_an_hour(invoice["id"])
        if not self._is_steady(subscription["customer"]):
            self.leaving.maybe(subscription_id, at, end, interval)
        self._plan_renewal(subscription_id, end)

    def end(self, subscription_id: str, reason: str | None, status: str = "canceled") -> None:
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
        if subscription["schedule"]:
            self.schedules.cancel(subscription["schedule"])
        self.when_ended(subscription_id, reason)

    def resume(self, subscription_id: str) -> None:
        """One that was paused for want of a card has one now: a new period begins, and is charged."""
        books, at = self._books, self._books.at
        subscription = books.store[subscription_id]
        if subscription["status"] != "paused":
            return
        self._payments.add_card(subscription["customer"])
        items = subscription["items"]
        end = next_period_end(at, at, items["data"][0]["price"]["recurring"]["interval"])
        data = [{**item, "current_period_start": at, "current_period_end": end} for item in items["data"]]
        books.change(
            subscription_id,
            "customer.subscription.updated",
            "customer.subscription.resumed",
            billing_cycle_anchor=at,
            items={**items, "data": data},
            status="active",
        )
        invoice = self._bill(books.store[subscription_id], "subscription_update", (at, at))
        self._discounts.spend(invoice)
        if self._payments.finalize(invoice["id"])["status"] == "open":
            self._payments.attempt(invoice["id"], succeeds=True)
        self._plan_renewal(subscription_id, end)

    def switch(self, subscription_id: str, price: Object, quantity: int, at_once: bool = False) -> None:
        """Another price or quantity, with proration. See `Changes.switch`."""
        before = self._period_end(subscription_id)
        self._changes.switch(subscription_id, price, quantity, at_once)
        if (end := self._period_end(subscription_id)) != before:
            self._plan_renewal(subscription_id, end)

    def change_quantity(self, subscription_id: str, quantity: int, at_once: bool = False) -> None:
        """More or fewer seats from now on; the difference comes with the next invoice, or at once."""
        self._changes.seats(subscription_id, quantity, at_once)

    def pay_sent(self, invoice_id: str) -> None:
        self._collecting.pay_sent(invoice_id)

    def _redeem(self, subscription: Object, item: Object, terms: Terms) -> None:
        """Discounts of the first minute, on a subscription that is not in the books yet."""
        customer_id, subscription_id = subscription["customer"], subscription["id"]
        for coupon_id in terms.coupons:
            if made := self._discounts.redeem(coupon_id, customer_id, subscription_id, with_code=True):
                subscription["discounts"].append(made["id"])
        if terms.item_coupon and (
            made := self._discounts.redeem(terms.item_coupon, customer_id, subscription_id, item["id"])
        ):
            item["discounts"].append(made["id"])

    def _bill(self, subscription: Object, reason: str, period: tuple[int, int]) -> Object:
        """The draft, and the subscription as given with it as its latest invoice."""
        made = self._books.add(self._drafts.of_subscription(subscription, reason, period), "invoice.created")
        self._books.store.put({**subscription, "latest_invoice": made["id"]})
        return made

    def _bill_what_was_used(self, subscription: Object, period: tuple[int, int]) -> None:
        """The last invoice of one that ends: metered use comes in arrears, and what else is pending."""
        metered = [item for item in subscription["items"]["data"] if "quantity" not in item]
        if not metered:
            return
        items = {**subscription["items"], "data": metered}
        made = self._drafts.of_subscription({**subscription, "items": items}, "subscription_cycle", period)
        self._books.add(made, "invoice.created")
        self._books.store.change(subscription["id"], latest_invoice=made["id"])
        self._collecting.in_an_hour(made["id"])

    def _ends_without_card(self, subscription: Object) -> bool:
        """A trial that nobody gave a card for: paused or over. False when it goes on."""
        books = self._books
        behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        customer = books.store[subscription["customer"]]
        if behavior == "create_invoice" or customer["invoice_settings"]["default_payment_method"]:
            return False
        if behavior == "cancel":
            self.end(subscription["id"], None)
        else:
            kinds = ("customer.subscription.updated", "customer.subscription.paused")
            books.change(subscription["id"], *kinds, status="paused")
        return True

    def _period_end(self, subscription_id: str) -> int:
        return int(self._books.store[subscription_id]["items"]["data"][0]["current_period_end"])

    def _plan_renewal(self, subscription_id: str, end: int, trialing: bool = False) -> None:
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
        elif subscription["status"] in ("active", "past_due") and not books.events.keeps(books.at):
            books.say("invoice.upcoming", subscription)  # forgotten already, and counted all the same
        elif subscription["status"] in ("active", "past_due"):
            start = subscription["items"]["data"][0]["current_period_start"]
            end = subscription["items"]["data"][0]["current_period_end"]
            coming = self._drafts.of_subscription(subscription, "upcoming", (start, end))
            del coming["id"]
            books.say("invoice.upcoming", {**coming, "created": end})

    def _expire(self, subscription_id: str) -> None:
        """The first payment was not made within 23 hours."""
        books = self._books
        if books.store[subscription_id]["status"] != "incomplete":
            return
        self._payments.void(books.store[subscription_id]["latest_invoice"])
        books.change(subscription_id, "customer.subscription.updated", ended_at=books.at, status="incomplete_expired")

    def _is_steady(self, customer_id: str) -> bool:
        habits = self._payments.habits.get(customer_id)
        return bool(habits and habits.quiet)
