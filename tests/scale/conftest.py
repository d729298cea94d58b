import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from django.db import connection

from tests.processes.services import ROOT, environment


class Business(NamedTuple):
    """`env`: of a process that looks at it."""

    url: str
    env: dict[str, str]

    def run(self, *command: str) -> str:
        told = subprocess.run(
            [sys.executable, *command], check=True, cwd=ROOT, env=self.env, stdout=subprocess.PIPE, text=True
        )
        return told.stdout.strip()


@pytest.fixture(scope="module")
def make_business() -> Iterator[Callable[[str], Business]]:
    """Of a size, in a database of its own: the loader changes how its tables are kept."""
    if connection.vendor != "postgresql":
        pytest.skip("copies go straight into PostgreSQL")
    with tempfile.TemporaryDirectory() as directory, _database() as url:

        def make(size: str) -> Business:
            business = Business(url, environment(url, "http://127.0.0.1:9", Path(directory)))
            business.run("-m", "tests.scale.loading", size)
            return business

        yield make


@contextmanager
def _database() -> Iterator[str]:
    server = os.environ["DATABASE_URL"]
    name = f"paydesk_scale_test_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield re.sub(r"/[^/]*$", f"/{name}", server)
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
