"""The local Stripe: how long a business takes to be made, what it keeps in memory, how long a page takes.

Each figure is taken in a process of its own, where nothing else is in memory. `python -m tests.benchmarks.sandbox 2000`
prints those of one business.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MONTHS = 24
TARGETS = {"seconds_to_make_500": 5.0, "megabytes": 200, "milliseconds_a_page": 20.0}


def measure(customers: int) -> dict[str, Any]:
    """`seconds_to_make_500` customers, the better of two; `megabytes` at the highest and `milliseconds_a_page` of a
    hundred invoices (the median over the whole list) with so many `customers`; 24 months each."""
    large = _apart(customers)
    return {
        "customers": customers,
        "seconds_to_make_500": min(_apart(500)["seconds"] for _ in range(2)),
        "megabytes": large["megabytes"],
        "milliseconds_a_page": large["milliseconds_a_page"],
    }


def _apart(customers: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.sandbox", str(customers)]
    answered = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    return json.loads(answered.stdout)


def main(customers: int) -> None:
    from finances.sandbox import Sandbox

    started = time.perf_counter()
    sandbox = Sandbox(customers, MONTHS, seed=7, now=datetime(2026, 6, 15, tzinfo=UTC))
    seconds = time.perf_counter() - started
    pages = read_pages(sandbox.start())
    sandbox.stop()
    print(
        json.dumps(
            {
                "customers": customers,
                "seconds": round(seconds, 2),
                "megabytes": highest_memory(),
                "milliseconds_a_page": round(sorted(pages)[len(pages) // 2] * 1_000, 1),
                "slowest_page": round(max(pages) * 1_000, 1),
            }
        )
    )


def read_pages(address: str, most: int = 100) -> list[float]:
    """Seconds for each page of a hundred invoices, newest first, at most so many pages."""
    import http.client

    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    headers = {"Authorization": "Bearer sk_test_" + "a1B2" * 6}
    taken: list[float] = []
    cursor = ""
    while len(taken) < most:
        started = time.perf_counter()
        connection.request("GET", f"/v1/invoices?limit=100{cursor}", headers=headers)
        page = connection.getresponse().read()
        taken.append(time.perf_counter() - started)
        answer = json.loads(page)
        if not answer["has_more"]:
            break
        cursor = f"&starting_after={answer['data'][-1]['id']}"
    connection.close()
    return taken


def highest_memory() -> int:
    """Megabytes that this process had at its highest; not what `resource` tells, which begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
