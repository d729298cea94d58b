"""Every page beside an empty page of the shell, beside dj-stripe's own admin, and beside the list's plain SQL: in one
run, in turns, each in a process of its own on the same data; then the same pages over the small business.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks import drawn
from tests.benchmarks.kept_data import about, data_environment, is_there_a_server, kept, server
from tests.benchmarks.page_list import FLOOR, UNFOLD
from tests.processes.services import ROOT

ROUNDS = int(os.environ.get("PAYDESK_BENCH_ROUNDS", "9"))
PEER_ROUNDS = 2  # its pages take seconds
LONGEST_PEER = 60_000  # milliseconds for one of its pages; not asked a second time past that
FLOOR_PATH = "/console/floor/"
UNFOLD_PATH = "/console/floor/unfold/"

# Server time to that of the empty page, by kind of page.
TO_THE_FLOOR = {"list": 1.5, "page": 1.5, "search": 2.5, "overview": 2.0}
TARGETS = {"sql_ms": 10.0, "queries": 6, "to_small": 1.2}
LISTS = ("list",)

Figures = dict[str, Any]
Say = Callable[[str], object]


def measure(size: str, say: Say = lambda text: None) -> Figures | None:
    """None where there is no PostgreSQL to be had."""
    if not is_there_a_server():
        return None
    with ExitStack() as undo:
        directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        at = undo.enter_context(server())
        url = kept(at, size, directory, say)
        ours = undo.enter_context(Asked("ours", url, directory))
        peer = undo.enter_context(Asked("peer", url, directory))
        smaller = None
        if size != "small":
            smaller = undo.enter_context(Asked("ours", kept(at, "small", directory, say), directory))
        say("every page, in turns")
        pages = _pages(ours, smaller, ROUNDS)
        say("dj-stripe's own admin")
        _beside_peer(peer, pages)
        say("the overview in Chromium")
        return {"data": about(url), "pages": pages, "drawn": drawn.measure(url, directory, ours("cookie"))}


class Asked:
    """A `page_server` of its own."""

    def __init__(self, whose: str, url: str, directory: Path) -> None:
        self._command = [sys.executable, "-m", "tests.benchmarks.page_server", whose]
        self._env = data_environment(url, directory)

    def __enter__(self) -> "Asked":
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()

    def __call__(self, do: str, **what: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do} | what) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The server of pages ended at {what}.")
        return json.loads(answer)


def _pages(ours: Asked, smaller: Asked | None, rounds: int) -> list[Figures]:
    listed = ours("list")
    beside = {page["name"]: page for page in smaller("list")} if smaller else {}
    empty = {"kind": "floor", "peer": "", "sql": ""}
    floors = [empty | {"name": FLOOR, "path": FLOOR_PATH}, empty | {"name": UNFOLD, "path": UNFOLD_PATH}]
    found = []
    for page in [*floors, *listed]:
        ours("get", path=page["path"])  # what is compiled, planned and read from the disk at the first time
        seen = ours("look", path=page["path"])
        if seen["status"] != 200:
            raise RuntimeError(f"{page['path']} answered {seen['status']}.")
        found.append(page | seen | {"ms": [], "floor_ms": [], "small_ms": [], "plain_ms": []})
    for page in found:
        small = beside.get(_like(page["name"], beside)) or (page if page["kind"] == "floor" else None)
        if small and smaller:
            smaller("get", path=small["path"])
        for _ in range(rounds):
            page["floor_ms"].append(ours("get", path=FLOOR_PATH)["ms"])
            page["ms"].append(ours("get", path=page["path"])["ms"])
            if small and smaller:
                page["small_ms"].append(smaller("get", path=small["path"])["ms"])
            if page["sql"]:
                page["plain_ms"].append(ours("sql", query=page["sql"]))
    floor_queries = found[0]["queries"]
    return [_summed(page, floor_queries) for page in found]


def _like(name: str, beside: dict[str, Figures]) -> str:
    """The small business is not as deep."""
    if name in beside or " deep" not in name:
        return name
    return next((other for other in beside if " deep" in other and other.split(":")[0] == name.split(":")[0]), "")


def _summed(page: Figures, floor_queries: int) -> Figures:
    times = {name: page.pop(name) for name in ("ms", "floor_ms", "small_ms", "plain_ms")}
    medians = {name: round(statistics.median(values), 2) for name, values in times.items() if values}
    summed = page | medians | {"own_queries": page["queries"] - floor_queries}
    # Round by round, so that what slows the machine for a moment slows both.
    summed["to_floor"] = _ratio(times["ms"], times["floor_ms"])
    if times["small_ms"]:
        summed["to_small"] = _ratio(times["ms"], times["small_ms"])
    return summed


def _ratio(values: list[float], others: list[float]) -> float:
    return round(statistics.median(value / other for value, other in zip(values, others, strict=True)), 2)


def _beside_peer(peer: Asked, pages: list[Figures]) -> None:
    for page in pages:
        if not page["peer"]:
            continue
        first = peer("get", path=f"/admin/djstripe/{page['peer']}")
        page["peer_status"], times = first["status"], [first["ms"]]
        if first["status"] == 200 and first["ms"] < LONGEST_PEER:
            times = [peer("get", path=f"/admin/djstripe/{page['peer']}")["ms"] for _ in range(PEER_ROUNDS)]
            page["peer_queries"] = peer("look", path=f"/admin/djstripe/{page['peer']}")["queries"]
        page["peer_ms"] = round(statistics.median(times), 1)
        page["peer_to_ours"] = round(page["peer_ms"] / page["ms"], 1)


def misses(page: Figures) -> list[str]:
    """Which of its targets a page does not reach."""
    if page["kind"] == "floor":
        return []
    found = []
    if page["to_floor"] > TO_THE_FLOOR[page["kind"]]:
        found.append(f"{page['to_floor']:g}x the floor, at most {TO_THE_FLOOR[page['kind']]:g}x")
    if page["kind"] in LISTS and page["sql_ms"] > TARGETS["sql_ms"]:
        found.append(f"{page['sql_ms']:g} ms of SQL, at most {TARGETS['sql_ms']:g}")
    if page["kind"] in LISTS and page["own_queries"] > TARGETS["queries"]:
        found.append(f"{page['own_queries']} queries, at most {TARGETS['queries']}")
    if page.get("to_small", 0) > TARGETS["to_small"]:
        found.append(f"{page['to_small']:g}x the small business, at most {TARGETS['to_small']:g}x")
    return found


def results_of(figures: Figures) -> Figures:
    return {"pages": figures | {"server": "TEST_DATABASE_URL" if os.environ.get("TEST_DATABASE_URL") else "bench/"}}
