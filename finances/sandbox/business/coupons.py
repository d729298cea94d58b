"""The coupons and promotion codes that the business gives out, from the first day on."""

from __future__ import annotations

from finances.sandbox.engine.agenda import Agenda
from finances.sandbox.engine.books import Books
from finances.sandbox.engine.clock import DAY
from finances.sandbox.engine.periods import months_after
from finances.sandbox.objects.discounts import coupon, promotion_code


def add_coupons(books: Books, agenda: Agenda, products: dict[str, str]) -> dict[str, str]:
    """Puts them into the books; gives the promotion codes' ids by the coupon's."""
    at = books.at
    five = {"usd": 500, "eur": 500, "gbp": 400, "jpy": 800, "kwd": 1_500}
    three = {"usd": 300, "eur": 300, "gbp": 250, "jpy": 450, "kwd": 900}
    autumn_ends = months_after(at, 7)
    for each in (
        coupon("WELCOME25", at, "A quarter off the first invoice", "once", percent_off=25.0),
        coupon("FRIEND5", at, "Brought by a friend", "once", amounts_off=five),
        coupon("SPRING3", at, "Three months for a fifth less", "repeating", percent_off=20.0, months=3),
        coupon("HALFYEAR", at, "Five off for half a year", "repeating", amounts_off=five, months=6),
        coupon("LOYAL", at, "For those who stay", "forever", amounts_off=three),
        coupon("HARBOUR10", at, "A tenth off, for good", "forever", percent_off=10.0),
        coupon("PARTNER", at, "Partners' terms", "forever", percent_off=12.5),
        coupon("FOUNDER", at, "Free, for the first who believed", "forever", percent_off=100.0),
        coupon("PIERONLY", at, "Pier for less", "forever", percent_off=30.0, products=[products["Pier"]]),
        coupon("AUTUMN", at, "One autumn only", "once", percent_off=40.0, redeem_by=autumn_ends),
    ):
        books.add(each, "coupon.created")
    old = coupon("SUMMERFAIR", at - 60 * DAY, "The summer fair", "once", percent_off=50.0, redeem_by=at - DAY)
    books.add({**old, "times_redeemed": 7, "valid": False})
    early = coupon("EARLYBIRD", at - 30 * DAY, "The first ten", "forever", percent_off=15.0, max_redemptions=10)
    books.add({**early, "times_redeemed": 10, "valid": False})
    agenda.plan(autumn_ends, _expire_coupon, books, "AUTUMN")
    return _add_codes(books, agenda, autumn_ends)


def _add_codes(books: Books, agenda: Agenda, autumn_ends: int) -> dict[str, str]:
    at = books.at
    welcome = promotion_code(books.new_id("promo"), at, "AHOY25", "WELCOME25", first_time=True)
    friend = promotion_code(books.new_id("promo"), at, "BRINGAFRIEND", "FRIEND5", minimum=(1_000, "usd"))
    spring = promotion_code(books.new_id("promo"), at, "SPRINGTIDE", "SPRING3", max_redemptions=40)
    autumn = promotion_code(books.new_id("promo"), at, "LEAVES40", "AUTUMN", expires_at=autumn_ends)
    pier = promotion_code(books.new_id("promo"), at, "PIER30", "PIERONLY")
    used = {**promotion_code(books.new_id("promo"), at, "FIRSTTEN", "EARLYBIRD", max_redemptions=10), "active": False}
    used["times_redeemed"] = 10
    codes = (welcome, friend, spring, autumn, pier, used)
    for each in codes:
        books.add(each, "promotion_code.created")
    agenda.plan(autumn_ends, _close_code, books, autumn["id"])
    return {each["promotion"]["coupon"]: each["id"] for each in codes}


def _expire_coupon(books: Books, coupon_id: str) -> None:
    """Its last day is over: Stripe works this out when it is read and sends no event."""
    books.change(coupon_id, valid=False)


def _close_code(books: Books, promotion_code_id: str) -> None:
    books.change(promotion_code_id, "promotion_code.updated", active=False)
