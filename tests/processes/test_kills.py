"""kill -9 of the web server, the worker or PostgreSQL at each point where one could lose or double something.

Real processes, real SIGKILL. What is seen: Stripe's events, our tables, and how long it took.
"""

import random
import threading
import time

import pytest

from tests.processes import stops
from tests.processes.deployment import Deployment, is_full

WITHIN = 60  # seconds; the lease of a worker that died is 45 of them
CUSTOMERS = 5

EVERY_KILL = [
    *(("web", point) for point in stops.WEB),
    *(("worker", point) for point in stops.WORKER),
    *(("PostgreSQL", point) for point in stops.WEB + stops.WORKER),
]
# Those after which no lease has to be waited for.
SAMPLE = [("web", "before the answer"), ("worker", "after done"), ("PostgreSQL", "before commit")]


def kill(deployment: Deployment, victim: str, point: str = "") -> None:
    """And start it anew. Whoever stands at `point` and is not the victim goes on, at once, while the victim is away."""
    service = {"web": deployment.web, "worker": deployment.worker, "PostgreSQL": deployment.postgresql}[victim]
    service.kill()
    if point:
        stops.let_go(deployment.directory, point)
    service.start()


def lost_and_doubled(deployment: Deployment, events: list[str], attempts: dict[str, int]) -> tuple[int, int]:
    """Lost: not in the inbox, or never processed. Doubled: taken in more often than Stripe sent it."""
    deliveries = deployment.deliveries(events)
    lost = [event for event in events if deliveries.get(event, ("", 0))[0] != "processed"]
    doubled = [event for event in events if event in deliveries and deliveries[event][1] != attempts[event]]
    return len(lost), len(doubled)


@pytest.mark.long
@pytest.mark.guarantee("A2", "A6")
@pytest.mark.parametrize(("victim", "point"), EVERY_KILL if is_full() else SAMPLE)
def test_a_kill_loses_nothing_doubles_nothing_and_it_goes_on(deployment, kills, victim, point):
    customers = deployment.customers[:CUSTOMERS]
    names = {customer: f"{number}, {victim} killed {point}" for number, customer in enumerate(customers)}
    stops.arm(deployment.directory, point)

    events = [deployment.rename(customer, name) for customer, name in names.items()]
    deployment.wait_until(
        lambda: stops.is_here(deployment.directory, point), f"somebody comes by {point!r}", seconds=30
    )
    killed_at = time.monotonic()
    kill(deployment, victim, point)
    try:
        deployment.wait_until(lambda: deployment.is_settled(events), "all is settled", seconds=WITHIN * 2)
    finally:
        seconds = time.monotonic() - killed_at
        # What was committed and not answered Stripe sends again: it is counted, and is the same row.
        again = victim == "web" and point == "before the answer"
        attempts = {event: 2 if again and event == events[0] else 1 for event in events}
        lost, doubled = lost_and_doubled(deployment, events, attempts)
        doubled += sum(max(0, deployment.kept_states(it).count(name) - 1) for it, name in names.items())
        kills.append((victim, point, seconds, len(events), lost, doubled))

    assert (lost, doubled) == (0, 0), deployment.deliveries(events)
    assert {customer: deployment.mirrored_name(customer) for customer in customers} == names
    assert seconds <= WITHIN


@pytest.mark.long
@pytest.mark.guarantee("A6")
@pytest.mark.skipif(not is_full(), reason="in make test-full")
def test_ten_kills_at_random_moments_under_a_stream_of_webhooks(deployment, kills):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    events: list[str] = []
    wanted: dict[str, str] = {}
    enough = threading.Event()

    def stream() -> None:
        number = 0
        while not enough.wait(0.05):
            number += 1
            customer = deployment.customers[number % len(deployment.customers)]
            wanted[customer] = f"in the stream, {number}"
            events.append(deployment.rename(customer, wanted[customer]))

    sender = threading.Thread(target=stream)
    sender.start()
    victims = ["web", "worker", "PostgreSQL", *(chance.choice(["web", "worker", "PostgreSQL"]) for _ in range(7))]
    chance.shuffle(victims)
    try:
        for victim in victims:
            time.sleep(chance.uniform(0.5, 3))  # the moment is the test, not a wait for something
            kill(deployment, victim)
    finally:
        enough.set()
        sender.join()
    killed_at = time.monotonic()
    deployment.wait_until(lambda: deployment.is_settled(events), "all is settled", seconds=WITHIN * 3)
    seconds = time.monotonic() - killed_at

    deliveries = deployment.deliveries(events)
    lost = sum(event not in deliveries for event in events)
    states = {customer: deployment.kept_states(customer) for customer in wanted}
    doubled = sum(len(names) - len(set(names)) for names in states.values())
    kills.append(("each", f"10 random moments, seed {seed}", seconds, len(events), lost, doubled))
    assert (lost, doubled) == (0, 0)
    assert {customer: deployment.mirrored_name(customer) for customer in wanted} == wanted
    assert all(attempts >= 1 for _, attempts in deliveries.values())
    assert seconds <= WITHIN
