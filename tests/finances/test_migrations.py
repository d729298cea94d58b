"""The true chain of migrations, dj-stripe's included, as a production database runs it once."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection


def manage(database: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(connection.vendor != "sqlite", reason="76 s of CPU; once, on SQLite, is enough")
def test_the_true_chain_gives_the_tables_that_the_models_describe_and_ours_go_back_and_forth(tmp_path):
    database = f"sqlite:///{tmp_path / 'true.sqlite3'}"

    manage(database, "migrate", "--verbosity=0")

    assert manage(database, "makemigrations", "--check", "--dry-run", "paydesk", "paydesk_console")
    manage(database, "migrate", "paydesk", "zero", "--verbosity=0")
    manage(database, "migrate", "--verbosity=0")
    assert "[ ]" not in manage(database, "showmigrations", "paydesk")
