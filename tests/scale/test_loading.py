"""A small business of its own, in a database of its own: the loader changes how its tables are kept."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.processes.services import ROOT, environment

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="copies go straight into PostgreSQL")


@pytest.fixture(scope="module")
def business() -> Iterator[tuple[str, dict[str, str]]]:
    """The URL of a tiny one, and the environment of a process that looks at it."""
    server = os.environ["DATABASE_URL"]
    name = f"paydesk_scale_test_{os.getpid()}"
    url = re.sub(r"/[^/]*$", f"/{name}", server)
    with psycopg.connect(server, autocommit=True) as admin, tempfile.TemporaryDirectory() as directory:
        admin.execute(f"CREATE DATABASE {name}")
        env = environment(url, "http://127.0.0.1:9", Path(directory))
        try:
            subprocess.run(
                [sys.executable, "-m", "tests.scale.loading", "tiny"],
                check=True,
                cwd=ROOT,
                env=env,
                capture_output=True,
            )
            yield url, env
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_there_is_as_much_of_everything_as_was_asked_for(business):
    url, _ = business

    with psycopg.connect(url) as looking:
        numbers = looking.execute(
            "SELECT (SELECT count(*) FROM paydesk_customer), (SELECT count(*) FROM paydesk_subscription),"
            " (SELECT count(*) FROM paydesk_invoice), (SELECT count(*) FROM djstripe_invoice),"
            " (SELECT count(*) FROM paydesk_invoiceline), (SELECT count(*) FROM paydesk_delivery)"
        ).fetchone()

    customers, subscriptions, invoices, of_djstripe, lines, deliveries = numbers
    assert customers >= 60
    assert subscriptions >= 70
    assert 540 <= invoices <= 900  # chance has its part, and so has the largest customer
    assert of_djstripe == invoices
    assert lines >= 2 * invoices
    assert deliveries >= invoices


def test_no_two_copies_share_an_id_and_each_has_a_name_of_its_own(business):
    url, _ = business

    with psycopg.connect(url) as looking:
        keys = looking.execute(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND conrelid = 'paydesk_invoice'::regclass"
        ).fetchone()
        emails = looking.execute("SELECT count(*), count(DISTINCT email) FROM paydesk_customer WHERE email <> ''")
        count, distinct = emails.fetchone()

    assert keys == (1,)
    assert distinct > count * 0.8


def test_a_row_that_the_mirror_would_not_have_written_is_found(business):
    url, env = business
    assert sample(env) == ""

    with psycopg.connect(url) as changing:
        changing.execute("UPDATE paydesk_invoice SET amount_due = amount_due + 1")
        changing.execute("UPDATE paydesk_objectstate SET content_hash = '\\x00' WHERE type = 'charge'")

    said = sample(env)
    assert "amount_due" in said
    assert "the hash is not of its JSON" in said


def sample(env: dict[str, str]) -> str:
    code = "import django; django.setup(); from tests.scale.sample import differences; print('\\n'.join(differences()))"
    told = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=env, capture_output=True, text=True)
    return told.stdout.strip()
