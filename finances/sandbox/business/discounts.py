"""Discounts: given to a customer, a subscription or one of its items; they end, or are used up."""

from __future__ import annotations

from finances.sandbox.business.deductions import Applied
from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.events import before
from finances.sandbox.engine.periods import months_after
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.discounts import discount

ENDED = ("canceled", "incomplete_expired")


class Discounts:
    """Owners name theirs: a subscription and an item by ids in `discounts`, a customer by the whole object."""

    def __init__(self, books: Books, agenda: Agenda, codes: dict[str, str]) -> None:
        self._books = books
        self._agenda = agenda
        self._codes = codes

    def redeem(
        self,
        coupon_id: str,
        customer_id: str,
        subscription_id: str | None = None,
        item_id: str | None = None,
        with_code: bool = False,
        told: bool = True,
    ) -> Object | None:
        """A new discount, kept by itself: the caller hangs it on its owner. None when the coupon is no longer valid."""
        books = self._books
        coupon = books.store[coupon_id]
        if not coupon["valid"]:
            return None
        used = coupon["times_redeemed"] + 1
        books.change(coupon_id, times_redeemed=used, valid=used != coupon["max_redemptions"])
        code = self._use_code(coupon_id) if with_code else None
        months = coupon["duration_in_months"]
        end = months_after(books.at, months) if months else None
        made = discount(
            books.new_id("di"),
            books.at,
            end,
            coupon_id,
            customer_id,
            subscription_id=subscription_id,
            item_id=item_id,
            promotion_code_id=code,
        )
        books.add(made, *(["customer.discount.created"] if told else []))
        if end is not None:
            self._agenda.plan(end, self.take_away, made["id"])
        return made

    def give_customer(self, customer_id: str, coupon_id: str, with_code: bool = False) -> None:
        """Instead of the one that they had: Stripe calls that an update."""
        books = self._books
        had = books.store[customer_id]["discount"]
        made = self.redeem(coupon_id, customer_id, with_code=with_code, told=had is None)
        if made is None:
            return
        if had is not None:
            books.events.record("customer.discount.updated", made, books.at, before(had, made))
        books.change(customer_id, "customer.updated", discount=made)

    def give_subscription(self, subscription_id: str, coupon_id: str, with_code: bool = False) -> None:
        """Behind those that it has."""
        books = self._books
        subscription = books.store[subscription_id]
        if subscription["status"] in ENDED:
            return
        if made := self.redeem(coupon_id, subscription["customer"], subscription_id, with_code=with_code):
            held = [*subscription["discounts"], made["id"]]
            books.change(subscription_id, "customer.subscription.updated", discounts=held)

    def applied(self, subscription: Object | None, customer: Object) -> tuple[list[Applied], list[str]]:
        """What an invoice made now takes off, and the ids that it shows as its own. The customer's discount counts
        only where the subscription has none."""
        items = subscription["items"]["data"] if subscription else []
        named = list(subscription["discounts"]) if subscription else []
        if not named and customer.get("discount"):
            named = [customer["discount"]["id"]]
        found = [*self._running([(name, item["id"]) for item in items for name in item["discounts"]])]
        others = self._running([(name, None) for name in named])
        return [*found, *others], [each.discount for each in others]

    def spend(self, invoice: Object) -> None:
        """`once` discounts that this invoice has used leave their owner."""
        for taken in invoice["total_discount_amounts"]:
            held = self._books.store.get(taken["discount"])
            coupon = self._books.store.get(held["source"]["coupon"]) if held else None
            if coupon and coupon["duration"] == "once":
                self.take_away(taken["discount"])

    def take_away(self, discount_id: str) -> None:
        """It is over: gone from its owner. The object stays, since invoices name it."""
        books = self._books
        held = books.store.get(discount_id)
        if held is None:
            return
        subscription = books.store.get(held["subscription"]) if held["subscription"] else None
        if subscription is None:
            customer = books.store.get(held["customer"])
            if customer and (customer.get("discount") or {}).get("id") == discount_id:
                books.say("customer.discount.deleted", held)
                books.change(customer["id"], "customer.updated", discount=None)
            return
        if subscription["status"] in ENDED:
            return
        items = subscription["items"]
        if held["subscription_item"]:
            data = [_without(item, discount_id) for item in items["data"]]
            changed = {"items": {**items, "data": data}}
        else:
            changed = {"discounts": _without(subscription, discount_id)["discounts"]}
        books.say("customer.discount.deleted", held)
        books.change(subscription["id"], "customer.subscription.updated", **changed)

    def _running(self, named: list[tuple[str, str | None]]) -> list[Applied]:
        store, at = self._books.store, self._books.at
        found = []
        for discount_id, item_id in named:
            held = store.get(discount_id)
            coupon = store.get(held["source"]["coupon"]) if held else None
            if held and coupon and (held["end"] is None or held["end"] > at):
                found.append(Applied(discount_id, coupon, item_id))
        return found

    def _use_code(self, coupon_id: str) -> str | None:
        code = self._books.store.get(self._codes.get(coupon_id, ""))
        if code is None or not code["active"]:
            return None
        used = code["times_redeemed"] + 1
        left = used != code["max_redemptions"]
        self._books.change(code["id"], *([] if left else ["promotion_code.updated"]), times_redeemed=used, active=left)
        return str(code["id"])


def _without(owner: Object, discount_id: str) -> Object:
    return {**owner, "discounts": [each for each in owner["discounts"] if each != discount_id]}
