"""The account's balance: what its balance transactions add up to."""

from __future__ import annotations

from finances.sandbox.api.view import View
from finances.sandbox.engine.store import Object


def balance(view: View) -> Object:
    """Minor units by currency: `available` to be paid out, `pending` until the money is there. A payout is itself a
    transaction, with what left the account taken off."""
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    home = view.store[view.account_id]["default_currency"]
    for side in sums.values():
        side[home] = 0
    if not view.key.livemode:
        for each in view.store.of_type("balance_transaction"):
            sums[each["status"]][each["currency"]] = sums[each["status"]].get(each["currency"], 0) + each["net"]
            sums["pending" if each["status"] == "available" else "available"].setdefault(each["currency"], 0)
    return {
        "object": "balance",
        "available": _amounts(sums["available"]),
        "livemode": view.key.livemode,
        "pending": _amounts(sums["pending"]),
    }


def _amounts(by_currency: dict[str, int]) -> list[Object]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(by_currency.items())
    ]
