"""Whatever bytes reach the address that Stripe calls: no row, no error of ours, no memory that stays, and Stripe's own
deliveries are taken meanwhile. Real gunicorn, raw sockets."""

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from dashboard.wsgi import BODY_PATIENCE
from tests.processes.deployment import Deployment, is_full
from tests.processes.services import WEBHOOK
from tests.processes.signed import event_body, signature

BAD_POSTS = 10_000 if is_full() else 500
MOST_GROWTH = (
    16  # megabytes that a web process may take at its highest, beyond what it had: four bodies in hand, and change
)
MEGABYTE = 1_000_000
HEAD = f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


class Caller:
    def __init__(self, port: int) -> None:
        self._port = port

    def say(self, *pieces: bytes, patience: float = 10) -> int | None:
        """The status that came back; None where the server hung up without one."""
        with socket.create_connection(("127.0.0.1", self._port), timeout=patience) as wire:
            with suppress(ConnectionError):  # it may hang up while we still talk
                for piece in pieces:
                    wire.sendall(piece)
            answer = b""
            with suppress(ConnectionError):
                while b"\r\n" not in answer:
                    piece = wire.recv(4096)
                    if not piece:
                        break
                    answer += piece
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else None

    def post(self, body: bytes, *, signed: str = "t=1,v1=00", length: int | None = None) -> int | None:
        length = len(body) if length is None else length
        head = f"{HEAD}Content-Length: {length}\r\nStripe-Signature: {signed}\r\nConnection: close\r\n\r\n"
        return self.say(head.encode(), body)


@pytest.fixture
def caller(deployment) -> Caller:
    return Caller(deployment.web.port)


@pytest.fixture
def nothing_stays(deployment, caller) -> Iterator[Counter]:
    """Counts the answers of a test; after it: no row came, none was a 5xx, and the web processes took little memory."""
    post_many(caller, 200)  # what is imported and cached at the first requests is not growth
    forget_the_highest(deployment)
    before, kept = memory(deployment), rows(deployment)
    answers: Counter[int | None] = Counter()
    yield answers
    grown = {process: size - before[process] for process, size in memory(deployment).items() if process in before}
    print(f"answers {dict(answers)}, megabytes grown {grown}")
    assert grown, "each web process was replaced"
    assert max(grown.values()) <= MOST_GROWTH
    assert rows(deployment) - kept <= {event["id"] for event in deployment.stripe.all("/v1/events")}
    assert not [status for status in answers if status is not None and status >= 500]


def memory(deployment: Deployment) -> dict[int, float]:
    """Web process -> megabytes resident at the highest since `forget_the_highest`: what is freed again counts too."""
    found = {}
    for process in deployment.web.children():
        status = Path(f"/proc/{process}/status").read_text().splitlines()
        highest = next(line for line in status if line.startswith("VmHWM"))
        found[process] = int(highest.split()[1]) * 1024 / MEGABYTE
    return found


def forget_the_highest(deployment: Deployment) -> None:
    for process in deployment.web.children():
        Path(f"/proc/{process}/clear_refs").write_text("5")


def too_slow(deployment: Deployment) -> int:
    counted = deployment.rows("SELECT sum(count) FROM paydesk_refusedposts WHERE reason = 'too slow'")
    return int(counted[0][0] or 0)


def rows(deployment: Deployment) -> set[str]:
    return {event for (event,) in deployment.rows("SELECT event_id FROM paydesk_delivery")}


def post_many(caller: Caller, number: int) -> Counter[int | None]:
    """Bad posts of every kind that has a body, one after the other."""
    body = event_body("evt_bad", "customer.updated", {"id": "cus_bad", "object": "customer"})
    kinds: list[Callable[[], int | None]] = [
        lambda: caller.post(body),
        lambda: caller.post(body, signed=signature(body, secret="whsec_of_somebody_else")),
        lambda: caller.post(body, signed=""),
        lambda: caller.post(body, signed=signature(body, at=int(time.time()) - 3_600)),
        lambda: caller.post(body, signed="t=" + "9" * 4_000 + ",v1=" + "f" * 4_000),
        lambda: caller.post(bytes([0, 255]) * 2_000),
        lambda: caller.post(b"1", signed=signature(b"1")),
        lambda: caller.post(deep := b"[" * 100_000, signed=signature(deep)),
        lambda: caller.post(b"", signed=signature(b"")),
    ]
    return Counter(kinds[each % len(kinds)]() for each in range(number))


def deliver(deployment: Deployment, caller: Caller, number: int = 0) -> str:
    """A good delivery, taken while the others talk; its event's id."""
    event = f"evt_good_{number}_{time.time_ns()}"
    body = event_body(event, "customer.updated", {"id": deployment.customers[0], "object": "customer"})
    assert caller.post(body, signed=signature(body)) == 200
    deployment.rows("DELETE FROM paydesk_delivery WHERE event_id = %s RETURNING event_id", event)
    return event


