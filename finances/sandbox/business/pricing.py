"""What a price asks for a quantity, exactly: one amount, or one for each tier and flat fee."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from finances.sandbox.engine.store import Object

SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "kwd": "KWD "}
DECIMALS = {"jpy": 0, "kwd": 3}  # two everywhere else


class Piece(NamedTuple):
    """One line's worth: `amount` in minor units for the whole `quantity`; `unit_amount` may hold fractions."""

    amount: int
    quantity: int
    unit_amount: str
    text: str


def pieces(price: Object, quantity: int, name: str) -> list[Piece]:
    """Graduated: a piece for each tier that is reached. Volume: the one tier that the whole quantity is in. A tier's
    flat fee is a piece of its own."""
    if price["billing_scheme"] == "tiered":
        parts = (
            _graduated(price, quantity, name) if price["tiers_mode"] == "graduated" else _volume(price, quantity, name)
        )
        return parts or [Piece(0, 0, "0", f"0 × {name}")]
    unit = price["unit_amount_decimal"]
    packages, package = quantity, price["transform_quantity"]
    text = f"{quantity} × {name} (at {money(unit, price['currency'])} / {_interval(price)})"
    if package is not None:
        size = package["divide_by"]
        packages = -(-quantity // size) if package["round"] == "up" else quantity // size
        text = f"{quantity} × {name} (at {money(unit, price['currency'])} per {size} / {_interval(price)})"
    whole = price["unit_amount"]
    amount = rounded(Decimal(unit) * packages) if whole is None else whole * packages
    return [Piece(amount, quantity, unit, text)]


def amount_of(price: Object, quantity: int) -> int:
    """All of it together, in minor units."""
    return sum(piece.amount for piece in pieces(price, quantity, ""))


def rounded(exact: Decimal) -> int:
    """To whole minor units, halves away from zero."""
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@lru_cache(4_096)
def money(minor: str | int, currency: str) -> str:
    """As Stripe writes an amount inside a line: `$49.00`, `¥2,800`, `$0.125`."""
    places = DECIMALS.get(currency, 2)
    major = Decimal(minor).scaleb(-places)
    shown = max(places, -int(major.normalize().as_tuple().exponent))
    return f"{SIGNS.get(currency, currency.upper() + ' ')}{major:,.{shown}f}"


def _graduated(price: Object, quantity: int, name: str) -> list[Piece]:
    found: list[Piece] = []
    below = 0
    for number, tier in enumerate(price["tiers"], 1):
        upper = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        within = upper - below
        if within <= 0 and number > 1:
            break
        found += _tier_pieces(price, tier, within, name, f"Tier {number} ")
        below = upper
    return found


def _volume(price: Object, quantity: int, name: str) -> list[Piece]:
    tier = next(each for each in price["tiers"] if each["up_to"] is None or quantity <= each["up_to"])
    return _tier_pieces(price, tier, quantity, name, "")


def _tier_pieces(price: Object, tier: Object, quantity: int, name: str, label: str) -> list[Piece]:
    found: list[Piece] = []
    currency, interval = price["currency"], _interval(price)
    if tier["unit_amount_decimal"] is not None and quantity > 0:
        unit = tier["unit_amount_decimal"]
        text = f"{quantity} × {name} ({label}at {money(unit, currency)} / {interval})"
        found.append(Piece(rounded(Decimal(unit) * quantity), quantity, unit, text))
    if tier["flat_amount"]:
        flat = str(tier["flat_amount"])
        text = f"{name} ({label}flat fee {money(flat, currency)} / {interval})"
        found.append(Piece(tier["flat_amount"], 1, flat, text))
    return found


def _interval(price: Object) -> str:
    recurring = price["recurring"]
    if recurring is None:
        return "once"
    count = recurring["interval_count"]
    return str(recurring["interval"]) if count == 1 else f"every {count} {recurring['interval']}s"
