"""The simulated business: who signs up when, and the fixed cast that is there in every run."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .agenda import Agenda
from .books import Books
from .clock import DAY
from .objects import billing
from .objects.account import account
from .objects.payments import DECLINES
from .objects.people import customer, deleted_customer
from .payments import Habits, Payments
from .people import People, Person
from .periods import months_after
from .shop import EXTRA, PLANS, Shop
from .subscriptions import HOUR, Subscriptions


@dataclass(frozen=True)
class SignUp:
    """One customer to come. `plan` None: an account that buys nothing."""

    person: Person
    plan: str | None
    interval: str = "month"
    quantity: int = 1
    extra: bool = False
    days_until_due: int | None = None
    trial_days: int = 0
    first_payment_fails: bool = False
    steady: bool = False
    habits: Habits | None = None
    then: str | None = None  # what else becomes of them: cancel, cancel_later, delete, credit, work, draft, void, debt


class Business:
    """`history` makes the past up to `end`; `run_until` moves on from there."""

    def __init__(self, books: Books, seed: int, start: int) -> None:
        self._rng = random.Random(f"business {seed}")
        self._books = books
        self.people = People(random.Random(f"people {seed}"))
        self.account = books.add(account(f"acct_1{books.ids.letters(16)}", start, "Harbour Desks"))
        self.agenda = Agenda(books)
        self.shop = Shop(books)
        self.payments = Payments(books, self.account, self._rng)
        self.subscriptions = Subscriptions(books, self.agenda, self.payments, self.account, self._rng)

    def history(self, customers: int, start: int, end: int) -> None:
        """`customers` in all, the cast among them; they come ever so slightly more often as time goes on."""
        cast = self._cast(end)
        for moment, sign_up in cast[:customers]:
            self.agenda.plan(moment, self.sign_up, sign_up)
        span = end - start - 2 * HOUR
        for _ in range(max(customers - len(cast), 0)):
            moment = start + HOUR + int(span * self._rng.random() ** 0.85)
            self.agenda.plan(moment, self.sign_up, self.somebody())
        self.run_until(end)

    def run_until(self, end: int, forgiving: bool = False) -> None:
        self.agenda.run_until(end, forgiving)

    def somebody(self) -> SignUp:
        """The next customer, as chance has it."""
        rng = self._rng
        person = self.people.new()
        draw = rng.random()
        if draw < 0.05:
            return SignUp(person, None, then="delete" if rng.random() < 0.4 else None)
        plan = rng.choices(PLANS, (5, 3, 2))[0]
        interval = "year" if rng.random() < 0.22 else "month"
        quantity = rng.choices((1, 2, 3, 5, 8, 13, 40), (40, 15, 12, 12, 10, 8, 3))[0]
        extra = rng.random() < 0.18
        if draw < 0.11:
            pays = rng.choices(("prompt", "late", "never"), (6, 3, 1))[0]
            habits = Habits(pays_sent_invoices=pays)
            then = "work" if rng.random() < 0.25 else None
            return SignUp(person, plan, interval, quantity, extra, days_until_due=30, habits=habits, then=then)
        refusals = rng.choices((0.0, 0.08, 0.6), (74, 16, 10))[0]
        return SignUp(
            person,
            plan,
            interval,
            quantity,
            extra,
            trial_days=14 if rng.random() < 0.2 else 0,
            first_payment_fails=rng.random() < 0.025,
            habits=Habits(refusals, rng.choice(DECLINES)),
            then=rng.choices((None, "credit", "void", "debt", "draft", "seats"), (80, 6, 1, 1, 1, 11))[0],
        )

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
        customer_id: str = books.add(made, "customer.created")["id"]
        self.payments.habits[customer_id] = sign_up.habits or Habits()
        if sign_up.plan is not None:
            self._buy(customer_id, sign_up)
        self._what_becomes(customer_id, sign_up)
        return customer_id

    def delete_customer(self, customer_id: str, silent: bool = False) -> None:
        """As Stripe does: live subscriptions end, a stub stays."""
        books = self._books
        for subscription in list(books.store.of_type("subscription", ("customer", customer_id))):
            if subscription["status"] not in ("canceled", "incomplete_expired"):
                if silent:
                    books.store.change(subscription["id"], status="canceled", ended_at=books.at, canceled_at=books.at)
                else:
                    self.subscriptions.end(subscription["id"], "cancellation_requested")
        gone = books.store[customer_id]
        books.store.delete(customer_id, deleted_customer(customer_id))
        if not silent:
            books.say("customer.deleted", gone)

    def _buy(self, customer_id: str, sign_up: SignUp) -> None:
        if sign_up.days_until_due is None:
            self.payments.add_card(customer_id)
        currency, interval = sign_up.person.currency, sign_up.interval
        goods = [(self.shop.price(sign_up.plan or PLANS[0], currency, interval), sign_up.quantity)]
        if sign_up.extra:
            goods.append((self.shop.price(EXTRA, currency, interval), 1))
        started = self.subscriptions.start(
            customer_id, goods, sign_up.days_until_due, sign_up.trial_days, sign_up.first_payment_fails, sign_up.steady
        )
        plan, at = self.agenda.plan, self._books.at
        if sign_up.then == "cancel":
            plan(at + 9 * DAY, self.subscriptions.cancel_now, started["id"])
        elif sign_up.then == "cancel_later":
            plan(at + 3 * DAY, self.subscriptions.cancel_at_period_end, started["id"])
        elif sign_up.then == "seats":
            plan(at + self._rng.randrange(10, 90) * DAY, self._change_seats, started["id"])

    def _what_becomes(self, customer_id: str, sign_up: SignUp) -> None:
        plan, at, rng = self.agenda.plan, self._books.at, self._rng
        if sign_up.then == "delete":
            plan(at + rng.randrange(2, 60) * DAY, self._delete_if_there, customer_id)
        elif sign_up.then == "credit":
            plan(at + rng.randrange(5, 200) * DAY, self._give_credit, customer_id)
        elif sign_up.then in ("work", "draft", "void", "debt"):
            plan(at + (2 + rng.randrange(20)) * DAY, self._bill_work, customer_id, sign_up.then)

    def _delete_if_there(self, customer_id: str) -> None:
        if customer_id in self._books.store:
            self.delete_customer(customer_id)

    def _change_seats(self, subscription_id: str) -> None:
        subscription = self._books.store[subscription_id]
        if subscription["status"] == "active":
            quantity = subscription["items"]["data"][0]["quantity"]
            self.subscriptions.change_quantity(subscription_id, max(1, quantity + self._rng.choice((-1, 1, 2, 5))))

    def _give_credit(self, customer_id: str) -> None:
        """Goodwill: a negative balance, taken off the next invoice."""
        yen = self._books.store[customer_id]["currency"] == "jpy"
        amount = self._rng.choice((500, 1_000, 2_500, 12_000)) if yen else self._rng.choice((500, 1_000, 2_500, 25_000))
        self._books.change(customer_id, "customer.updated", balance=-amount)

    def _bill_work(self, customer_id: str, becomes: str) -> None:
        """An invoice apart from any subscription: fourteen lines, so that a page of lines is not the whole."""
        books = self._books
        held = books.store[customer_id]
        currency = held["currency"] or "usd"
        unit = {"usd": 4_000, "eur": 3_700, "jpy": 6_000}[currency]
        invoice_id = books.new_id("in")
        lines = []
        for week in range(14 if becomes in ("work", "draft") else 1):
            hours = self._rng.randrange(1, 8)
            text = f"Set-up and training, session {week + 1}"
            period = (books.at, books.at)
            made = billing.line(books.new_id("il"), invoice_id, currency, unit * hours, text, hours, period)
            lines.append({**made, **billing.of_extra(books.new_id("ii"))})
        period = (books.at, books.at)
        draft = billing.invoice(invoice_id, books.at, self.account, held, currency, lines, "manual", period, None, 30)
        books.add({**draft, "auto_advance": False, "automatically_finalizes_at": None}, "invoice.created")
        if becomes == "draft":
            return
        self.payments.finalize(invoice_id)
        if becomes == "work":
            self.subscriptions.watch_due_date(invoice_id)
        else:
            action = self.payments.void if becomes == "void" else self.payments.give_up
            self.agenda.plan(books.at + 2 * DAY, self._if_open, action, invoice_id)

    def _if_open(self, action: object, invoice_id: str) -> None:
        if self._books.store[invoice_id]["status"] == "open" and callable(action):
            action(invoice_id)

    def _cast(self, end: int) -> list[tuple[int, SignUp]]:
        """Always there, whatever the numbers: one of each state that a console has to show."""
        named = self.people.named
        fails = Habits(refuses_after=1, decline=DECLINES[1])
        never = Habits(pays_sent_invoices="never")

        def months_ago(months: int, days: int) -> int:
            return months_after(end, -months) - days * DAY - 9 * HOUR

        ada = named("Ada Lovelace", "ada@analytical.example", "GB")
        nadia = named("Nadia Rahman", "nadia@rahman.example", "US")
        piotr = named("Piotr Zięba", "piotr@zieba.example", "PL")
        yui = named("渡辺 結衣", "yui@watanabe.example", "JP")
        sato = named("佐藤 美咲", "misaki@sato.example", "JP")
        brass = named("Brass & Sons", "accounts@brass.example", "GB", "eur")
        tove = named("Tove Bergström", "tove@bergstrom.example", "DE")
        ines = named("Inês Duarte", "ines@duarte.example", "ES")
        omar = named("عمر حداد", "omar@haddad.example", "AE")
        lena = named("Lena Weiß", "lena@weiss.example", "DE")
        studio = named("Studio Fjord", "hello@fjord.example", "FR")
        ken = named("Ken Okafor", "ken@okafor.example", "US")
        mill = named("The Old Mill", "books@oldmill.example", "US")
        kim = named("김지민", "jimin@kim.example", "KR")
        return [
            (months_ago(9, 11), SignUp(ada, "Pier", quantity=3, extra=True, steady=True)),
            (months_ago(1, 2), SignUp(nadia, "Harbour", quantity=2, steady=True, habits=fails)),
            (months_ago(1, 5), SignUp(piotr, "Pier", steady=True, habits=Habits(refuses_after=1, decline=DECLINES[0]))),
            (months_ago(1, 10), SignUp(yui, "Berth", steady=True, habits=Habits(refuses_after=1, decline=DECLINES[2]))),
            (months_ago(4, 20), SignUp(sato, "Pier", quantity=5, steady=True)),
            (months_ago(2, 5), SignUp(brass, "Harbour", quantity=4, days_until_due=30, steady=True, habits=never)),
            (end - 5 * DAY, SignUp(tove, "Berth", trial_days=14, steady=True)),
            (end - 10 * HOUR, SignUp(ines, "Berth", first_payment_fails=True, habits=Habits(1.0, DECLINES[2]))),
            (months_ago(2, 3), SignUp(omar, "Berth", steady=True, then="cancel")),
            (end - 8 * DAY, SignUp(lena, "Pier", "year", quantity=2, steady=True, then="cancel_later")),
            (months_ago(2, 0), SignUp(studio, "Harbour", steady=True, then="work", days_until_due=30)),
            (months_ago(3, 9), SignUp(ken, "Berth", steady=True, then="void")),
            (months_ago(3, 14), SignUp(mill, "Berth", steady=True, then="debt")),
            (months_ago(2, 8), SignUp(kim, "Pier", steady=True, then="draft")),
        ]
