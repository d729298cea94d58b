"""Changes of a running subscription: seats, plans, from monthly to yearly, and the proration of each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from finances.sandbox.business.collecting import Collecting
from finances.sandbox.business.deductions import discounted, item_of
from finances.sandbox.business.discounts import Discounts
from finances.sandbox.business.drafts import Drafts
from finances.sandbox.business.pricing import amount_of, rounded
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.periods import next_period_end
from finances.sandbox.engine.store import Object
from finances.sandbox.money.payments import Payments
from finances.sandbox.objects import billing
from finances.sandbox.objects.invoice_items import invoice_item

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Changes:
    """Only the first item of a subscription changes; the others are extras."""

    def __init__(
        self, books: Books, drafts: Drafts, discounts: Discounts, collecting: Collecting, payments: Payments
    ) -> None:
        self._books = books
        self._drafts = drafts
        self._discounts = discounts
        self._collecting = collecting
        self._payments = payments

    def seats(self, subscription_id: str, quantity: int, at_once: bool = False) -> None:
        """More or fewer from now on."""
        self.switch(subscription_id, self._first(subscription_id)["price"], quantity, at_once)

    def switch(self, subscription_id: str, price: Object, quantity: int, at_once: bool = False) -> None:
        """Another price or quantity: what is unused is given back, the rest of the period is charged, at once or
        with the next invoice. A trial changes without money; a price of another interval begins a new period."""
        books = self._books
        subscription = books.store[subscription_id]
        item = self._first(subscription_id)
        if subscription["status"] not in ("active", "trialing") or "quantity" not in item:
            return
        new_period = price["recurring"]["interval"] != item["price"]["recurring"]["interval"]
        if subscription["status"] == "active":
            self._give_back(subscription, item)
            if not new_period:
                self._charge_rest(subscription, item, price, quantity)
        changed = {**item, "price": price, "quantity": quantity}
        fields: Object = {}
        if new_period and subscription["status"] == "active":
            end = next_period_end(books.at, books.at, price["recurring"]["interval"])
            changed.update(current_period_start=books.at, current_period_end=end)
            fields["billing_cycle_anchor"] = books.at
        items = subscription["items"]
        fields["items"] = {**items, "data": [changed, *items["data"][1:]]}
        books.change(subscription_id, "customer.subscription.updated", **fields)
        if subscription["status"] == "active" and (at_once or new_period):
            self._bill_now(subscription_id, whole_period=new_period)

    def _first(self, subscription_id: str) -> Object:
        first: Object = self._books.store[subscription_id]["items"]["data"][0]
        return first

    def _give_back(self, subscription: Object, item: Object) -> None:
        """What was paid for the time that is left: less the discounts that the invoice had."""
        gross = amount_of(item["price"], item["quantity"])
        latest = self._books.store.get(subscription["latest_invoice"] or "")
        lines = [line for line in latest["lines"]["data"] if item_of(line) == item["id"]] if latest else []
        paid = [line for line in lines if line["amount"] > 0]
        asked = sum(line["amount"] for line in paid)
        net = asked - sum(off["amount"] for line in paid for off in line["discount_amounts"])
        value = Decimal(gross) * net / asked if asked else Decimal(gross)
        credited = (latest["id"], [line["id"] for line in paid]) if latest and paid else None
        text = f"Unused time on {self._named(item['price'], item['quantity'])}"
        self._hold(subscription, item, item["price"], item["quantity"], -value, text, credited)

    def _charge_rest(self, subscription: Object, item: Object, price: Object, quantity: int) -> None:
        """The new price for the time that is left, less what a percentage takes off for longer than once."""
        gross = amount_of(price, quantity)
        applied, _ = self._discounts.applied(subscription, self._books.store[subscription["customer"]])
        lasting = [each for each in applied if each.coupon["percent_off"] and each.coupon["duration"] != "once"]
        line = billing.line("", "", price["currency"], gross, "", quantity, (0, 0))
        line.update(billing.of_item({**item, "price": price}, "0"))
        off = sum(each["amount"] for each in discounted([line], lasting, price["currency"])[0]["discount_amounts"])
        text = f"Remaining time on {self._named(price, quantity)}"
        self._hold(subscription, item, price, quantity, Decimal(gross - off), text, None)

    def _hold(
        self,
        subscription: Object,
        item: Object,
        price: Object,
        quantity: int,
        value: Decimal,
        text: str,
        credited: tuple[str, list[str]] | None,
    ) -> None:
        """`value` is that of the whole period, of which only what is left counts, to the second."""
        books = self._books
        start, end = item["current_period_start"], item["current_period_end"]
        amount = rounded(value * (end - books.at) / (end - start))
        pricing = billing.pricing(price, price["unit_amount_decimal"])
        self._drafts.hold(
            invoice_item(
                books.new_id("ii"),
                books.at,
                subscription["customer"],
                price["currency"],
                amount,
                f"{text} after {_day(books.at)}",
                quantity,
                (books.at, end),
                pricing,
                item,
                credited,
            )
        )

    def _bill_now(self, subscription_id: str, whole_period: bool) -> None:
        """An invoice of what is pending, and of the new period where one began: final and charged on the spot."""
        books = self._books
        subscription = books.store[subscription_id]
        period = (books.at, books.at)
        if whole_period:
            draft = self._drafts.of_subscription(subscription, "subscription_update", period)
        else:
            invoice_id = books.new_id("in")
            lines = self._drafts.take_pending(subscription["customer"], invoice_id)
            draft = self._drafts.whole(
                invoice_id, subscription, subscription["customer"], lines, "subscription_update", period
            )
        books.add(draft, "invoice.created")
        books.change(subscription_id, latest_invoice=draft["id"])
        self._discounts.spend(draft)
        invoice = self._payments.finalize(draft["id"])
        if invoice["status"] == "open" and invoice["collection_method"] == "send_invoice":
            self._collecting.watch_due_date(draft["id"])
        elif invoice["status"] == "open":
            self._payments.attempt(draft["id"], succeeds=True)

    def _named(self, price: Object, quantity: int) -> str:
        name = self._books.store[price["product"]]["name"]
        return f"{quantity} × {name}" if quantity != 1 else name


def _day(moment: int) -> str:
    """`12 Mar 2026`, as Stripe writes it inside a line."""
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"
