"""Webhooks as Stripe sends them, from a process of its own: `python -m tests.benchmarks.load`, a plan on stdin.

Open loop: each has its moment, a fixed number a second, and its time counts from that moment. A server that is slow
does not slow the sender down, so that what waited behind a slow answer is seen waiting. Closed loop: the next when the
last was answered, on each connection.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.processes.signed import event_body, signature

BYTES = 5_000
PATIENCE = 60.0  # seconds that one answer may take


@dataclass(frozen=True)
class Plan:
    """`rate`: a second, 0 for a closed loop. It ends after `seconds` or `most` events. Of the events, `duplicates` (a
    share) are the one before once more. `objects`: ids of the customers that they are about, in turn. `grace`: seconds
    after the last one's moment in which those that are behind are still sent."""

    port: int
    path: str
    label: str
    objects: list[str]
    rate: float = 100.0
    seconds: float = 10.0
    most: int = 0
    connections: int = 16
    duplicates: float = 0.0
    grace: float = 10.0


@dataclass
class Result:
    """`milliseconds` of each answer, `answers` by status ("none": no answer), `unsent`: what there was no time for.

    `cpu_seconds`: what the web processes took for it, which other work on the machine changes least.
    """

    seconds: float = 0.0
    unsent: int = 0
    cpu_seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Result") -> "Result":
        return Result(
            self.seconds + other.seconds,
            self.unsent + other.unsent,
            self.cpu_seconds + other.cpu_seconds,
            self.milliseconds + other.milliseconds,
            self.answers + other.answers,
        )

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) if ordered else float("nan")

    @property
    def a_second(self) -> float:
        return round(self.answers["200"] / self.seconds, 1)

    @property
    def not_taken(self) -> int:
        """Answers other than 2xx, and those that never came."""
        return sum(number for status, number in self.answers.items() if not status.startswith("2"))

    def figures(self) -> dict[str, float]:
        return {
            "p50_ms": self.percentile(0.5),
            "p99_ms": self.percentile(0.99),
            "most_ms": self.percentile(1),
            "web_cpu_ms": round(self.cpu_seconds / max(len(self.milliseconds), 1) * 1_000, 2),
            "taken_a_second": self.a_second,
            "sent": sum(self.answers.values()),
            "not_2xx": self.not_taken,
            "unsent": self.unsent,
        }


def send(plan: Plan) -> Result:
    answered = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load"],
        check=True,
        input=json.dumps(asdict(plan)).encode(),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    result = json.loads(answered.stdout)
    return Result(**{**result, "answers": Counter(result["answers"])})


class Wire:
    """A connection that is kept open."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._socket: socket.socket | None = None

    def post(self, body: bytes) -> str:
        """The status. Like every client, once more on a new connection when an old one turns out to be closed."""
        head = (
            f"POST {self._plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nContent-Length: {len(body)}\r\n"
            f"Stripe-Signature: {signature(body)}\r\n\r\n"
        )
        was_open = self._socket is not None
        status = self._exchange(head.encode() + body)
        if not status and was_open:
            status = self._exchange(head.encode() + body)
        return status or "none"

    def _exchange(self, request: bytes) -> str:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._plan.port), timeout=PATIENCE)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += self._more()
            head, _, rest = answer.partition(b"\r\n\r\n")
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            while len(rest) < int(headers.get(b"content-length", 0)):
                rest += self._more()
            if headers.get(b"connection") == b"close":
                self.close()
            return head.split()[1].decode()
        except OSError:
            self.close()
            return ""

    def _more(self) -> bytes:
        assert self._socket is not None
        piece = self._socket.recv(65_536)
        if not piece:
            raise ConnectionError
        return piece

    def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.close()
        self._socket = None


class Sender:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._next = 0
        self._lock = threading.Lock()
        self._most = plan.most or (int(plan.rate * plan.seconds) if plan.rate else sys.maxsize)
        self.result = Result()

    def run(self) -> Result:
        self._start = time.monotonic() + 0.2
        senders = [threading.Thread(target=self._work) for _ in range(self._plan.connections)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        self.result.seconds = max(time.monotonic() - self._start, 0.001)
        return self.result

    def _work(self) -> None:
        plan, wire = self._plan, Wire(self._plan)
        while True:
            with self._lock:
                number, self._next = self._next, self._next + 1
            if number >= self._most:
                break
            due = self._start + number / plan.rate if plan.rate else time.monotonic()
            body = self._body(number)
            time.sleep(max(0.0, due - time.monotonic()))
            if plan.rate and time.monotonic() > self._start + plan.seconds + plan.grace:
                with self._lock:
                    self.result.unsent += 1
                continue
            if not (plan.rate or plan.most) and due > self._start + plan.seconds:
                break
            status = wire.post(body)
            taken = (time.monotonic() - due) * 1_000
            with self._lock:
                self.result.answers[status] += 1
                self.result.milliseconds.append(round(taken, 3))
        wire.close()

    def _body(self, number: int) -> bytes:
        # Of each hundred, the last so many repeat the one before them.
        if number % 100 >= 100 - self._plan.duplicates * 100:
            number = number // 100 * 100 + int(99 - self._plan.duplicates * 100)
        about = {"id": self._plan.objects[number % len(self._plan.objects)], "object": "customer"}
        return event_body(f"evt_{self._plan.label}_{number}", "customer.updated", about, size=BYTES)


if __name__ == "__main__":
    print(json.dumps(vars(Sender(Plan(**json.load(sys.stdin))).run())))
