"""What the mirror alone can write: the pages of a whole business, from memory, with no Stripe beside it, and nothing
kept but what `mirror.write` keeps.

`read DIRECTORY` asks the local Stripe for every page, as a resync does, and keeps each in a file; the database names
the owners whose lists are read one by one. `write DIRECTORY PROCESSES` writes them into an empty database, a stage
after the other, then once more as they are, then with every twentieth object changed, and prints the seconds of each.
"""

import json
import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PAGE = 100
PASSES = ("new", "unchanged", "changed")
CHANGED = 20  # of so many objects one


def read(directory: Path) -> Json:
    from finances.gateway import Gateway
    from finances.resync.steps import OF_EACH, STAGES

    gateway = Gateway()
    found = {"pages": 0, "objects": 0}
    for stage, types in enumerate(STAGES):
        for type_name in types:
            listed = _of_each(gateway, OF_EACH[type_name]) if type_name in OF_EACH else _listed(gateway, type_name)
            for number, page in enumerate(_in_pages(listed)):
                (directory / f"{stage}-{number:06}-{type_name}.json").write_text(json.dumps(page))
                found["pages"] += 1
                found["objects"] += len(page)
    return found


def _listed(gateway: Any, type_name: str, **filters: str) -> Iterator[Json]:
    page = gateway.page(type_name, **filters)
    yield from page.objects
    while page.has_more:
        page = gateway.page(type_name, after=page.objects[-1]["id"], **filters)
        yield from page.objects


def _of_each(gateway: Any, step: Json) -> Iterator[Json]:
    from finances.resync.steps import owners

    for owner in owners(step).values_list("id", flat=True):
        if "filter" in step:
            yield from _listed(gateway, step["type"], **{step["filter"]: owner})
        else:
            yield from gateway.part(step["part_of"], owner, step["part"]).objects


def _in_pages(objects: Iterator[Json]) -> Iterator[list[Json]]:
    """Of a hundred, also what came in shorter ones: nothing can be written faster than so."""
    page: list[Json] = []
    for it in objects:
        page.append(it)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def write(directory: Path, processes: int) -> Json:
    """By pass: seconds, of each stage those of the process that wrote the longest, without parsing and Stripe."""
    stages: dict[int, list[str]] = {}
    for path in sorted(directory.glob("*.json")):
        stages.setdefault(int(path.name.split("-")[0]), []).append(str(path))
    apart = multiprocessing.get_context("spawn")
    together, told = apart.Barrier(processes), apart.Queue()
    rounds = [(kind, paths, apart.Value("i", 0)) for kind in PASSES for paths in stages.values()]
    writers = [apart.Process(target=_write, args=(rounds, together, told), daemon=True) for _ in range(processes)]
    for writer in writers:
        writer.start()
    longest: list[float] = [0.0] * len(rounds)
    left = processes * len(rounds)
    while left:
        try:
            number, seconds = told.get(timeout=5)
        except queue.Empty:
            if any(writer.exitcode for writer in writers):  # the others would wait for it
                raise SystemExit("a writer ended early") from None
            continue
        longest[number] = max(longest[number], seconds)
        left -= 1
    for writer in writers:
        writer.join()
    found = dict.fromkeys(PASSES, 0.0)
    for (kind, _, _), seconds in zip(rounds, longest, strict=True):
        found[kind] += seconds
    return {kind: round(seconds, 2) for kind, seconds in found.items()}


def _write(rounds: list[tuple[str, list[str], Any]], together: Any, told: Any) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from finances import mirror
    from finances.tickets import take_ticket

    gateway: Any = Aside()
    for number, (kind, paths, following) in enumerate(rounds):
        together.wait()
        seconds = 0.0
        while (place := _next(following)) < len(paths):
            path = Path(paths[place])
            page = json.loads(path.read_text())
            if kind == "changed":
                for it in page[place % CHANGED :: CHANGED]:
                    it["metadata"] = {"changed": "by the benchmark"}
            asked, started = gateway.seconds, time.perf_counter()
            mirror.write(gateway, path.stem.split("-")[2], page, ticket=take_ticket(), now=timezone.now())
            seconds += time.perf_counter() - started - (gateway.seconds - asked)
        told.put((number, seconds))


def _next(following: Any) -> int:
    with following.get_lock():
        following.value += 1
        return following.value - 1


class Aside:
    """The gateway, for what no list names, such as a deleted customer; `seconds` that it took."""

    def __init__(self) -> None:
        from finances.gateway import Gateway

        self._gateway = Gateway()
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._gateway, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return ask(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


def main(what: str, directory: str, processes: str = "1") -> None:
    if what == "read":
        import django

        django.setup()
        found = read(Path(directory))
    else:
        found = write(Path(directory), int(processes))
    print(json.dumps(found))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    main(*sys.argv[1:])