@pytest.mark.guarantee("A8")
def test_thousands_of_bad_posts(deployment, caller, nothing_stays):
    for part in range(10):
        nothing_stays.update(post_many(caller, BAD_POSTS // 10))
        deliver(deployment, caller, part)

    assert set(nothing_stays) == {400}


@pytest.mark.guarantee("A8")
def test_bodies_over_a_megabyte_are_refused_before_they_are_read(deployment, caller, nothing_stays):
    rest = b"x" * (64 * MEGABYTE)
    for _ in range(5):
        nothing_stays[caller.post(rest)] += 1
        nothing_stays[caller.post(b"x" * 10, length=10**11)] += 1
        nothing_stays[caller.post(b"x" * 10, length=10**40)] += 1
    deliver(deployment, caller)

    assert nothing_stays[413] + nothing_stays[411] + nothing_stays[400] + nothing_stays[None] == 15
    assert nothing_stays[413] >= 5


@pytest.mark.guarantee("A8")
def test_chunked_bodies_without_end(deployment, caller, nothing_stays):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = f"{HEAD}Transfer-Encoding: chunked\r\nStripe-Signature: t=1,v1=00\r\n\r\n".encode()
    for _ in range(5):
        nothing_stays[caller.say(head, *([chunk] * 500))] += 1
        nothing_stays[caller.say(head, b"ffffffffffffffff\r\n")] += 1
        nothing_stays[caller.say(head, b"no number\r\n")] += 1
    deliver(deployment, caller)

    assert set(nothing_stays) <= {400, 411, 413, None}


@pytest.mark.guarantee("A8")
def test_headers_without_end(deployment, caller, nothing_stays):
    for _ in range(5):
        nothing_stays[caller.say(HEAD.encode(), *([b"X-More: " + b"y" * 4_000 + b"\r\n"] * 2_000))] += 1
        nothing_stays[caller.say(HEAD.encode(), b"X-Long: " + b"y" * (4 * MEGABYTE))] += 1
        nothing_stays[caller.say(b"POST /" + b"z" * (4 * MEGABYTE))] += 1
    deliver(deployment, caller)

    assert set(nothing_stays) <= {400, 414, 431, None}


@pytest.mark.guarantee("A8")
def test_random_bytes(deployment, caller, nothing_stays):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = event_body("evt_never", "customer.updated", {"id": "cus_never", "object": "customer"})
    for number in range(300 if is_full() else 60):
        noise = chance.randbytes(chance.randrange(1, 20_000))
        at = chance.randrange(len(good))
        bent = good[:at] + chance.randbytes(3) + good[at + 3 :]
        nothing_stays[caller.say(noise, b"\r\n\r\n")] += 1
        nothing_stays[caller.post(noise, signed=signature(good))] += 1
        nothing_stays[caller.post(bent, signed=signature(good))] += bent != good
        if number % 20 == 0:
            deliver(deployment, caller, number)

    assert nothing_stays[400] > 0


@pytest.mark.guarantee("A8")
def test_slow_callers_and_half_requests(deployment, caller, nothing_stays):
    """Three that never finish, of eight threads; and many who hang up halfway."""
    body = event_body("evt_half", "customer.updated", {"id": "cus_half", "object": "customer"})
    head = f"{HEAD}Content-Length: {len(body)}\r\nStripe-Signature: {signature(body)}\r\n\r\n".encode()
    for part in range(100):
        with socket.create_connection(("127.0.0.1", deployment.web.port), timeout=5) as wire:
            wire.sendall((head + body)[: (part + 1) * len(head + body) // 102])
    slow = [socket.create_connection(("127.0.0.1", deployment.web.port), timeout=5) for _ in range(3)]
    try:
        for wire in slow:
            wire.sendall(head + body[:10])
        for part in range(10):
            for wire in slow:
                wire.sendall(body[10 + part : 11 + part])
            deliver(deployment, caller, part)
    finally:
        for wire in slow:
            wire.close()
    assert json.loads(body)["id"] == "evt_half"
    assert not deployment.rows("SELECT 1 FROM paydesk_delivery WHERE event_id = 'evt_half'")


@pytest.mark.guarantee("A8")
@pytest.mark.parametrize("address", [WEBHOOK, "/console/login/"])
def test_more_slow_bodies_than_there_are_threads_hold_the_intake_for_seconds_and_no_longer(deployment, caller, address):
    """Each sends a byte now and then, so that no wait for the next one is long."""
    ended, wires = threading.Event(), []
    head = HEAD.replace(WEBHOOK, address) + "Content-Length: 5000\r\nStripe-Signature: t=1,v1=00\r\n\r\n"

    def drip() -> None:
        while not ended.wait(0.5):
            for wire in wires:
                with suppress(OSError):
                    wire.sendall(b"x")

    refused = too_slow(deployment)
    wires += [socket.create_connection(("127.0.0.1", deployment.web.port), timeout=30) for _ in range(12)]
    dripping = threading.Thread(target=drip)
    try:
        for wire in wires:
            wire.sendall(head.encode())
        dripping.start()
        time.sleep(1)  # all threads have one
        started = time.monotonic()
        body = event_body("evt_patient", "customer.updated", {"id": deployment.customers[0], "object": "customer"})
        kept = caller.say(
            f"{HEAD}Content-Length: {len(body)}\r\nStripe-Signature: {signature(body)}\r\n\r\n".encode(),
            body,
            patience=25,
        )
        seconds = time.monotonic() - started
        answers = {int(wire.recv(4096).split()[1]) for wire in wires}
    finally:
        ended.set()
        dripping.join()
        for wire in wires:
            wire.close()

    assert kept == 200
    assert seconds < 2 * BODY_PATIENCE + 4, seconds
    if address == WEBHOOK:
        assert answers == {408}
        for _ in range(20):  # each web process writes what it counted with a later request
            deliver(deployment, caller)
            time.sleep(0.2)
        assert too_slow(deployment) == refused + 12
