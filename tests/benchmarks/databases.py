"""Empty databases with all tables, as many as are wanted: PostgreSQL's and SQLite's."""

import os
import re
import shutil
import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.processes.postgresql import Cluster
from tests.processes.services import environment, make_tables


class Database:
    """A database by its address, looked into without Django."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if not self._file:
            with psycopg.connect(self.url) as connection:
                return connection.execute(query).fetchall()
        with closing(sqlite3.connect(self._file, timeout=20)) as connection:
            return [tuple(map(_moment, row)) for row in connection.execute(query)]

    def change(self, statement: str) -> None:
        if not self._file:
            with psycopg.connect(self.url) as connection:
                connection.execute(statement)
        else:
            with closing(sqlite3.connect(self._file, timeout=20)) as connection, connection:
                connection.execute(statement)

    @property
    def _file(self) -> str:
        """SQLite's; else empty."""
        return self.url.removeprefix("sqlite:///") if self.url.startswith("sqlite") else ""


def _moment(value: Any) -> Any:
    """SQLite has times as text."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d \d\d:", value):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value


class Databases(Protocol):
    name: str

    def make(self, purpose: str) -> Database:
        """An empty one; what was there for the same purpose is gone."""


class OfPostgreSQL:
    """Of the server that TEST_DATABASE_URL names, else of one that is made for it, with fsync, and thrown away."""

    name = "PostgreSQL"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made: set[str] = set()

    def __enter__(self) -> "OfPostgreSQL":
        with ExitStack() as undo:
            self._server = os.environ.get("TEST_DATABASE_URL") or undo.enter_context(Cluster(fsync=True)).url()
            undo.callback(self._drop_all)
            self._create("tables", "template0")
            make_tables(environment(self._url("tables"), "", self._directory))
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._undo.close()

    def make(self, purpose: str) -> Database:
        self._create(purpose, self._name("tables"))
        return Database(self._url(purpose))

    def _create(self, purpose: str, template: str) -> None:
        name = self._name(purpose)
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.add(name)

    def _drop_all(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            for name in self._made:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _url(self, purpose: str) -> str:
        return re.sub(r"/[^/]*$", f"/{self._name(purpose)}", self._server)

    def _name(self, purpose: str) -> str:
        return f"paydesk_bench_{os.getpid()}_{purpose}"


class OfSQLite:
    name = "SQLite"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._tables = directory / "tables.sqlite3"

    def make(self, purpose: str) -> Database:
        if not self._tables.exists():
            make_tables(environment(f"sqlite:///{self._tables}", "", self._directory))
            with closing(sqlite3.connect(self._tables)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path = self._directory / f"{purpose}.sqlite3"
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._tables, path)
        return Database(f"sqlite:///{path}")
