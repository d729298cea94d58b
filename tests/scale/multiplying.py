"""Copies of the moulds, written by COPY, by as many processes as there are cores."""

import multiprocessing
import os
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from math import floor
from typing import Any

import psycopg

from finances.mirror.projections.values import search_text
from finances.sandbox.business.people import People
from tests.scale.moulds import FIXED, HASH, JSON, Block, Family, Table
from tests.scale.sizes import Size

DAY = 24 * 3600
WHOLE_FAMILY, ONE_CELL = 7, 28  # days by which copies lie before their mould, at most
STAYING = 90  # days of payloads, as `PAYDESK_KEEP_PAYLOADS_DAYS` has it, and of earlier states
MARGIN = 1.02  # chance has its part in how many come out
FLUSHED = 24_000_000  # characters that are written at a time

_ALPHABET = string.digits + string.ascii_lowercase
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_CODES = len(_PAIRS) ** 4
_SCATTERED = 1_586_940_577_081  # has no divisor with the number of codes in common, so none comes twice


@dataclass(frozen=True)
class Held:
    """What the moulds themselves came to."""

    customers: int
    subscriptions: int
    invoices: int


@dataclass(frozen=True)
class Plan:
    """How often each part of a family is copied, on average, so that the numbers come out."""

    families: Sequence[Family]
    copies: int
    subscriptions: float
    cells: float
    largest: tuple[tuple[int, int], ...]


def plan_of(families: Sequence[Family], size: Size, held: Held) -> Plan:
    copies = max(size.customers - held.customers, 0)
    of_largest = len(size.largest)
    subscriptions = sum(len(each.subscriptions) for each in families) / len(families)
    invoices = sum(cell.has_invoice for each in families for cell in each.cells) / len(families)
    subscriptions_left = size.subscriptions - held.subscriptions - sum(it[0] for it in size.largest)
    invoices_left = size.invoices - held.invoices - sum(it[1] for it in size.largest)
    ordinary = max(copies - of_largest, 1)
    often = max(subscriptions_left / (ordinary * subscriptions), 1.0)
    # A second subscription brings its own invoices.
    cells = MARGIN * max(invoices_left, 0) / (ordinary * invoices * often)
    return Plan(families, copies, MARGIN * often, cells, size.largest)


