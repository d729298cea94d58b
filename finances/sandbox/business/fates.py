"""What becomes of a customer after they came: changes, pauses, extra work, goodwill, leaving and coming back."""

from __future__ import annotations

import random
from collections.abc import Callable

from finances.sandbox.business.collecting import ENDED
from finances.sandbox.business.discounts import Discounts
from finances.sandbox.business.people import People
from finances.sandbox.business.shop import PLANS, Shop
from finances.sandbox.business.subscriptions import Subscriptions, Terms
from finances.sandbox.business.work import Work
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.periods import months_after
from finances.sandbox.engine.store import Object
from finances.sandbox.money.payments import Payments

GOODWILL = {"jpy": (500, 1_000, 2_500, 12_000), "kwd": (1_500, 3_000, 7_500, 75_000)}
COME_BACK = 0.14  # of those who left


class Fates:
    """`decide` plans it by its word; each happens only if what it is about is still there and in the right state."""

    def __init__(
        self,
        books: Books,
        agenda: Agenda,
        shop: Shop,
        people: People,
        payments: Payments,
        discounts: Discounts,
        work: Work,
        subscriptions: Subscriptions,
        rng: random.Random,
    ) -> None:
        self._books = books
        self._agenda = agenda
        self._shop = shop
        self._people = people
        self._payments = payments
        self._discounts = discounts
        self._work = work
        self._subscriptions = subscriptions
        self._rng = rng
        subscriptions.when_ended = self._has_left

    def decide(self, word: str, customer_id: str, subscription_id: str | None) -> None:
        """Words of a subscription, with the days (from, to) after which they happen; then those of a customer."""
        first: dict[str, tuple[int, int, Callable[[str], object]]] = {
            "cancel": (9, 10, self._subscriptions.leaving.at_once),
            "cancel_later": (3, 4, self._subscriptions.leaving.at_period_end),
            "seats": (10, 300, self._more_seats),
            "seats_now": (10, 300, self._more_seats_now),
            "upgrade": (20, 400, self._upgrade),
            "downgrade": (40, 400, self._downgrade),
            "yearly": (60, 300, self._go_yearly),
            "second": (30, 250, self._second),
            "pause": (30, 300, self._pause),
            "schedule": (15, 400, self._schedule),
            "offer": (20, 300, self._offer),
            "cast_downgrade": (40, 41, self._downgrade),
            "cast_schedule": (125, 126, self._price_rise),
            "cast_release": (20, 21, self._plan_and_release),
            "cast_contract": (3, 4, self._contract),
            "cast_pause": (70, 71, self._pause_as_draft),
            "cast_back": (40, 41, self._leave_and_return),
        }
        others: dict[str, tuple[int, int, Callable[[str], object]]] = {
            "credit": (5, 200, self._give_credit),
            "email": (10, 400, self._change_email),
            "extra_work": (5, 200, self._work.with_the_next_invoice),
            "partner": (20, 300, self._make_partner),
            "work": (2, 22, self._work.long),
            "draft": (2, 22, self._work.draft),
            "void": (2, 22, self._work.void),
            "debt": (2, 22, self._work.debt),
        }
        about = subscription_id if word in first else customer_id
        if about is None or word not in {**first, **others}:
            return
        earliest, latest, action = {**first, **others}[word]
        days = earliest if latest == earliest + 1 else self._rng.randrange(earliest, latest)
        self._agenda.plan(self._books.at + days * DAY, self._if_there, action, about)

    def _if_there(self, action: Callable[[str], object], object_id: str) -> None:
        if object_id in self._books.store:
            action(object_id)

    def _item(self, subscription_id: str) -> Object | None:
        """The first item of one that may change: active, not about to end, without a schedule, not metered."""
        held = self._books.store[subscription_id]
        item: Object = held["items"]["data"][0]
        free = held["status"] == "active" and not held["cancel_at_period_end"] and not held["schedule"]
        return item if free and "quantity" in item else None

    def _more_seats(self, subscription_id: str, at_once: bool = False) -> None:
        if item := self._item(subscription_id):
            quantity = max(1, item["quantity"] + self._rng.choice((-2, -1, 1, 2, 3, 5)))
            self._subscriptions.change_quantity(subscription_id, quantity, at_once)

    def _more_seats_now(self, subscription_id: str) -> None:
        self._more_seats(subscription_id, at_once=True)

    def _upgrade(self, subscription_id: str) -> None:
        if (item := self._item(subscription_id)) and (price := self._shop.neighbour(item["price"], 1)):
            self._subscriptions.switch(subscription_id, price, item["quantity"], at_once=True)

    def _downgrade(self, subscription_id: str) -> None:
        if (item := self._item(subscription_id)) and (price := self._shop.neighbour(item["price"], -1)):
            self._subscriptions.switch(subscription_id, price, item["quantity"])

    def _go_yearly(self, subscription_id: str) -> None:
        item = self._item(subscription_id)
        alone = len(self._books.store[subscription_id]["items"]["data"]) == 1
        if item and alone and (price := self._shop.yearly(item["price"])):
            self._subscriptions.switch(subscription_id, price, item["quantity"])

    def _second(self, subscription_id: str) -> None:
        if item := self._item(subscription_id):
            self._start_like(subscription_id, item["price"]["currency"])

    def _pause(self, subscription_id: str) -> None:
        behavior = self._rng.choice(("keep_as_draft", "void", "mark_uncollectible"))
        resumes = self._books.at + self._rng.randrange(30, 120) * DAY
        self._subscriptions.pauses.begin(subscription_id, behavior, resumes)

    def _pause_as_draft(self, subscription_id: str) -> None:
        self._subscriptions.pauses.begin(subscription_id, "keep_as_draft", self._books.at + 90 * DAY)

    def _schedule(self, subscription_id: str) -> None:
        chance = self._rng.random()
        plan = self._price_rise if chance < 0.5 else self._plan_and_release if chance < 0.75 else self._contract
        plan(subscription_id)

    def _offer(self, subscription_id: str) -> None:
        """Something off, so that they stay; beside what they have."""
        if self._item(subscription_id):
            self._discounts.give_subscription(subscription_id, self._rng.choice(("HALFYEAR", "LOYAL", "WELCOME25")))

    def _make_partner(self, customer_id: str) -> None:
        self._discounts.give_customer(customer_id, self._rng.choice(("PARTNER", "HARBOUR10")))

    def _price_rise(self, subscription_id: str) -> str | None:
        """From the next period on it costs more; after a year the schedule lets go of it."""
        item = self._item(subscription_id)
        if item is None:
            return None
        price = self._shop.risen(item["price"]) or item["price"]
        quantity = item["quantity"] + (1 if price is item["price"] else 0)
        until = months_after(item["current_period_end"], 12)
        return self._subscriptions.schedules.begin(subscription_id, [(price, quantity)], until)

    def _plan_and_release(self, subscription_id: str) -> None:
        """Somebody thinks better of it."""
        if schedule_id := self._price_rise(subscription_id):
            release = self._subscriptions.schedules.release
            self._agenda.plan(self._books.at + 6 * DAY, self._if_there, release, schedule_id)

    def _contract(self, subscription_id: str) -> None:
        """Three periods more (a year where it is paid by the year), and then it is over."""
        if item := self._item(subscription_id):
            months = 12 if item["price"]["recurring"]["interval"] == "year" else 3
            until = months_after(item["current_period_end"], months)
            coming = [(item["price"], item["quantity"])]
            self._subscriptions.schedules.begin(subscription_id, coming, until, "cancel")

    def _leave_and_return(self, subscription_id: str) -> None:
        self._subscriptions.leaving.at_once(subscription_id)
        self._agenda.plan(self._books.at + 60 * DAY, self._if_there, self._come_back, subscription_id)

    def _has_left(self, subscription_id: str, reason: str | None) -> None:
        habits = self._payments.habits.get(self._books.store[subscription_id]["customer"])
        if reason is not None and not (habits and habits.quiet) and self._rng.random() < COME_BACK:
            moment = self._books.at + self._rng.randrange(25, 200) * DAY
            self._agenda.plan(moment, self._if_there, self._come_back, subscription_id)

    def _come_back(self, subscription_id: str) -> None:
        """The same customer, a new subscription: unless they are gone for good or here again already."""
        store = self._books.store
        held = store[subscription_id]
        if held["customer"] in store and not any(
            each["status"] not in ENDED for each in store.of_type("subscription", ("customer", held["customer"]))
        ):
            self._start_like(subscription_id, held["currency"])

    def _start_like(self, subscription_id: str, currency: str) -> None:
        """Another plan, by the month, on the same terms."""
        held = self._books.store[subscription_id]
        customer = self._books.store[held["customer"]]
        by_card = held["days_until_due"] is None
        if by_card and not customer["invoice_settings"]["default_payment_method"]:
            self._payments.add_card(customer["id"])
        price = self._shop.price(self._rng.choice(PLANS), currency, "month")
        terms = Terms(
            days_until_due=held["days_until_due"],
            tax_rates=tuple(held["default_tax_rates"]),
            metadata=held["metadata"],
            steady=bool(self._payments.habits[customer["id"]].quiet),
        )
        self._subscriptions.start(customer["id"], [(price, self._rng.randrange(1, 6))], terms)

    def _give_credit(self, customer_id: str) -> None:
        """Goodwill: a negative balance, taken off the next invoice."""
        currency = self._books.store[customer_id]["currency"]
        amounts = GOODWILL.get(currency or "", (500, 1_000, 2_500, 25_000))
        self._payments.give_credit(customer_id, self._rng.choice(amounts))

    def _change_email(self, customer_id: str) -> None:
        email = self._people.new_email(self._books.store[customer_id]["name"])
        self._books.change(customer_id, "customer.updated", email=email)
