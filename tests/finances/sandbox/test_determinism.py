"""The past is the future, run earlier: history at once and a clock that was moved make the same objects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from finances.sandbox import Sandbox
from finances.sandbox.api.control import control
from finances.sandbox.engine.clock import DAY

NOW = datetime(2026, 6, 15, tzinfo=UTC)
STEPS = (1, 3_600, 86_399, 9 * DAY, 35 * DAY + 7, 61, 100 * DAY)  # seconds, over and over
Json = dict[str, Any]


def everything(sandbox: Sandbox) -> dict[str, list[Json]]:
    """Every object of every type, in the order of the lists."""
    return {kind: list(sandbox.store.of_type(kind)) for kind in sandbox.store.types()}


def move(sandbox: Sandbox, seconds: int) -> None:
    body = json.dumps({"advance": seconds}).encode()
    status, answer = control(sandbox, "POST", "/_sandbox/clock", "", body)
    assert status == 200, answer


def moved_to_now(months: int, customers: int, seed: int) -> Sandbox:
    """The same plans, none of them played; then the clock is moved in uneven steps."""
    sandbox = Sandbox(customers, months, seed, NOW, clock_runs=False, played=False)
    step = 0
    while (left := int(NOW.timestamp()) - sandbox.clock.now()) > 0:
        move(sandbox, min(STEPS[step % len(STEPS)], left))
        step += 1
    assert step > 10
    return sandbox


@pytest.mark.parametrize(("customers", "months", "seed"), [(40, 24, 7), (30, 6, 8)])
def test_moving_the_clock_makes_what_history_makes_at_once(customers: int, months: int, seed: int) -> None:
    at_once = Sandbox(customers, months, seed, NOW, clock_runs=False)

    moved = moved_to_now(months, customers, seed)

    expected, found = everything(at_once), everything(moved)
    assert sorted(found) == sorted(expected)
    for kind, objects in expected.items():
        assert [each["id"] for each in found[kind]] == [each["id"] for each in objects], kind
        for one, other in zip(found[kind], objects, strict=True):
            assert one == other
    assert len(expected["customer"]) > customers // 2
    assert len(expected["event"]) > 100


def test_both_go_on_alike() -> None:
    at_once = Sandbox(24, 6, 7, NOW, clock_runs=False)
    moved = moved_to_now(6, 24, 7)

    move(at_once, 90 * DAY)
    for _ in range(9):
        move(moved, 10 * DAY)

    assert everything(moved) == everything(at_once)


def test_people_go_on_signing_up_after_the_planned_months() -> None:
    sandbox = Sandbox(60, 6, 7, NOW, clock_runs=False)
    before = sandbox.store.count("customer")

    move(sandbox, 120 * DAY)

    newest = next(sandbox.store.walk("customer"))
    assert sandbox.store.count("customer") > before + 10
    assert newest[0] > int(NOW.timestamp()) + 90 * DAY


def test_where_the_objects_are_kept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    at_hand = Sandbox(24, 6, 7, NOW, clock_runs=False)
    monkeypatch.setattr("finances.sandbox.engine.store.STAYING", 20)
    monkeypatch.setattr("finances.sandbox.engine.shelf.IN_HAND", 40)
    monkeypatch.setattr("finances.sandbox.sandbox.Store", lambda: type(at_hand.store)(60))

    shelved = Sandbox(24, 6, 7, NOW, clock_runs=False)

    assert everything(shelved) == everything(at_hand)


def test_another_seed_is_another_business() -> None:
    names = {seed: everything(Sandbox(24, 3, seed, NOW))["customer"][0]["id"] for seed in (7, 8)}

    assert names[7] != names[8]
