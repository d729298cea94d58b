from datetime import timedelta
from decimal import Decimal

from dashboard.tables.schedule import shown_schedule, update_in_words
from finances.models import Price, SubscriptionSchedule
from finances.reads.prices import PricedProduct
from finances.reads.schedule import Schedule, pending_update, phase, prices_of, schedule
from tests.factories import NOON


def priced(id: str, name: str, amount: int) -> PricedProduct:
    price = Price(id=id, product_id=name, currency="eur", unit_amount=Decimal(amount), interval="month")
    return PricedProduct(price, name, [], {})


PRICED = {"price_1": priced("price_1", "Business", 3300), "price_2": priced("price_2", "Archive", 900)}
DAY = 86400


def a_phase(start: int, end: int | None, items: dict[str, int], **fields):
    noon = int(NOON.timestamp())
    return phase(
        {
            "start_date": noon + start * DAY,
            "end_date": None if end is None else noon + end * DAY,
            "items": [{"price": price, "quantity": quantity} for price, quantity in items.items()],
        }
        | fields
    )


def a_schedule(*phases, status: str = "active") -> Schedule:
    return Schedule(SubscriptionSchedule(status=status, end_behavior="cancel"), list(phases))


def test_phases_know_their_place_in_time_and_what_is_different() -> None:
    past = a_phase(-30, -10, {"price_1": 50})
    now = a_phase(-10, 20, {"price_1": 40})
    later = a_phase(20, None, {"price_1": 32, "price_2": 1}, discounts=[{"coupon": "FRIENDS"}])

    shown = shown_schedule(a_schedule(past, now, later), PRICED, NOON)
    assert [each.state for each in shown.phases] == ["over", "now", "planned"]
    assert shown.phases[0].items == ["50 × Business, 33.00 EUR a month"]
    assert [each.changes for each in shown.phases] == [
        [],
        ["40 × Business instead of 50"],
        ["32 × Business instead of 40", "Archive, 9.00 EUR a month comes in", "discounts: FRIENDS"],
    ]
    assert shown.next == shown.phases[2]
    assert shown.after == "Then the subscription is cancelled."


def test_a_phase_ends_with_its_last_second_excluded() -> None:
    it = a_phase(-1, 0, {})

    assert it.is_over(NOON)
    assert it.is_on(NOON - timedelta(seconds=1))


def test_what_goes_out_and_what_was_never_read_is_named() -> None:
    shown = shown_schedule(a_schedule(a_phase(-1, 1, {"price_1": 2}), a_phase(1, 2, {"price_x": 3})), PRICED, NOON)

    assert shown.phases[1].changes == [
        "3 × price_x, a price that is not stored here comes in",
        "2 × Business goes out",
    ]


def test_another_price_of_the_same_product_is_one_change() -> None:
    dearer = PRICED | {"price_3": priced("price_3", "Business", 3900)}
    before = a_phase(-1, 1, {"price_1": 6})

    def changed(items: dict[str, int]) -> list[str]:
        return shown_schedule(a_schedule(before, a_phase(1, 2, items)), dearer, NOON).phases[1].changes

    assert changed({"price_3": 6}) == ["6 × Business, 39.00 EUR a month instead of 33.00 EUR a month"]
    assert changed({"price_3": 8}) == ["8 × Business, 39.00 EUR a month instead of 6 × 33.00 EUR a month"]


def test_a_released_schedule_plans_nothing() -> None:
    phases = [a_phase(-1, 1, {"price_1": 1}), a_phase(1, 2, {"price_1": 2})]

    assert shown_schedule(a_schedule(*phases, status="released"), PRICED, NOON).next is None


def test_an_update_that_waits_is_read_and_its_prices_are_asked_for() -> None:
    update = pending_update({"pending_update": {"subscription_items": [{"price": {"id": "price_2"}, "quantity": 9}]}})

    assert update_in_words(update, PRICED) == ["9 × Archive, 9.00 EUR a month"]
    assert list(prices_of([a_schedule(a_phase(0, 1, {"price_1": 1}))], update)) == ["price_1", "price_2"]


def test_no_update_and_broken_phases_are_empty() -> None:
    row = SubscriptionSchedule()
    row.stored = {"phases": [None, {"items": "x", "start_date": "y"}]}  # type: ignore[attr-defined]  # as `with_stored` annotates it

    assert pending_update({"pending_update": None}) is None
    assert update_in_words(None, PRICED) == []
    assert [each.items for each in schedule(row).phases] == [[]]


def test_phases_after_a_release_never_came_and_none_of_it_goes_on() -> None:
    begun, later = a_phase(-30, -10, {"price_1": 7}), a_phase(-10, 300, {"price_1": 8})
    released = Schedule(
        SubscriptionSchedule(status="released", end_behavior="release"), [begun, later], NOON - timedelta(days=12)
    )

    shown = shown_schedule(released, PRICED, NOON)
    assert [each.state for each in shown.phases] == ["over", "dropped"]
    assert shown.next is None
    assert shown.after == "The subscription was let go from this schedule and goes on without it."
