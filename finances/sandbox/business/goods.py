"""The price list: what there is to buy, in five currencies. Minor units: yen have none, a dinar has 1,000."""

from __future__ import annotations

from dataclasses import dataclass

from finances.sandbox.objects.catalogue import Tier

CURRENCIES = ("usd", "eur", "gbp", "jpy", "kwd")
Amounts = tuple[int, ...]  # in the order of CURRENCIES


@dataclass(frozen=True)
class Plan:
    """So much for each seat: by the month, and ten months' worth by the year."""

    name: str
    description: str
    monthly: Amounts


PLANS_SOLD = (
    Plan("Berth", "One desk for one person", (1_900, 1_700, 1_500, 2_800, 5_850)),
    Plan("Pier", "For small teams", (4_900, 4_500, 3_900, 7_200, 15_000)),
    Plan("Harbour", "For companies, with roles and audit", (9_900, 9_100, 7_900, 14_800, 30_500)),
    Plan("Lighthouse", "Priority support, added to any plan", (2_950, 2_750, 2_350, 4_400, 9_050)),
)


@dataclass(frozen=True)
class Special:
    """One price in each of some currencies. `amounts` or `tiers` by currency; `package` is (divide by, up or down)."""

    key: str
    product: str
    description: str
    unit_label: str | None
    interval: str | None
    amounts: dict[str, int | str] | None = None
    tiers: dict[str, tuple[Tier, ...]] | None = None
    tiers_mode: str | None = None
    package: tuple[int, str] | None = None
    meter: str | None = None
    tax_behavior: str = "unspecified"


def _graduated(first: int, second: int, third: int, flat: int | None) -> tuple[Tier, ...]:
    return ((10, first, flat), (50, second, None), (None, third, None))


SPECIALS = (
    Special(
        "gangway",
        "Gangway",
        "A desk by the week, tax included",
        None,
        "week",
        {"usd": 900, "eur": 850, "gbp": 750, "jpy": 1_300, "kwd": 2_750},
        tax_behavior="inclusive",
    ),
    Special(
        "fleet",
        "Fleet",
        "Seats that get cheaper, tier by tier",
        "seat",
        "month",
        tiers={
            "usd": _graduated(1_500, 1_200, 900, 2_000),
            "eur": _graduated(1_400, 1_100, 850, 1_900),
            "gbp": _graduated(1_250, 1_000, 750, 1_600),
            "kwd": _graduated(4_600, 3_700, 2_750, 6_100),
        },
        tiers_mode="graduated",
    ),
    Special(
        "fleet_year",
        "Fleet",
        "",
        "seat",
        "year",
        tiers={"usd": _graduated(15_000, 12_000, 9_000, None), "eur": _graduated(14_000, 11_000, 8_500, None)},
        tiers_mode="graduated",
    ),
    Special(
        "armada",
        "Armada",
        "All seats at the price of the tier that they reach together",
        "seat",
        "month",
        tiers={
            "usd": ((25, 1_400, None), (100, 1_100, None), (None, 800, 5_000)),
            "eur": ((25, 1_300, None), (100, 1_000, None), (None, 750, 4_500)),
            "jpy": ((25, 2_100, None), (100, 1_650, None), (None, 1_200, 7_500)),
        },
        tiers_mode="volume",
    ),
    Special(
        "cargo",
        "Cargo",
        "Storage by the hundred files; a hundred begun is paid whole",
        "file",
        "month",
        {"usd": 700, "eur": 650, "gbp": 550, "jpy": 1_000, "kwd": 2_150},
        package=(100, "up"),
    ),
    Special(
        "crew",
        "Crew",
        "Five seats at a time; only whole fives are paid",
        "seat",
        "month",
        {"usd": 6_000, "eur": 5_500, "gbp": 4_800},
        package=(5, "down"),
    ),
    Special(
        "tide",
        "Tide",
        "Calls of the interface, paid when the month is over",
        "call",
        "month",
        {"usd": "0.45", "eur": "0.4", "gbp": "0.35", "jpy": "0.65", "kwd": "1.375"},
        meter="api_calls",
    ),
    Special(
        "signals",
        "Signals",
        "Messages, the first thousand free",
        "message",
        "month",
        tiers={
            "usd": ((1_000, 0, None), (10_000, "1.5", None), (None, "0.9", None)),
            "eur": ((1_000, 0, None), (10_000, "1.4", None), (None, "0.8", None)),
        },
        tiers_mode="graduated",
        meter="messages",
    ),
    Special(
        "buoy",
        "Buoy",
        "One watched site, at fractions of a cent",
        "site",
        "month",
        {"usd": "12.5", "eur": "11.75", "gbp": "9.9", "kwd": "38.25"},
    ),
    Special("dinghy", "Dinghy", "Free for one person", "seat", "month", {"usd": 0, "eur": 0, "gbp": 0, "jpy": 0}),
    Special(
        "pier_rise",
        "Pier",
        "",
        "seat",
        "month",
        {"usd": 5_500, "eur": 5_100, "gbp": 4_400},
    ),
    Special("setup", "Set-up", "Training and set-up, by the hour", "hour", None, {"usd": 4_000, "eur": 3_700}),
)
METERS = {"api_calls": "API calls", "messages": "Messages sent"}
