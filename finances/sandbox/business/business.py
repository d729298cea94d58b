"""The simulated business: who signs up when, what they buy, and the parts that everything after it runs on."""

from __future__ import annotations

import random
from dataclasses import replace

from finances.sandbox.business.cast import cast
from finances.sandbox.business.changes import Changes
from finances.sandbox.business.collecting import Collecting
from finances.sandbox.business.coupons import add_coupons
from finances.sandbox.business.discounts import Discounts
from finances.sandbox.business.drafts import Drafts
from finances.sandbox.business.fates import Fates
from finances.sandbox.business.growth import Climate, Growth
from finances.sandbox.business.people import People, Person
from finances.sandbox.business.shop import EXTRA, PLANS, Shop
from finances.sandbox.business.signups import SignUp, somebody
from finances.sandbox.business.subscriptions import ENDED, Subscriptions, Terms
from finances.sandbox.business.taxes import Taxes
from finances.sandbox.business.work import Work
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.store import Object
from finances.sandbox.money.habits import Habits
from finances.sandbox.money.payments import Payments
from finances.sandbox.objects.account import account
from finances.sandbox.objects.people import customer, deleted_customer

KNOWN = 60  # so many of the last who came may open a second account


class Business:
    """`history` makes the past up to `end`; `run_until` moves on from there."""

    def __init__(self, books: Books, seed: int, start: int) -> None:
        self._seed = seed
        self._books = books
        self._rng = rng = random.Random(f"business {seed}")
        self._known: list[Person] = []
        self._newcomers = 0
        self._growth: Growth | None = None
        self.people = People(random.Random(f"people {seed}"))
        self.account = books.add(account(f"acct_1{books.ids.letters(16)}", start, "Harbour Desks"))
        self.agenda = Agenda(books)
        self.shop = Shop(books)
        self.taxes = Taxes(books, rng)
        self.climate = Climate()
        self.payments = Payments(books, self.agenda, self.account, random.Random(f"payments {seed}"))
        self.discounts = Discounts(books, self.agenda, add_coupons(books, self.agenda, self.shop.products))
        drafts = Drafts(books, self.account, self.discounts, self.taxes)
        self._collecting = collecting = Collecting(books, self.agenda, self.payments, self.climate, rng)
        changes = Changes(books, drafts, self.discounts, collecting, self.payments)
        self.subscriptions = Subscriptions(
            books, self.agenda, self.payments, drafts, self.discounts, collecting, changes, self.climate, rng
        )
        work = Work(books, self.agenda, self.shop, self.payments, drafts, collecting, rng)
        self.fates = Fates(
            books,
            self.agenda,
            self.shop,
            self.people,
            self.payments,
            self.discounts,
            work,
            self.subscriptions,
            rng,
        )
        self.payments.when_paid, self.payments.when_refused = collecting.paid, collecting.after_refusal

    def history(self, customers: int, start: int, end: int) -> None:
        """`customers` in all, the cast among them, between `start` and `end`."""
        self.plan_history(customers, start, end)
        self.run_until(end)

    def plan_history(self, customers: int, start: int, end: int) -> None:
        """Plans all of it and plays nothing. Whoever comes after `end` comes by the same curve."""
        planned = cast(self.people, end)
        for moment, sign_up in planned[:customers]:
            self.agenda.plan(moment, self.sign_up, sign_up)
        self._growth = Growth(max(customers - len(planned), 0), start, end, self._seed)
        self.climate.bad = self._growth.bad_month
        self.agenda.plan(start, self._plan_month, 0)

    def run_until(self, end: int, forgiving: bool = False) -> None:
        self.agenda.run_until(end, forgiving)

    def somebody(self) -> SignUp:
        """The next customer, as chance has it: each has their own, whatever happened to those before them."""
        self._newcomers += 1
        rng = random.Random(f"newcomer {self._seed} {self._newcomers}")
        return somebody(self.people, rng, self.shop.sold, self._known)

    def sign_up(self, sign_up: SignUp) -> str:
        """The customer and what they buy, at the books' time. Gives the customer's id."""
        books, person = self._books, sign_up.person
        made = customer(
            books.new_id("cus"),
            books.at,
            person.name,
            person.email,
            person.address,
            person.phone,
            books.ids.capitals(8),
            [person.locale],
        )
        made["tax_exempt"] = sign_up.tax_exempt
        if sign_up.known_as:
            number = sign_up.known_as.rpartition("-")[2]
            made["description"] = f"Tenant {sign_up.known_as}"
            made["metadata"] = {
                "crm_id": f"CRM-{number}",
                "plan": (sign_up.plan or "none").lower(),
                "tenant": sign_up.known_as,
            }
        customer_id: str = books.add(made, "customer.created")["id"]
        self.payments.habits[customer_id] = replace(sign_up.habits or Habits(), quiet=sign_up.steady)
        self._known = [*self._known[1 - KNOWN :], person]
        if sign_up.left_unpaid:
            self._collecting.left_unpaid.add(customer_id)
        if sign_up.tax_id:
            self.taxes.give_id(customer_id, person.address["country"])
        subscription = self._buy(customer_id, sign_up) if sign_up.plan else None
        if sign_up.then == "delete":
            self.agenda.plan(books.at + self._rng.randrange(2, 60) * DAY, self._delete_if_there, customer_id)
        elif sign_up.then:
            self.fates.decide(sign_up.then, customer_id, subscription["id"] if subscription else None)
        return customer_id

    def delete_customer(self, customer_id: str, silent: bool = False) -> None:
        """As Stripe does: live subscriptions end, a stub stays."""
        books = self._books
        for subscription in list(books.store.of_type("subscription", ("customer", customer_id))):
            if subscription["status"] not in ENDED:
                if silent:
                    books.store.change(subscription["id"], status="canceled", ended_at=books.at, canceled_at=books.at)
                else:
                    self.subscriptions.end(subscription["id"], "cancellation_requested")
        gone = books.store[customer_id]
        books.store.delete(customer_id, deleted_customer(customer_id))
        if not silent:
            books.say("customer.deleted", gone)

    def _plan_month(self, month: int) -> None:
        """Everybody who signs up in this month of the business, and that there is a next month."""
        if self._growth is None:
            return
        for moment in self._growth.sign_ups(month):
            self.agenda.plan(moment, self._sign_up_somebody)
        self.agenda.plan(self._growth.begins(month + 1), self._plan_month, month + 1)

    def _sign_up_somebody(self) -> None:
        self.sign_up(self.somebody())

    def _buy(self, customer_id: str, sign_up: SignUp) -> Object:
        if sign_up.days_until_due is None and sign_up.without_card is None:
            self.payments.add_card(customer_id)
        if sign_up.customer_coupon:
            self.discounts.give_customer(customer_id, sign_up.customer_coupon)
        person, rates = sign_up.person, []
        if sign_up.taxed:
            rates = self.taxes.rates_for(person.address, sign_up.inclusive)
        terms = Terms(
            days_until_due=sign_up.days_until_due,
            trial_days=sign_up.trial_days,
            without_card=sign_up.without_card,
            first_payment_fails=sign_up.first_payment_fails,
            steady=sign_up.steady,
            coupons=sign_up.coupons,
            item_coupon=sign_up.item_coupon,
            tax_rates=tuple(rates),
            metadata={"tenant": sign_up.known_as} if sign_up.known_as else {},
        )
        started = self.subscriptions.start(customer_id, self._goods(sign_up), terms)
        if sign_up.without_card and not sign_up.steady:
            self._maybe_give_card(customer_id, started)
        return started

    def _goods(self, sign_up: SignUp) -> list[tuple[Object, int | None]]:
        """Prices with quantities; a metered one has none."""
        currency, interval, plan = sign_up.person.currency, sign_up.interval, str(sign_up.plan)
        special = self.shop.special(plan, currency) if plan not in PLANS else None
        price = special or self.shop.price(plan, currency, interval)
        metered = price["recurring"]["usage_type"] == "metered"
        goods: list[tuple[Object, int | None]] = [(price, None if metered else sign_up.quantity)]
        if sign_up.extra:
            goods.append((self.shop.price(EXTRA, currency, interval), 1))
        if sign_up.metered and (beside := self.shop.special(sign_up.metered, currency)):
            goods.append((beside, None))
        return goods

    def _maybe_give_card(self, customer_id: str, subscription: Object) -> None:
        """Two in five convert before the trial is over; some of the paused come back later."""
        rng, end = self._rng, subscription["trial_end"]
        if rng.random() < 0.4:
            self.agenda.plan(end - DAY, self._card_if_there, customer_id)
        elif rng.random() < 0.35:
            self.agenda.plan(end + rng.randrange(3, 60) * DAY, self._resume_if_there, subscription["id"])

    def _card_if_there(self, customer_id: str) -> None:
        if customer_id in self._books.store:
            self.payments.add_card(customer_id)

    def _resume_if_there(self, subscription_id: str) -> None:
        held = self._books.store.get(subscription_id)
        if held and held["customer"] in self._books.store:
            self.subscriptions.resume(subscription_id)

    def _delete_if_there(self, customer_id: str) -> None:
        if customer_id in self._books.store:
            self.delete_customer(customer_id)
