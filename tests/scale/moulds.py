"""Customers with all that hangs on them, as templates of the rows that the mirror wrote for them.

A copy differs in its ids, names and times, and in nothing else: each of these stands in a row's columns as it stands in
the JSON, so a copy's columns are what the mirror would make of the copy's JSON.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import psycopg
from django.db import models

from finances import models as paydesk
from finances.mirror.projections.values import search_text
from tests.scale.places import OF_STRIPE, Place, read_keys, read_places
from tests.scale.rows import NULL, Slots, Template, canonical, unescaped

CODE = 8  # letters at the end of an id that differ from copy to copy

# What every block fills in, by number; times follow.
OF_CUSTOMER, OF_SUBSCRIPTION, OF_CELL = 0, 1, 2
KEY_OF_CUSTOMER, KEY_OF_SUBSCRIPTION, KEY_OF_CELL = 3, 4, 5
PREFIX, FOLDED_PREFIX, NAME, FOLDED_NAME, EMAIL, FOLDED_EMAIL, JSON, HASH = range(6, 14)
FIXED = 14

READ_MODEL: tuple[Any, ...] = (
    paydesk.Customer,
    paydesk.PaymentMethod,
    paydesk.Subscription,
    paydesk.SubscriptionItem,
    paydesk.SubscriptionSchedule,
    paydesk.Discount,
    paydesk.Invoice,
    paydesk.InvoiceLine,
    paydesk.InvoicePayment,
    paydesk.Payment,
    paydesk.Charge,
    paydesk.Refund,
    paydesk.Dispute,
    paydesk.CreditNote,
    paydesk.BalanceTransaction,
    paydesk.ObjectState,
    paydesk.Delivery,
)
# Stripe's payloads and earlier states, which retention keeps for a time only.
KEPT_FOR_A_TIME = (paydesk.ObjectVersion, paydesk.Delivery)

NEWLINE = r"\n"  # as COPY writes one
ID = r"(?<![A-Za-z0-9_])(?:[a-z]+_)+[A-Za-z0-9]{10,}(?![A-Za-z0-9])"
DAY = r"(?<!\d)\d{4}-\d\d-\d\d(?=[ T]\d\d:\d\d:\d\d)"
SECONDS = r"(?<=[:\[, ])1[5-9]\d{8}(?=[,}\]])"


@dataclass
class Block:
    """All rows of one customer, subscription or cell, without those of what hangs on it in turn.

    `day`: of its creation, counted from 1970. `things`: (whether it is a day, number of days or seconds since 1970), in
    the order of their slots.
    """

    place: Place
    day: int = 0
    has_invoice: bool = False
    wanted: bool = False  # by what it hangs on, which names it
    names: set[str] = field(default_factory=set)  # of cells
    things: list[tuple[bool, int]] = field(default_factory=list)
    objects: list["Copied"] = field(default_factory=list)


class Copied(NamedTuple):
    """An object: its JSON, and its rows with the names of their tables; `young` and `old` only while it is so."""

    json: Template | None
    rows: list[tuple[str, Template]]
    young: list[tuple[str, Template]]
    old: list[tuple[str, Template]]


@dataclass
class Family:
    country: str
    customer: Block
    subscriptions: dict[str, Block]
    cells: list[Block]


class Table(NamedTuple):
    model: Any
    name: str
    columns: list[str]


def tables(*, whole: bool) -> list[Table]:
    """`whole`: dj-stripe's too, and our copies of Stripe's JSON."""
    return [_table(model) for model in (*READ_MODEL, *(OF_STRIPE if whole else ()))]


def _table(model: Any) -> Table:
    fields = model._meta.concrete_fields
    if model is paydesk.ObjectVersion:  # its key comes from a sequence
        fields = [each for each in fields if not each.primary_key]
    return Table(model, model._meta.db_table, [each.column for each in fields])


def read_families(connection: psycopg.Connection[Any], chosen: list[Table]) -> list[Family]:
    """From the rows that are there, in the order of the customers' ids."""
    places = read_places(connection)
    rows = {table.name: _dump(connection, table) for table in chosen}
    return list(_Reader(places, read_keys(connection), chosen, rows).families())


