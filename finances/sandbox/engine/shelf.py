"""Where a big business keeps most of its objects: a temporary SQLite file, so that memory stays small."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from finances.sandbox.engine.links import Link, List

Object = dict[str, Any]
Key = tuple[int, int, str]

IN_HAND = 3_000  # objects kept as dictionaries
PLAIN = 60_000  # so many are written as they are; the rest is squeezed, which costs time and saves disk
ENCODER = json.JSONEncoder(separators=(",", ":"), check_circular=False)
SCHEMA = """
CREATE TABLE objects (arrival INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX by_id ON objects (id);
CREATE TABLE listed (list INTEGER, created INTEGER, arrival INTEGER, PRIMARY KEY (list, created, arrival))
    WITHOUT ROWID;
CREATE TABLE ties (arrival INTEGER, name TEXT, value TEXT, PRIMARY KEY (arrival, name, value)) WITHOUT ROWID;
"""
BETWEEN = """
SELECT created, arrival, id FROM listed JOIN objects USING (arrival)
WHERE list = ? AND (created, arrival) > (?, ?) AND (created, arrival) < (?, ?)
"""
NEWEST_FIRST = BETWEEN + "ORDER BY created DESC, arrival DESC LIMIT ?"
OLDEST_FIRST = BETWEEN + "ORDER BY created, arrival LIMIT ?"


class Shelf:
    """Objects by id, and the lists that they stand in. What is in hand is written back when it makes room.

    The file has no name: it is gone with the connection, or with the process.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.executescript(f"PRAGMA cache_size = -12288; PRAGMA journal_mode = OFF; {SCHEMA}")
        self._in_hand: dict[str, tuple[int, Object]] = {}  # the longest unused first
        self._unwritten: set[str] = set()
        self._samples: dict[str, bytes] = {}  # what the squeezed ones of a type are squeezed against
        self._held = 0

    def close(self) -> None:
        self._database.close()

    def fill(
        self, objects: Iterable[tuple[int, Object]], lists: Iterable[tuple[List, list[Key]]], ties: dict[int, set[Link]]
    ) -> None:
        """Takes over many new ones, with the lists in which they stand. Objects and their `ties` by arrival."""
        rows = [(arrival, held["id"], held["object"], self._packed(held)) for arrival, held in objects]
        numbered = ((_number(each), keys) for each, keys in lists)
        places = [(number, created, arrival) for number, keys in numbered for created, arrival, _ in keys]
        tied = [(arrival, *tie) for arrival, those in ties.items() for tie in those]
        self._held += len(rows)
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO objects VALUES (?, ?, ?, ?)", rows)
            self._database.executemany("INSERT INTO listed VALUES (?, ?, ?)", sorted(places))
            self._database.executemany("INSERT INTO ties VALUES (?, ?, ?)", tied)

    def get(self, object_id: str) -> tuple[int, Object] | None:
        """The arrival and the object."""
        found = self._in_hand.pop(object_id, None)
        if found is None:
            query = "SELECT arrival, type, body FROM objects WHERE id = ?"
            row = self._database.execute(query, (object_id,)).fetchone()
            if row is None:
                return None
            if len(self._in_hand) >= IN_HAND:
                self._make_room()
            found = (row[0], self._unpacked(row[1], row[2]))
        self._in_hand[object_id] = found
        return found

    def body(self, object_id: str) -> tuple[str, bytes] | None:
        """Type and JSON of one that is not in hand: to be served as it is, without ever being a dictionary."""
        if object_id in self._in_hand:
            return None
        row = self._database.execute("SELECT type, body FROM objects WHERE id = ?", (object_id,)).fetchone()
        return None if row is None else (row[0], self._loosened(row[0], row[1]))

    def __contains__(self, object_id: str) -> bool:
        if object_id in self._in_hand:
            return True
        return self._database.execute("SELECT 1 FROM objects WHERE id = ?", (object_id,)).fetchone() is not None

    def replace(self, object_id: str, arrival: int, new: Object) -> None:
        self._in_hand.pop(object_id, None)
        self._in_hand[object_id] = (arrival, new)
        self._unwritten.add(object_id)

    def delete(self, object_id: str, arrival: int) -> None:
        self._in_hand.pop(object_id, None)
        self._unwritten.discard(object_id)
        self._database.execute("DELETE FROM objects WHERE arrival = ?", (arrival,))
        self._database.execute("DELETE FROM ties WHERE arrival = ?", (arrival,))

    def enter(self, lists: set[List], created: int, arrival: int) -> None:
        places = [(_number(each), created, arrival) for each in lists]
        self._database.executemany("INSERT OR IGNORE INTO listed VALUES (?, ?, ?)", places)

    def leave(self, lists: set[List], created: int, arrival: int) -> None:
        places = [(_number(each), created, arrival) for each in lists]
        self._database.executemany("DELETE FROM listed WHERE list = ? AND created = ? AND arrival = ?", places)

    def tie(self, arrival: int, name: str, value: str) -> None:
        self._database.execute("INSERT OR IGNORE INTO ties VALUES (?, ?, ?)", (arrival, name, value))

    def ties(self, arrival: int) -> set[Link]:
        return set(self._database.execute("SELECT name, value FROM ties WHERE arrival = ?", (arrival,)))

    def walk(self, wanted: List, below: Key | None, above: Key | None, newest_first: bool) -> Iterator[Key]:
        """The keys strictly between the two, a few at a time: it may go on while objects change."""
        number = _number(wanted)
        low = above[:2] if above else (-(2**62), 0)
        high = below[:2] if below else (2**62, 0)
        query = NEWEST_FIRST if newest_first else OLDEST_FIRST
        most = 120
        while True:
            rows = self._database.execute(query, (number, *low, *high, most)).fetchall()
            yield from rows
            if len(rows) < most:
                return
            if newest_first:
                high = rows[-1][:2]
            else:
                low = rows[-1][:2]
            most = 2_000

    def count(self, wanted: List) -> int:
        return int(
            self._database.execute("SELECT count(*) FROM listed WHERE list = ?", (_number(wanted),)).fetchone()[0]
        )

    def types(self) -> list[str]:
        """Reads all of it."""
        return [kind for (kind,) in self._database.execute("SELECT DISTINCT type FROM objects")]

    def _make_room(self) -> None:
        leaving = list(self._in_hand)[: IN_HAND // 3]
        changed = []
        for object_id in leaving:
            arrival, held = self._in_hand.pop(object_id)
            if object_id in self._unwritten:
                changed.append((held["object"], self._packed(held), arrival))
        self._unwritten.difference_update(leaving)
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany("UPDATE objects SET type = ?, body = ? WHERE arrival = ?", changed)

    def _packed(self, held: Object) -> bytes:
        body = ENCODER.encode(held).encode("ascii")
        if self._held < PLAIN:
            return body
        sample = self._samples.setdefault(held["object"], body[:32_000])
        squeezer = zlib.compressobj(1, zdict=sample)
        return squeezer.compress(body) + squeezer.flush()

    def _unpacked(self, kind: str, body: bytes) -> Object:
        found: Object = json.loads(self._loosened(kind, body))
        return found

    def _loosened(self, kind: str, body: bytes) -> bytes:
        if body[:1] == b"{":
            return body
        return zlib.decompressobj(zdict=self._samples[kind]).decompress(body)


def _number(wanted: List) -> int:
    """A list's number, the same for as long as the process lives, as the file does. Of 64 bits: ten million lists have
    two of the same number with a chance of one in three hundred thousand."""
    return hash(wanted)
