"""A resync of everything, beside the floor that Stripe's rate limits set, beside what the mirror alone can write, and
beside dj-stripe's own `djstripe_sync_models`.

PostgreSQL with synchronous_commit and fsync, `manage.py work` as often as there are cores, the local Stripe: each a
process of its own on this machine. A run is asked for by `manage.py resync`, as a person would, and takes from then
until its row says that it has ended. All calls are those that the local Stripe counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from tests.benchmarks.databases import Database, Databases, OfPostgreSQL, OfSQLite
from tests.benchmarks.mirror_alone import CHANGED, PASSES
from tests.local_stripe import LocalStripe
from tests.processes.postgresql import binaries
from tests.processes.services import ROOT, Worker, environment

MONTHS = 24
OF_ONE_ENDPOINT, IN_ALL = 25, 100  # Stripe's own limits in live mode, calls a second
WORKERS = min(4, os.cpu_count() or 1)
MOST_PROCESSES = 4  # that the mirror alone is tried with
TARGETS = {"of_the_longer": 1.25, "of_djstripe": 30.0, "of_the_budget": 0.9, "memory_mb": 300}
LONGEST_RUN = 3 * 3600  # seconds

# Our share in live mode unless the environment says otherwise, and a Stripe as far away as the real one may be.
SHARE_OF_ONE, SHARE_IN_ALL = 20, 40
SLOW_API = 0.3  # seconds

Figures = dict[str, Any]


@dataclass(frozen=True)
class Scale:
    """`djstripe`, `sqlite`: customers of the smaller business that dj-stripe reads, and that is read into SQLite;
    `slow`: the most seconds for which a slow Stripe is read."""

    customers: int
    djstripe: int
    sqlite: int
    slow: int


SCALES = {
    "small": Scale(customers=200, djstripe=30, sqlite=30, slow=8),
    "medium": Scale(customers=2_000, djstripe=500, sqlite=200, slow=30),
    "full": Scale(customers=20_000, djstripe=1_000, sqlite=200, slow=60),
}


def measure(scale: Scale, say: Callable[[str], object] = lambda text: None) -> Figures | None:
    """Everything below, in order; None where there is no PostgreSQL to be had."""
    if not (os.environ.get("TEST_DATABASE_URL") or binaries()):
        return None
    with ExitStack() as undo:
        directory = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-")))
        postgresql = undo.enter_context(OfPostgreSQL(directory))
        figures: Figures = {"workers": WORKERS, "a_second": [OF_ONE_ENDPOINT, IN_ALL]}
        with Business(scale.djstripe, directory, say) as small:
            figures["beside_djstripe"] = small.beside_djstripe(postgresql)
            processes = small.fastest(postgresql)
        with Business(scale.sqlite, directory, say) as small:
            figures["sqlite"] = small.everything(OfSQLite(directory), workers=1, processes=1)
        with Business(scale.customers, directory, say) as whole:
            figures["whole"] = whole.everything(postgresql, workers=WORKERS, processes=processes)
            figures["slow"] = whole.slow(postgresql, scale.slow)
        return figures


class Business:
    """One local Stripe, and what is read from it."""

    def __init__(self, customers: int, directory: Path, say: Callable[[str], object]) -> None:
        self._customers = customers
        self._directory = directory
        self._say = say

    def __enter__(self) -> "Business":
        with ExitStack() as undo:
            self._say(f"a business of {self._customers:,} customers")
            self._stripe, self._process = undo.enter_context(local_stripe(self._customers))
            self._pages = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="paydesk-bench-pages-")))
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._undo.close()

    def everything(self, databases: Databases, *, workers: int, processes: int) -> Figures:
        """The first import, the same once more, and with every twentieth object changed at Stripe; then the mirror
        alone, with the very same pages."""
        self._database = databases.make("whole")
        env = self._env(self._database)
        runs = {}
        with self._workers(env, workers) as at_work:
            for name in PASSES:
                if name == "changed":
                    self._change(self._database)
                self._say(f"{name}, {databases.name}, {workers} worker(s)")
                runs[name] = self._run(env, self._database, "all", at_work)
        self._read_pages(env)
        alone = self._alone(databases, processes)
        for name, run in runs.items():
            longer = max(run["floor_s"], alone[name])
            run |= {"mirror_alone_s": alone[name], "to_the_longer": round(run["seconds"] / longer, 2)}
        return {"customers": self._customers, "workers": workers, "processes_of_the_mirror": processes, "runs": runs}

    def beside_djstripe(self, databases: Databases) -> Figures:
        """A first import of ours without a limit, as dj-stripe's keeps to none, the middle one of three, since it is
        over so soon that a cold cache counts; then at Stripe's limits."""
        ours = sorted((self._first_import(databases, UNLIMITED)[0] for _ in range(3)), key=itemgetter("seconds"))[1]
        limited, env = self._first_import(databases, {})
        theirs_in = databases.make("theirs")
        self._read_pages(env)
        self._say("beside dj-stripe: djstripe_sync_models")
        self._stripe.forget_calls()
        theirs = _said(self._env(theirs_in), "tests.benchmarks.djstripe_sync", "sync")
        theirs |= {"calls": sum(self._calls().values())}
        return {
            "customers": self._customers,
            "ours": ours,
            "ours_at_the_limits": limited,
            "djstripe": theirs,
            "seconds_of_djstripe_to_ours": round(theirs["seconds"] / ours["seconds"], 1),
            "seconds_of_djstripe_to_ours_at_the_limits": round(theirs["seconds"] / limited["seconds"], 1),
            "calls_of_djstripe_to_ours": round(theirs["calls"] / ours["calls"], 1),
        }

    def _first_import(self, databases: Databases, budget: dict[str, str]) -> tuple[Figures, dict[str, str]]:
        database = databases.make("ours")
        env = self._env(database) | budget
        with self._workers(env, WORKERS) as at_work:
            self._say(f"beside dj-stripe: ours{'' if budget else ', at the limits'}")
            ours = self._run(env, database, "all", at_work)
        return ours | {"rows": _said(env, "tests.benchmarks.djstripe_sync", "count")}, env

    def fastest(self, databases: Databases) -> int:
        """With how many processes the mirror alone writes these pages in the shortest time."""
        taken: dict[int, float] = {}
        for processes in range(1, MOST_PROCESSES + 1):
            taken[processes] = self._alone(databases, processes)["new"]
            if processes > 1 and taken[processes] > taken[processes - 1]:
                break
        return min(taken, key=lambda processes: taken[processes])

    def slow(self, databases: Databases, longest: int) -> Figures:
        """How much of the budget for one endpoint is used where each answer takes 300 ms: of calls of which each owner
        needs one, and of a list, by one worker and by two. What was imported stands in `databases` already."""
        found = {}
        env = self._env(self._database) | _budget(SHARE_OF_ONE, SHARE_IN_ALL)
        self._stripe.faults(slow=1, delay=SLOW_API)
        for type_name, endpoint in (("payment_method", "/v1/payment_methods"), ("invoice", "/v1/invoices")):
            for workers in (1, 2):
                name = f"{type_name}, {workers} worker{'s' * (workers > 1)}"
                self._say(f"Stripe answers in {SLOW_API * 1_000:.0f} ms: {name}")
                with self._workers(env, workers):
                    found[name] = self._rate_of(env, self._database, type_name, endpoint, longest)
        self._stripe.faults()
        return found

    def _rate_of(self, env: dict[str, str], database: Database, target: str, endpoint: str, longest: int) -> Figures:
        self._stripe.forget_calls()
        self._ask_for(env, target)
        while not (first := self._calls().get(endpoint, 0)):
            time.sleep(0.05)
        started = time.monotonic()
        while (passed := time.monotonic() - started) < longest and not (ended := _newest(database)["finished_at"]):
            time.sleep(0.1)
        calls = self._calls()[endpoint] - first
        if not ended:
            database.change("UPDATE paydesk_resyncrun SET state = 'cancelled', finished_at = created_at")
        return {"calls_a_second": round(calls / passed, 1), "calls": calls, "of": SHARE_OF_ONE}

    def _run(self, env: dict[str, str], database: Database, target: str, at_work: list["OneOfThem"]) -> Figures:
        self._stripe.forget_calls()
        before = [cpu_seconds(self._process), *(worker.cpu_seconds() for worker in at_work)]
        self._ask_for(env, target)
        started, memory = time.monotonic(), []
        while not (run := _newest(database))["finished_at"]:
            for worker in at_work:
                worker.check_that_it_runs()
            memory.append(max(worker.megabytes() for worker in at_work))
            if time.monotonic() - started > LONGEST_RUN:
                raise RuntimeError(f"The run did not end: {run}")
            time.sleep(0.2)
        after = [cpu_seconds(self._process), *(worker.cpu_seconds() for worker in at_work)]
        stripe, *workers = (now - then for now, then in zip(after, before, strict=True))
        calls = self._calls()
        return {
            "seconds": round((run["finished_at"] - run["created_at"]).total_seconds(), 2),
            **{name: run[name] for name in ("state", "done", "new", "changed", "failed")},
            "calls": sum(calls.values()),
            "calls_by_endpoint": calls,
            **_floor(calls),
            "cpu_of_the_local_stripe_s": round(stripe, 1),
            "cpu_of_the_workers_s": round(sum(workers), 1),
            "memory_of_a_worker_mb": _along(memory),
        }

    def _ask_for(self, env: dict[str, str], target: str) -> None:
        command = [sys.executable, "manage.py", "resync", target]
        subprocess.run(command, check=True, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)

    def _calls(self) -> dict[str, int]:
        """By endpoint, as the rate budget counts them: /v1/customers, whatever is below it."""
        found: dict[str, int] = {}
        for call, number in self._stripe.calls().items():
            if (path := call.removeprefix("GET ")).startswith("/v1/"):
                endpoint = "/".join(path.split("/")[:3])
                found[endpoint] = found.get(endpoint, 0) + number
        return found

    def _change(self, database: Database) -> None:
        """Every twentieth object, behind everybody's back."""
        self._say(f"changing every {CHANGED}th object")
        query = "SELECT object_id FROM paydesk_objectstate WHERE deleted_at IS NULL AND type <> 'account' ORDER BY 1"
        for (object_id,) in database.rows(query)[::CHANGED]:
            # Of what people choose the id of, the type stands before it.
            self._stripe.patch(object_id.rpartition(":")[2], metadata={"changed": "by the benchmark"})

    def _read_pages(self, env: dict[str, str]) -> None:
        for path in self._pages.iterdir():
            path.unlink()
        self._say("reading every page for the mirror alone")
        _said(env | UNLIMITED, "tests.benchmarks.mirror_alone", "read", str(self._pages))

    def _alone(self, databases: Databases, processes: int) -> dict[str, float]:
        self._say(f"the mirror alone, {databases.name}, {processes} process(es)")
        env = self._env(databases.make("alone")) | UNLIMITED
        return _said(env, "tests.benchmarks.mirror_alone", "write", str(self._pages), str(processes))

    def _env(self, database: Database) -> dict[str, str]:
        env = environment(database.url, self._stripe.address, self._directory)
        return env | _budget(OF_ONE_ENDPOINT, IN_ALL)

    @contextmanager
    def _workers(self, env: dict[str, str], number: int) -> Iterator[list["OneOfThem"]]:
        """They are up and have looked around before anything is asked of them."""
        workers = [OneOfThem(env, f"worker-{each}") for each in range(number)]
        said = "SELECT count(*) FROM paydesk_workerheartbeat"
        try:
            for worker in workers:
                worker.start()
            while self._heartbeats(env, said) < number:
                for worker in workers:
                    worker.check_that_it_runs()
                time.sleep(0.1)
            time.sleep(2)
            yield workers
        finally:
            for worker in workers:
                worker.stop()

    def _heartbeats(self, env: dict[str, str], query: str) -> int:
        return Database(env["DATABASE_URL"]).rows(query)[0][0]