def _dump(connection: psycopg.Connection[Any], table: Table) -> dict[str, dict[str, str]]:
    """By id: the row's columns, in COPY's text."""
    key = {paydesk.ObjectState: "object_id", paydesk.ObjectVersion: "object_id", paydesk.Delivery: "event_id"}.get(
        table.model, "id"
    )
    names = ", ".join(f'"{name}"' for name in table.columns)
    found: dict[str, dict[str, str]] = {}
    with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT {names} FROM {table.name}) TO STDOUT") as copy:
        text = b"".join(bytes(part) for part in copy).decode()
    for line in text.splitlines():
        row = dict(zip(table.columns, line.split("\t"), strict=True))
        found[row[key]] = row  # of several versions the last one
    return found


class _Reader:
    """`rows`: by table and id. A place's own rows make its block, in the order of their ids."""

    def __init__(
        self,
        places: dict[str, Place],
        keys: dict[tuple[str, str], str],
        chosen: list[Table],
        rows: dict[str, dict[str, dict[str, str]]],
    ) -> None:
        self._places = places
        self._folded = {each.casefold(): place for each, place in places.items()}
        self._keys = keys
        self._tables = chosen
        self._rows = rows
        self._fields = {
            table.name: [each for each in table.model._meta.concrete_fields if each.column in set(table.columns)]
            for table in chosen
        }
        self._whole = any(table.model is paydesk.StripeObject for table in chosen)

    def families(self) -> Iterator[Family]:
        by_place: dict[Place, list[str]] = {}
        for object_id, place in self._places.items():
            by_place.setdefault(place, []).append(object_id)
        of_customer: dict[str, list[Place]] = {}
        for place in by_place:
            of_customer.setdefault(place.customer, []).append(place)
        customers = self._rows[paydesk.Customer._meta.db_table]
        for customer_id in sorted(of_customer):
            row = customers.get(customer_id)
            if row is None or not _can_be_renamed(row):
                continue
            invoices = self._rows[paydesk.Invoice._meta.db_table]
            numbers = [
                invoices[place.cell]["number"].rpartition("-")[0]
                for place in of_customer[customer_id]
                if place.cell in invoices
            ]
            prefix = next((each for each in numbers if len(each) >= 6), "")
            texts = _Texts(row["name"], row["email"], prefix)
            blocks = {
                place: self._block(place, sorted(by_place[place]), texts) for place in sorted(of_customer[customer_id])
            }
            named = {each for place, block in blocks.items() if not place.cell for each in block.names}
            for place, block in blocks.items():
                block.wanted = place.cell in named
            yield Family(
                country=row["country"],
                customer=blocks[Place(customer_id)],
                subscriptions={
                    place.subscription: block
                    for place, block in blocks.items()
                    if place.subscription and not place.cell
                },
                cells=[block for place, block in blocks.items() if place.cell],
            )

    def _block(self, place: Place, ids: list[str], texts: "_Texts") -> Block:
        block = Block(place)
        slots = Slots(range(FIXED))
        for object_id in ids:
            block.objects.append(self._object(object_id, block, slots, texts))
        block.things = list(slots.numbers)[FIXED:]
        block.has_invoice = place.cell in self._rows[paydesk.Invoice._meta.db_table]
        of_what = next(
            row["created_at"]
            for model in (paydesk.Invoice, paydesk.Payment, paydesk.Subscription, paydesk.Customer)
            if (row := self._rows[model._meta.db_table].get(place.cell or place.subscription or place.customer))
        )
        block.day = date.fromisoformat(of_what[:10]).toordinal() - _EPOCH
        return block

    def _object(self, object_id: str, block: Block, slots: Slots, texts: "_Texts") -> Copied:
        stripe_data: Template | None = None
        rows: list[tuple[str, Template]] = []
        young: list[tuple[str, Template]] = []
        old: list[tuple[str, Template]] = []
        for table in self._tables:
            row = self._rows[table.name].get(object_id)
            if row is None:
                continue
            for name in ("stripe_data", "payload"):
                if self._whole and row.get(name, NULL) != NULL and stripe_data is None:
                    text = canonical(json.loads(unescaped(row[name])))
                    stripe_data = Template(self._pieces(text, block, slots, texts))
            template = self._row(table, row, block, slots, texts)
            if table.model is paydesk.Delivery:
                young.append(
                    (
                        table.name,
                        template if self._whole else self._row(table, row | {"payload": NULL}, block, slots, texts),
                    )
                )
                old.append((table.name, self._row(table, row | {"payload": NULL}, block, slots, texts)))
            else:
                (young if table.model in KEPT_FOR_A_TIME else rows).append((table.name, template))
        return Copied(stripe_data, rows, young, old)

    def _row(self, table: Table, row: dict[str, str], block: Block, slots: Slots, texts: "_Texts") -> Template:
        pieces: list[str | int] = []
        for field_, column in zip(self._fields[table.name], table.columns, strict=True):
            value = row[column]
            if column in ("stripe_data", "payload") and value != NULL:
                pieces.append(JSON)
            elif column == "content_hash":
                pieces += ["\\\\x", HASH]
            elif column == "djstripe_id":
                pieces += [_key_slot(_level(self._places[row["id"]], block)), value.zfill(6)]
            elif (target := _target_of(field_)) and value != NULL and (target, value) in self._keys:
                pieces += self._foreign_key(self._keys[target, value], value, block)
            elif column == "search_text":
                for line in value.split(NEWLINE):
                    pieces += [*self._pieces(line, block, slots, texts, folded=True), NEWLINE]
                pieces.pop()
            else:
                pieces += self._pieces(value, block, slots, texts)
            pieces.append("\t")
        pieces[-1] = "\n"
        return Template(pieces)

    def _foreign_key(self, object_id: str, value: str, block: Block) -> list[str | int]:
        place = self._places.get(object_id)
        return [value] if place is None else [_key_slot(_level(place, block)), value.zfill(6)]

    def _pieces(
        self, text: str, block: Block, slots: Slots, texts: "_Texts", *, folded: bool = False
    ) -> list[str | int]:
        pieces: list[str | int] = []
        places = self._folded if folded else self._places
        end = 0
        for found in (texts.folded if folded else texts.plain).finditer(text):
            pieces.append(text[end : found.start()])
            end = found.end()
            it = found[0]
            if found.lastgroup == "id":
                if (place := places.get(it)) and place.customer == block.place.customer:
                    block.names.add(place.cell)
                    pieces += [it[:-CODE], _level(place, block)]
                else:
                    pieces.append(it)
            elif found.lastgroup == "day":
                pieces.append(slots[True, date.fromisoformat(it).toordinal() - _EPOCH])
            elif found.lastgroup == "seconds":
                pieces.append(slots[False, int(it)])
            else:
                pieces.append({"name": NAME, "email": EMAIL, "prefix": PREFIX}[found.lastgroup or ""] + folded)
        pieces.append(text[end:])
        return pieces


