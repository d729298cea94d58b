"""A business that never quite sleeps: every few seconds somebody does something small, at the current time."""

from __future__ import annotations

import random
import threading
import traceback
from itertools import islice
from typing import TYPE_CHECKING

from finances.sandbox.engine.links import Link
from finances.sandbox.engine.store import Object

if TYPE_CHECKING:
    from finances.sandbox.sandbox import Sandbox

FEWEST_OPEN = 6  # invoices that are left unpaid
LATEST = 500  # things happen to one of so many that came last


class Activity:
    """One thread, idle until something is to happen about every so many seconds of real time."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self._sandbox = sandbox
        self._random = random.Random(f"activity {seed}")
        self._every: float | None = None
        self._thread: threading.Thread | None = None

    def set(self, wanted: Object) -> None:
        """{"every": seconds}, or {} for silence. ValueError otherwise."""
        every = wanted.get("every")
        if wanted and (set(wanted) != {"every"} or not isinstance(every, int | float) or not 0.05 <= every <= 86_400):
            raise ValueError('Activity takes {"every": seconds}, from 0.05 to a day, or {} for silence.')
        self._every = every
        if every and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sandbox activity", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._sandbox.stopping.wait((self._every or 1.0) * self._random.uniform(0.5, 1.5)):
            if self._every is None:
                continue
            with self._sandbox.lock:
                if self._sandbox.stopping.is_set():
                    return
                try:
                    self.happen()
                except (KeyError, TypeError, AttributeError, StopIteration):
                    traceback.print_exc()  # something bent by the control address; the next happening is another

    def happen(self) -> None:
        """What fell due, and one thing more."""
        self._sandbox.move_on()
        self._sandbox.events.begin()
        what, often = zip(
            (self._move, 3),
            (self._rename, 1),
            (self._pay, 3),
            (self._join, 2),
            (self._seats, 2),
            (self._new_card, 2),
            (self._upgrade, 1),
            (self._refund, 2),
            (self._give_back, 1),
            (self._dispute, 0.3),
            strict=True,
        )
        self._random.choices(what, often)[0]()

    def _some(self, kind: str, link: Link | None = None) -> Object | None:
        """One of the latest."""
        keys = list(islice(self._sandbox.store.walk(kind, link), LATEST))
        return self._sandbox.store[self._random.choice(keys)[2]] if keys else None

    def _somebodys(self, kind: str, link: Link | None = None) -> Object | None:
        """The same, but nothing that belongs to one of the cast: they stay as the demo shows them."""
        store, habits = self._sandbox.store, self._sandbox.business.payments.habits
        keys = list(islice(store.walk(kind, link), LATEST))
        self._random.shuffle(keys)
        for key in keys:
            customer = str(store[key[2]].get("customer"))
            if customer in store and customer in habits and not habits[customer].quiet:
                return store[key[2]]
        return None

    def _move(self) -> None:
        if held := self._some("customer"):
            country = (held.get("address") or {}).get("country") or "US"
            address = self._sandbox.business.people.address_in(country)
            self._sandbox.books.change(held["id"], "customer.updated", address=address)

    def _rename(self) -> None:
        if held := self._some("customer"):
            number = f"+1555{self._random.randrange(10**7):07}"
            self._sandbox.books.change(held["id"], "customer.updated", phone=number)

    def _pay(self) -> None:
        """Never the last ones: a demo without an unpaid invoice would show nothing of interest."""
        store = self._sandbox.store
        still_open = [store[key[2]] for key in islice(store.walk("invoice", ("status", "open")), LATEST)]
        payable = [each for each in still_open if self._would_pay(each)]
        if len(payable) > FEWEST_OPEN:
            self._sandbox.business.subscriptions.pay_sent(self._random.choice(payable)["id"])

    def _would_pay(self, invoice: Object) -> bool:
        habits = self._sandbox.business.payments.habits.get(str(invoice.get("customer")))
        if habits is None or habits.refuses_after is not None or habits.pays_sent_invoices == "never":
            return False
        return bool(self._sandbox.store.keys("invoice_payment", ("invoice", invoice["id"])))

    def _new_card(self) -> None:
        if held := self._somebodys("payment_method"):
            self._sandbox.business.payments.add_card(held["customer"])

    def _upgrade(self) -> None:
        """To the next plan, prorated and billed at once."""
        held = self._somebodys("subscription", ("status", "active"))
        if held is None or held["schedule"] or held["cancel_at_period_end"]:
            return
        item, business = held["items"]["data"][0], self._sandbox.business
        if "quantity" in item and (price := business.shop.neighbour(item["price"], 1)):
            business.subscriptions.switch(held["id"], price, item["quantity"], at_once=True)

    def _refund(self) -> None:
        if held := self._somebodys("charge"):
            self._sandbox.business.payments.refunds.by_chance(held["id"], self._random.choice(("part", "full")))

    def _give_back(self) -> None:
        """A credit note on a paid invoice."""
        if held := self._somebodys("invoice", ("status", "paid")):
            self._sandbox.business.payments.credit_notes.after_payment(held["id"], 20, "credit_balance")

    def _dispute(self) -> None:
        if held := self._somebodys("charge"):
            self._sandbox.business.payments.disputes.by_chance(held["id"])

    def _join(self) -> None:
        self._sandbox.business.sign_up(self._sandbox.business.somebody())

    def _seats(self) -> None:
        held = self._some("subscription", ("status", "active"))
        if held and (quantity := held["items"]["data"][0].get("quantity")):
            self._sandbox.business.subscriptions.change_quantity(
                held["id"], max(1, quantity + self._random.choice((-1, 1, 2)))
            )
