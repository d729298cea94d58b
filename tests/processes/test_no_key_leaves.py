"""Keys and signing secrets, searched for in everything that can keep them, after everything that can go wrong with one
in hand."""

import os
import subprocess
from pathlib import Path

import pytest

from dashboard.demo import PASSWORD
from tests.processes.person import Person
from tests.processes.postgresql import binaries

SECRETS = ("STRIPE_TEST_SECRET_KEY", "DJSTRIPE_WEBHOOK_SECRET")
PIECE = 12  # characters in a row; Stripe's own messages repeat the last four of a key
PAGES = 80


def pieces() -> set[str]:
    """Each run of PIECE characters of what is secret in them, and the same as a column of bytes is dumped."""
    found: set[str] = set()
    for variable in SECRETS:
        secret = os.environ[variable].rpartition("_")[2]
        found |= {secret[start : start + PIECE] for start in range(len(secret) - PIECE + 1)}
    return found | {piece.encode().hex() for piece in found}


def leaks(texts: dict[str, str]) -> list[str]:
    """Where one stands, never what it is."""
    secret = pieces()
    return [name for name, text in texts.items() if any(piece in text for piece in secret)]


def dump(deployment) -> str:
    url = deployment.postgresql.url()
    return subprocess.run([binaries() / "pg_dump", url], check=True, capture_output=True, text=True).stdout


def command_lines(deployment) -> str:
    """Of every process of this machine; what a task or a child was given as its arguments stands there."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)


@pytest.fixture(scope="module")
def admin(deployment):
    code = "from dashboard.demo import make_people; make_people()"
    assert deployment.manage("shell", "-c", code).returncode == 0
    return Person(deployment.web.address, "admin@paydesk.test", PASSWORD)


@pytest.mark.guarantee("B6")
def test_no_key_and_no_signing_secret_stands_anywhere(deployment, admin):
    key = os.environ["STRIPE_TEST_SECRET_KEY"]
    customer = deployment.customers[-1]
    said: dict[str, str] = {}

    def manage(*arguments: str) -> None:
        done = deployment.manage(*arguments)
        said[" ".join(arguments)] = done.stdout + done.stderr

    try:
        event = deployment.rename(customer, "Ada")
        deployment.wait_until(lambda: deployment.is_settled([event]), "the event is settled", seconds=30)
        manage("resync", customer, "--wait")
        deployment.stripe.faults(**{"429": 0.3, "500": 0.3, "cut": 0.2, "html": 0.1})
        manage("resync", customer, "--wait")
        deployment.stripe.faults()
        manage("resync", customer, "--dry-run", "--wait")
        deployment.stripe.keys({key: {"revoked": True}})
        manage("resync", customer, "--wait")
        manage("resync", "all", "--wait")
        manage("doctor")
        # What people paste by mistake.
        for text in (key, os.environ["DJSTRIPE_WEBHOOK_SECRET"]):
            said["pasted as a target"] = admin.post("/console/resyncs/", target=text, reason=f"with {text}")
            said["pasted among ids"] = admin.post("/console/resyncs/", ids=f"{customer} {text}")
            said["pasted as a reason"] = admin.post("/console/resyncs/", target=customer, reason=f"with {text}")
            admin.get(f"/console/go/?q={text}")
            admin.get(f"/console/customers/?q={text}")
        pages = admin.everything("/console/", most=PAGES)
        assert len(pages) > 25, sorted(pages)
        assert any("/resyncs/*" in path or path.count("-") > 3 for path in pages), "a run's page is among them"
    finally:
        deployment.stripe.keys({})
        deployment.stripe.faults()

    logs = {str(path): path.read_text(errors="replace") for path in deployment.directory.glob("*.log")}
    assert not leaks({"the database": dump(deployment), "command lines": command_lines(deployment)})
    assert not leaks(logs)
    assert not leaks(said)
    assert not leaks(pages)


def test_the_search_finds_what_it_looks_for():
    key = os.environ["STRIPE_TEST_SECRET_KEY"]
    assert leaks(
        {"whole": f"a {key}", "a piece": key[-20:], "as bytes": key.encode().hex(), "none": "sk_test_…1234"}
    ) == [
        "whole",
        "a piece",
        "as bytes",
    ]
