"""Who comes next and what they buy: the odds of the whole business."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from finances.sandbox.business.people import People, Person
from finances.sandbox.business.shop import PLANS
from finances.sandbox.money.habits import Habits
from finances.sandbox.objects.declines import DECLINES, WEIGHTS


@dataclass(frozen=True)
class SignUp:
    """One customer to come. `plan` None: an account that buys nothing; one of `goods.SPECIALS` by its key, else a
    plan. `then` is what becomes of them: business.Business knows the words."""

    person: Person
    plan: str | None
    interval: str = "month"
    quantity: int = 1
    extra: bool = False
    metered: str | None = None  # a metered price beside the plan
    days_until_due: int | None = None
    trial_days: int = 0
    without_card: str | None = None
    first_payment_fails: bool = False
    left_unpaid: bool = False  # after the last refusal the subscription stays, unpaid
    steady: bool = False
    habits: Habits | None = None
    then: str | None = None
    coupons: tuple[str, ...] = ()
    item_coupon: str | None = None
    customer_coupon: str | None = None
    taxed: bool = False
    inclusive: bool | None = None
    tax_exempt: str = "none"
    tax_id: bool = False
    known_as: str | None = None  # a description and metadata, as the application keeps them


# What becomes of one who pays by card, how often in a thousand.
LIVES = {
    None: 440,
    "seats": 120,
    "seats_now": 60,
    "upgrade": 70,
    "downgrade": 45,
    "yearly": 40,
    "second": 40,
    "credit": 40,
    "pause": 25,
    "schedule": 20,
    "offer": 25,
    "partner": 15,
    "email": 25,
    "extra_work": 20,
    "void": 5,
    "debt": 5,
    "draft": 5,
}
HOPELESS = 0.08  # who one day has no card that works
SEATS = ((1, 2, 3, 5, 8, 13, 40), (36, 16, 13, 13, 11, 8, 3))
KINDS = ("plan", "fleet", "armada", "gangway", "cargo", "crew", "buoy", "tide", "signals", "dinghy")
ODDS_OF_KINDS = (730, 60, 35, 30, 30, 20, 20, 30, 15, 30)
QUANTITIES = {
    "fleet": (4, 12, 26, 64),
    "armada": (10, 30, 120),
    "gangway": (1, 1, 2, 6),
    "cargo": (80, 250, 1_200, 4_050),
    "crew": (7, 12, 23),
    "buoy": (12, 45, 130),
}
METERED = ("tide", "signals")
COUPONS = ("WELCOME25", "FRIEND5", "SPRING3", "HALFYEAR", "LOYAL", "HARBOUR10", "PIERONLY", "AUTUMN", "FOUNDER")
ODDS_OF_COUPONS = (28, 14, 14, 8, 8, 10, 8, 5, 5)


def somebody(people: People, rng: random.Random, sold: frozenset[tuple[str, str]], known: list[Person]) -> SignUp:
    """The next customer, as chance has it. `sold` holds which special is sold in which currency; `known` are people
    who have an account already, one of whom may open a second."""
    person = people.new()
    if known and rng.random() < 0.012:
        person = people.same_inbox(person, rng.choice(known))
    draw = rng.random()
    if draw < 0.05:
        return SignUp(person, None, then="delete" if rng.random() < 0.4 else None)
    kind = rng.choices(KINDS, ODDS_OF_KINDS)[0]
    if kind != "plan" and (kind, person.currency) not in sold:
        kind = "plan"
    plan = rng.choices(PLANS, (5, 3, 2))[0] if kind in ("plan", *METERED) else kind
    yearly = kind == "plan" and rng.random() < 0.22
    quantity = rng.choice(QUANTITIES[kind]) if kind in QUANTITIES else rng.choices(*SEATS)[0]
    taxed = rng.random() < 0.55
    company = person.email.startswith("billing")
    base = SignUp(
        person,
        plan,
        interval="year" if yearly else "week" if kind == "gangway" else "month",
        quantity=1 if kind == "dinghy" else quantity,
        metered=kind if kind in METERED else None,
        extra=kind == "plan" and rng.random() < 0.2,
        taxed=taxed,
        inclusive=True if kind == "gangway" else None,
        tax_exempt=rng.choices(("none", "reverse", "exempt"), (70, 18, 12))[0] if company and taxed else "none",
        tax_id=company and rng.random() < 0.7,
        known_as=_known_as(person, rng),
    )
    base = _with_discounts(base, rng)
    if draw < 0.11 and kind != "gangway":
        pays = rng.choices(("prompt", "late", "never"), (6, 4, 1))[0]
        then = "work" if rng.random() < 0.25 else None
        return replace(base, days_until_due=30, habits=Habits(pays_sent_invoices=pays), then=then)
    refusals = rng.choices((0.0, 0.08, 0.5), (74, 16, 10))[0]
    trial = rng.random() < 0.22 and kind not in ("gangway", "dinghy")
    without = rng.choices((None, "pause", "cancel"), (60, 20, 20))[0] if trial else None
    return replace(
        base,
        trial_days=rng.choice((7, 14, 14, 30)) if trial else 0,
        without_card=without,
        first_payment_fails=not trial and kind != "dinghy" and rng.random() < 0.025,
        habits=Habits(
            refusals,
            rng.choices(DECLINES, WEIGHTS)[0],
            refuses_after=rng.randrange(2, 18) if rng.random() < HOPELESS else None,
        ),
        then=rng.choices(tuple(LIVES), tuple(LIVES.values()))[0],
    )


def _with_discounts(base: SignUp, rng: random.Random) -> SignUp:
    """One in five has a coupon, a few have two; some have it as a customer, or on one item."""
    draw = rng.random()
    if draw > 0.2:
        return base
    coupon = rng.choices(COUPONS, ODDS_OF_COUPONS)[0]
    if draw > 0.17:
        return replace(base, customer_coupon="PARTNER")
    if draw > 0.15:
        return replace(base, item_coupon="HARBOUR10")
    if draw > 0.125 and coupon not in ("LOYAL", "FOUNDER"):
        return replace(base, coupons=(coupon, "LOYAL"))
    return replace(base, coupons=(coupon,))


def _known_as(person: Person, rng: random.Random) -> str | None:
    """The tenant that our own application knows them by."""
    if rng.random() < 0.3:
        return None
    local, _, domain = person.email.partition("@")
    name = domain.partition(".")[0] if local.startswith("billing") else local.replace(".", "-")
    return f"{name}-{rng.randrange(1_000, 10_000)}"
