"""Subscription schedules: what a subscription will be, phase by phase, and how the plan ends."""

from __future__ import annotations

from finances.sandbox.engine.books import Books
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.schedules import phase, schedule


class Schedules:
    """Phases change at the end of a billing period: whoever renews asks `items_from` first."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def begin(
        self, subscription_id: str, coming: list[tuple[Object, int]], until: int, end_behavior: str = "release"
    ) -> str:
        """What it is now until this period ends, then `coming` (prices with quantities, an item each) up to `until`.
        Gives the schedule's id."""
        books = self._books
        subscription = books.store[subscription_id]
        items = subscription["items"]["data"]
        turn, currency = items[0]["current_period_end"], subscription["currency"]
        now = [(item["price"]["id"], item.get("quantity")) for item in items]
        then: list[tuple[str, int | None]] = [(price["id"], quantity) for price, quantity in coming]
        phases = [phase(subscription["start_date"], turn, currency, now)]
        if then:
            phases.append(phase(turn, until, currency, then))
        made = schedule(books.new_id("sub_sched"), books.at, subscription, phases, end_behavior)
        books.add(made, "subscription_schedule.created")
        books.change(subscription_id, "customer.subscription.updated", schedule=made["id"])
        return str(made["id"])

    def items_from(self, subscription: Object, at: int) -> list[Object] | None:
        """The subscription's items from that moment on; None when its schedule ends it there."""
        items: list[Object] = subscription["items"]["data"]
        held = self._books.store.get(subscription["schedule"] or "")
        if held is None or held["status"] != "active" or at < held["current_phase"]["end_date"]:
            return items
        coming = next(
            (each for each in held["phases"] if each["start_date"] == held["current_phase"]["end_date"]), None
        )
        if coming is None:
            if held["end_behavior"] == "cancel":
                self._complete(held)
                return None
            self.release(held["id"])
            return items
        turned = {"end_date": coming["end_date"], "start_date": coming["start_date"]}
        self._books.change(held["id"], "subscription_schedule.updated", current_phase=turned)
        return [
            {**item, "price": self._books.store[wanted["price"]], "quantity": wanted["quantity"]}
            for item, wanted in zip(items, coming["items"], strict=False)
        ]

    def release(self, schedule_id: str) -> None:
        """The subscription goes on as it is, without a plan."""
        books = self._books
        held = books.store[schedule_id]
        if held["status"] != "active":
            return
        books.change(
            schedule_id,
            "subscription_schedule.released",
            current_phase=None,
            released_at=books.at,
            released_subscription=held["subscription"],
            status="released",
            subscription=None,
        )
        books.change(held["subscription"], "customer.subscription.updated", schedule=None)

    def cancel(self, schedule_id: str) -> None:
        """Its subscription has ended before the plan did."""
        held = self._books.store.get(schedule_id)
        if held and held["status"] == "active":
            at = self._books.at
            self._books.change(
                schedule_id, "subscription_schedule.canceled", canceled_at=at, current_phase=None, status="canceled"
            )

    def _complete(self, held: Object) -> None:
        at = self._books.at
        self._books.change(
            held["id"], "subscription_schedule.completed", completed_at=at, current_phase=None, status="completed"
        )