_EPOCH = date(1970, 1, 1).toordinal()


class _Texts:
    """What is looked for in a customer's rows: as it was typed, and as the search text has it."""

    def __init__(self, name: str, email: str, prefix: str) -> None:
        self.plain = self._pattern(name, email, prefix)
        self.folded = self._pattern(search_text(name), search_text(email), search_text(prefix))

    def _pattern(self, name: str, email: str, prefix: str) -> re.Pattern[str]:
        parts = {
            "name": re.escape(name),
            "email": re.escape(email),
            "id": ID,
            "prefix": rf"(?<![A-Za-z0-9]){re.escape(prefix)}(?=-\d)" if prefix else "",
            "day": DAY,
            "seconds": SECONDS,
        }
        return re.compile("|".join(f"(?P<{each}>{pattern})" for each, pattern in parts.items() if pattern))


def _can_be_renamed(row: dict[str, str]) -> bool:
    """Its name and e-mail address are found again wherever they stand, in JSON and in COPY's text."""
    return all(
        len(row[each]) >= 3 and row[each] != NULL and not set(row[each]) & set('"\\') for each in ("name", "email")
    )


def _level(place: Place, block: Block) -> int:
    """Whose code it has: a cell's first copy has its subscription's, a subscription's first one its customer's."""
    if place.cell and place.cell == block.place.cell:
        return OF_CELL
    if place.subscription and place.subscription == block.place.subscription:
        return OF_SUBSCRIPTION
    return OF_CUSTOMER


def _key_slot(level: int) -> int:
    return level + KEY_OF_CUSTOMER


def _target_of(field_: Any) -> str:
    """The table that a key points at by dj-stripe's integer."""
    if isinstance(field_, models.ForeignKey) and field_.target_field.name == "djstripe_id":
        return field_.related_model._meta.db_table
    return ""
