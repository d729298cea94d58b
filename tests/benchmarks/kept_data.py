"""The business of a given size, made once and kept: on the server that TEST_DATABASE_URL names, else in bench/."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import psycopg

from finances.configuration import MOST_CALLS
from tests.processes.postgresql import Cluster, binaries
from tests.processes.services import ROOT, environment

KEPT = ROOT / "bench" / "postgresql"
ROOM = {"small": 1, "medium": 4, "full": 35}  # GB that have to be free before a size is made
# What the rows of the business depend on: other tables or columns, other projections, another loader.
SOURCES = (
    "finances/models",
    "finances/migrations",
    "finances/mirror/projections",
    "finances/mirror/columns.py",
    "finances/mirror/neighbours.py",
    "finances/mirror/parts.py",
    "finances/mirror/canonical.py",
    "tests/scale",
)
Say = Callable[[str], object]


@contextmanager
def server() -> Iterator[str]:
    """A URL of its database `postgres`."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    with KeptCluster(KEPT) as cluster:
        yield cluster.url()


def is_there_a_server() -> bool:
    return bool(os.environ.get("TEST_DATABASE_URL") or binaries())


def kept(server_url: str, size: str, directory: Path, say: Say) -> str:
    """The database of this size, made now where it is not there or was made by other code. Its URL."""
    name = f"paydesk_scale_{size}"
    url = re.sub(r"/[^/]*$", f"/{name}", server_url)
    key = _key()
    if _key_of(url) == key:
        return url
    say(f"making the {size} business; it is kept for the next run")
    _check_room(size)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
        )
    started = time.monotonic()
    env = data_environment(url, directory) | {
        "PAYDESK_CALLS_A_SECOND": str(MOST_CALLS),
        "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": str(MOST_CALLS),
    }
    subprocess.run([sys.executable, "-m", "tests.scale.loading", size], check=True, cwd=ROOT, env=env)
    seconds = round(time.monotonic() - started, 1)
    with psycopg.connect(url, autocommit=True) as connection:
        # Unlogged like the rows themselves: a crash of the server empties all of them, and they are made anew.
        connection.execute("CREATE UNLOGGED TABLE scale_made (key text, seconds double precision)")
        connection.execute("INSERT INTO scale_made VALUES (%s, %s)", [key, seconds])
        connection.execute("CHECKPOINT")
    say(f"made in {seconds:g} s")
    return url


def about(url: str) -> dict[str, float]:
    """Seconds that it took to make, and GB on disk."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT seconds, pg_database_size(current_database()) / 1e9 FROM scale_made"
        ).fetchone()
    assert row
    return {"made_in_s": row[0], "gb": round(float(row[1]), 2)}


def data_environment(url: str, directory: Path) -> dict[str, str]:
    """Of a process that works on the data: no Stripe is near."""
    return environment(url, "http://127.0.0.1:9", directory)


def _key() -> str:
    found = sha256(version("dj-stripe").encode())
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if file.name.startswith("test_"):
                continue
            found.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return found.hexdigest()


def _key_of(url: str) -> str | None:
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT key FROM scale_made").fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None


def _check_room(size: str) -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < ROOM[size]:
        raise SystemExit(f"paydesk: {ROOM[size]} GB have to be free for the {size} business, and {free:.0f} GB are.")


class KeptCluster(Cluster):
    """One whose directory stays. It is ended as PostgreSQL asks for, since a crash empties unlogged tables."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._kept = directory

    def __enter__(self) -> "KeptCluster":
        self._directory = self._kept
        if not self._data.exists():
            self._kept.mkdir(parents=True, exist_ok=True)
            self.make(self._kept)
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