class OneOfThem(Worker):
    def cpu_seconds(self) -> float:
        assert self._process is not None
        return cpu_seconds(self._process.pid)

    def megabytes(self) -> int:
        """In memory now."""
        assert self._process is not None
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def _along(values: list[int]) -> dict[str, int]:
    """The first, those a quarter, half and three quarters of the way, the last, and the highest of all."""
    quarters = ("begins", "quarter", "half", "three quarters", "ends")
    places = dict(zip(quarters, (values[(len(values) - 1) * each // 4] for each in range(5)), strict=True))
    return places | {"highest": max(values)}


def cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime of proc(5)


def _budget(of_one: int, in_all: int) -> dict[str, str]:
    return {"PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": str(of_one), "PAYDESK_CALLS_A_SECOND": str(in_all)}


UNLIMITED = _budget(5_000, 10_000)


def _floor(calls: dict[str, int]) -> Figures:
    """Seconds that nobody who keeps to the limits can do these calls in, and which of them sets it."""
    highest = max(calls, key=lambda endpoint: calls[endpoint])
    others = {endpoint: number for endpoint, number in calls.items() if endpoint != "/v1/payment_methods"}
    return {
        "floor_s": round(_least(calls), 2),
        "floor_by": highest if calls[highest] / OF_ONE_ENDPOINT == _least(calls) else "all calls together",
        "floor_without_payment_methods_s": round(_least(others), 2),
    }


def _least(calls: dict[str, int]) -> float:
    return max(max(calls.values()) / OF_ONE_ENDPOINT, sum(calls.values()) / IN_ALL)


def _newest(database: Database) -> Figures:
    query = """
        SELECT state, created_at, finished_at, done, new, changed, failed FROM paydesk_resyncrun
        ORDER BY created_at DESC LIMIT 1
    """
    names = ("state", "created_at", "finished_at", "done", "new", "changed", "failed")
    return dict(zip(names, database.rows(query)[0], strict=True))


def _said(env: dict[str, str], *module: str) -> Any:
    """What a process of its own printed last."""
    answered = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True)
    return json.loads(answered.stdout.splitlines()[-1])


@contextmanager
def local_stripe(customers: int) -> Iterator[tuple[LocalStripe, int]]:
    """With its process."""
    command = ["-m", "finances.sandbox", "--port", "0", "--customers", str(customers), "--months", str(MONTHS)]
    with subprocess.Popen(
        [sys.executable, *command, "--until-stdin-closes"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            yield LocalStripe(child.stdout.readline().decode().split()[1]), child.pid
        finally:
            child.stdin.close()
