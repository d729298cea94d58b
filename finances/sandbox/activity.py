"""A business that never quite sleeps: every few seconds somebody does something small, at the current time."""

from __future__ import annotations

import random
import threading
import traceback
from typing import TYPE_CHECKING

from .store import Object

if TYPE_CHECKING:
    from .sandbox import Sandbox

FEWEST_OPEN = 6  # invoices that are left unpaid


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
                try:
                    self.happen()
                except (KeyError, TypeError, AttributeError, StopIteration):
                    traceback.print_exc()  # something bent by the control address; the next happening is another

    def happen(self) -> None:
        """What fell due, and one thing more."""
        self._sandbox.move_on()
        what = self._random.choices((self._move, self._rename, self._pay, self._join, self._seats), (3, 1, 3, 2, 2))[0]
        what()

    def _some(self, kind: str) -> Object | None:
        keys = self._sandbox.store.keys(kind)
        return self._sandbox.store[self._random.choice(keys)[2]] if keys else None

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
        still_open = [each for each in self._sandbox.store.of_type("invoice") if each.get("status") == "open"]
        payable = [each for each in still_open if self._would_pay(each)]
        if len(payable) > FEWEST_OPEN:
            self._sandbox.business.subscriptions.pay_sent(self._random.choice(payable)["id"])

    def _would_pay(self, invoice: Object) -> bool:
        habits = self._sandbox.business.payments.habits.get(str(invoice.get("customer")))
        if habits is None or habits.refuses_after is not None or habits.pays_sent_invoices == "never":
            return False
        return bool(self._sandbox.store.keys("invoice_payment", ("invoice", invoice["id"])))

    def _join(self) -> None:
        self._sandbox.business.sign_up(self._sandbox.business.somebody())

    def _seats(self) -> None:
        held = self._some("subscription")
        if held and held["status"] == "active":
            quantity = held["items"]["data"][0].get("quantity") or 1
            self._sandbox.business.subscriptions.change_quantity(
                held["id"], max(1, quantity + self._random.choice((-1, 1, 2)))
            )
