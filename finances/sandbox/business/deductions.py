"""Discounts and taxes on lines: Stripe's order, and sums that hold to the last minor unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from finances.sandbox.business.pricing import rounded
from finances.sandbox.engine.store import Object
from finances.sandbox.objects.taxes import tax


class Applied(NamedTuple):
    """A discount with its coupon. `item` limits it to one subscription item's lines."""

    discount: str
    coupon: Object
    item: str | None = None


def discounted(lines: list[Object], applied: Sequence[Applied], currency: str) -> list[Object]:
    """The lines with their `discount_amounts`. Items' discounts come first, then the others in their order; each
    takes from what the one before has left. Prorations and other credits are left alone."""
    left = [line["amount"] if line["discountable"] else 0 for line in lines]
    off: list[dict[str, int]] = [{} for _ in lines]
    own: list[list[str]] = [[] for _ in lines]
    for each in sorted(applied, key=lambda one: one.item is None):
        covered = [n for n, line in enumerate(lines) if left[n] > 0 and _covers(each, line)]
        for n in covered if each.item else ():
            own[n].append(each.discount)
        for n, amount in zip(covered, _shares(each.coupon, currency, [left[n] for n in covered]), strict=True):
            if amount:
                off[n][each.discount] = amount
                left[n] -= amount
    return [_with_discounts(line, off[n], own[n]) for n, line in enumerate(lines)]


def taxed(lines: list[Object], default_rates: Sequence[Object], item_rates: dict[str, list[Object]]) -> list[Object]:
    """The lines with their `taxes`, each rounded by itself, on what the discounts have left. An item's own rates
    stand instead of the subscription's."""
    return [_with_taxes(line, item_rates.get(item_of(line) or "") or default_rates) for line in lines]


def totals(lines: list[Object]) -> Object:
    """An invoice's amounts: subtotal - discounts + exclusive taxes = total."""
    subtotal = sum(line["amount"] for line in lines)
    off: dict[str, int] = defaultdict(int)
    rates: dict[tuple[str, str], list[int]] = {}
    inside_before = 0
    for line in lines:
        for taken in line["discount_amounts"]:
            off[taken["discount"]] += taken["amount"]
        inclusive = 0
        for each in line["taxes"]:
            key = (each["tax_rate_details"]["tax_rate"], each["tax_behavior"])
            held = rates.setdefault(key, [0, 0])
            held[0] += each["amount"]
            held[1] += each["taxable_amount"]
            inclusive += each["amount"] if each["tax_behavior"] == "inclusive" else 0
        if inclusive:
            net = line["amount"] - sum(taken["amount"] for taken in line["discount_amounts"])
            inside_before += rounded(Decimal(inclusive * line["amount"]) / net)
    exclusive = sum(amount for (_, behavior), (amount, _) in rates.items() if behavior == "exclusive")
    taxes = sum(amount for amount, _ in rates.values())
    total = subtotal - sum(off.values()) + exclusive
    due = max(total, 0)
    return {
        "amount_due": due,
        "amount_remaining": due,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - inside_before,
        "total": total,
        "total_discount_amounts": [{"amount": amount, "discount": name} for name, amount in off.items()],
        "total_excluding_tax": total - taxes,
        "total_pretax_credit_amounts": _credits(off),
        "total_taxes": [
            {
                "amount": amount,
                "tax_behavior": behavior,
                "tax_rate_details": {"tax_rate": rate},
                "taxability_reason": "not_available",
                "taxable_amount": taxable,
                "type": "tax_rate_details",
            }
            for (rate, behavior), (amount, taxable) in rates.items()
        ],
    }


def item_of(line: Object) -> str | None:
    """The subscription item that a line is of; None for one of another kind."""
    details = (line["parent"] or {}).get("subscription_item_details")
    return details["subscription_item"] if details else None


def amount_off(coupon: Object, currency: str) -> int:
    """What it takes off in that currency; nothing in one that it does not name."""
    if coupon["currency"] == currency:
        return int(coupon["amount_off"])
    return int((coupon.get("currency_options") or {}).get(currency, {}).get("amount_off", 0))


def _covers(applied: Applied, line: Object) -> bool:
    if applied.item is not None and item_of(line) != applied.item:
        return False
    products = (applied.coupon.get("applies_to") or {}).get("products")
    if not products:
        return True
    details = (line["pricing"] or {}).get("price_details") or {}
    return details.get("product") in products


def _shares(coupon: Object, currency: str, amounts: list[int]) -> list[int]:
    """The discount on all of the amounts together, in whole units; the largest remainders get what rounding left."""
    whole = sum(amounts)
    if coupon["percent_off"] is not None:
        off = rounded(Decimal(str(coupon["percent_off"])) * whole / 100)
    else:
        off = min(amount_off(coupon, currency), whole)
    if not whole:
        return [0] * len(amounts)
    shares = [amount * off // whole for amount in amounts]
    remainders = sorted(range(len(amounts)), key=lambda n: (-(amounts[n] * off % whole), n))
    for n in remainders[: off - sum(shares)]:
        shares[n] += 1
    return shares


def _with_discounts(line: Object, off: dict[str, int], own: list[str]) -> Object:
    if not off:
        return line
    return {
        **line,
        "discount_amounts": [{"amount": amount, "discount": name} for name, amount in off.items()],
        "discounts": own,
        "pretax_credit_amounts": _credits(off),
    }


def _with_taxes(line: Object, rates: Sequence[Object]) -> Object:
    if not rates:
        return line
    net = line["amount"] - sum(taken["amount"] for taken in line["discount_amounts"])
    inside = sum((Decimal(str(rate["percentage"])) for rate in rates if rate["inclusive"]), Decimal(0))
    found = []
    for rate in rates:
        percentage = Decimal(str(rate["percentage"]))
        if rate["inclusive"]:
            amount = rounded(net * percentage / (100 + inside))
            found.append([rate, amount, net])
        else:
            found.append([rate, rounded(net * percentage / 100), net])
    within = sum(amount for rate, amount, _ in found if rate["inclusive"])
    return {**line, "taxes": [tax(rate, amount, net - within) for rate, amount, net in found]}


def _credits(off: dict[str, int]) -> list[Object]:
    return [{"amount": amount, "discount": name, "type": "discount"} for name, amount in off.items()]