def write_copies(url: str, chosen: list[Table], plan: Plan, processes: int) -> None:
    people = People(random.Random("scale"))
    names = [(person.name, person.email) for person in (people.new() for _ in range(plan.copies))]
    apart = multiprocessing.get_context("fork")
    writers = [
        apart.Process(target=_write, args=(url, chosen, plan, names, each, processes)) for each in range(processes)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    if any(writer.exitcode for writer in writers):
        raise RuntimeError("A writer of copies failed.")


def _write(url: str, chosen: list[Table], plan: Plan, names: list[tuple[str, str]], share: int, processes: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET timezone = 'UTC'")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET default_toast_compression = lz4")
        # No triggers: every day is summed at the end.
        connection.execute("SET session_replication_role = replica")
        sink = _Sink(connection, chosen)
        copier = Copier(plan, share, processes, sink)
        for number in range(share, plan.copies, processes):
            copier.copy(number, *names[number])
        sink.flush()
    os._exit(0)  # what was forked along is not this process's to take down


class _Sink:
    def __init__(self, connection: psycopg.Connection[Any], chosen: list[Table]) -> None:
        self._connection = connection
        self._columns = {table.name: ", ".join(f'"{name}"' for name in table.columns) for table in chosen}
        self.rows: dict[str, list[str]] = {table.name: [] for table in chosen}
        self.characters = 0

    def flush(self) -> None:
        for name, rows in self.rows.items():
            if not rows:
                continue
            into = f"COPY {name} ({self._columns[name]}) FROM STDIN"
            with self._connection.cursor() as cursor, cursor.copy(into) as copy:
                for start in range(0, len(rows), 500):
                    copy.write("".join(rows[start : start + 500]))
            rows.clear()
        self._connection.commit()
        self.characters = 0


class Copier:
    """`share` of `processes`: which of them this is, so that no two make the same code."""

    def __init__(self, plan: Plan, share: int, processes: int, sink: Any) -> None:
        self._plan = plan
        self._sink = sink
        self._next = share + processes
        self._step = processes
        self._chosen = _mixed(plan.families, plan.copies)
        self._heaviest = sorted(plan.families, key=_weight)
        today = date.today()
        self._today = (today - date(1970, 1, 1)).days
        self._days = [(date(1970, 1, 1) + timedelta(days=day)).isoformat() for day in range(40_000)]

    def copy(self, number: int, name: str, email: str) -> None:
        rng = random.Random(f"copy {number}")
        subscriptions, cells = self._plan.subscriptions, self._plan.cells
        family = self._chosen[number % len(self._chosen)]
        if number < len(self._plan.largest):
            family = self._heaviest[-1 - number]
            wanted = self._plan.largest[number]
            subscriptions = wanted[0] / len(family.subscriptions)
            invoices = sum(cell.has_invoice for cell in family.cells)
            cells = wanted[1] / (invoices * subscriptions)
        texts = [name, search_text(name), email, search_text(email)]
        back = rng.randrange(WHOLE_FAMILY)
        own, own_key = self._code()
        self._render(family.customer, [own, own, own, own_key, own_key, own_key], own, texts, back)
        for subscription_id, block in [("", None), *family.subscriptions.items()]:
            theirs = [each for each in family.cells if each.place.subscription == subscription_id]
            for repeated in range(_times(subscriptions, rng) if block else 1):
                code, key = (own, own_key) if not repeated else self._code()
                if block:
                    self._render(block, [own, code, code, own_key, key, key], code, texts, back)
                for cell in theirs:
                    times = _times(cells, rng)
                    for again in range(max(times, 1) if cell.wanted else times):
                        at, at_key, earlier = (code, key, 0) if not again else (*self._code(), rng.randrange(ONE_CELL))
                        self._render(cell, [own, code, at, own_key, key, at_key], at, texts, back + earlier)

    def _render(self, block: Block, codes: list[str], code: str, texts: list[str], back: int) -> None:
        seconds = back * DAY
        days = self._days
        values = [*codes, code.upper(), code, *texts, "", ""]
        values += [days[number - back] if is_day else str(number - seconds) for is_day, number in block.things]
        is_young = self._today - (block.day - back) < STAYING
        sink = self._sink
        rows_of = sink.rows
        sink.characters += 500 * len(block.objects)
        for stripe_data, rows, young, old in block.objects:
            if stripe_data is not None:
                text = stripe_data.fill(values)
                values[JSON] = text.replace("\\", "\\\\")
                values[HASH] = blake2b(text.encode(), digest_size=20).hexdigest()
                sink.characters += len(text)
            for name, template in rows:
                rows_of[name].append(template.fill(values))
            for name, template in young if is_young else old:
                rows_of[name].append(template.fill(values))
        if sink.characters > FLUSHED:
            sink.flush()

    def _code(self) -> tuple[str, str]:
        """The end of an id, and the beginning of dj-stripe's integer keys."""
        number = self._next
        self._next += self._step
        scattered = number * _SCATTERED % _CODES
        pairs = len(_PAIRS)
        scattered, a = divmod(scattered, pairs)
        scattered, b = divmod(scattered, pairs)
        c, d = divmod(scattered, pairs)
        return _PAIRS[c] + _PAIRS[d] + _PAIRS[a] + _PAIRS[b], str(number)


def _times(often: float, rng: random.Random) -> int:
    whole = floor(often)
    return whole + (rng.random() < often - whole)


def _weight(family: Family) -> int:
    return sum(cell.has_invoice for cell in family.cells) if family.subscriptions else 0


def _mixed(families: Sequence[Family], copies: int) -> list[Family]:
    """Each as often as the others, in no order."""
    chosen = list(families) * (copies // max(len(families), 1) + 1)
    random.Random("mixed").shuffle(chosen)
    return chosen[: max(copies, 1)]


def numbers_of(connection: psycopg.Connection[Any]) -> Held:
    counts: Iterator[Any] = iter(
        connection.execute(
            "SELECT (SELECT count(*) FROM paydesk_customer), (SELECT count(*) FROM paydesk_subscription),"
            " (SELECT count(*) FROM paydesk_invoice)"
        )
    )
    return Held(*next(counts))


assert FIXED == HASH + 1
