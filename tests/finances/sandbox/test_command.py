"""The command: it says where it listens, gives way when the port is taken, and ends with its parent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from finances.sandbox import Sandbox
from tests.finances.sandbox.conftest import NOW, Caller

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "finances.sandbox", "--customers", "12", "--months", "1"]


def test_it_ends_when_its_stdin_closes() -> None:
    started = subprocess.Popen(
        [*COMMAND, "--port", "0", "--until-stdin-closes"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdin
    assert started.stdout

    said, _, address = started.stdout.readline().strip().partition(" ")

    assert said == "Sandbox:"
    assert Caller(address).get("/v1/account").status == 200
    started.stdin.close()
    assert started.wait(10) == 0
    started.stdout.close()


def test_a_taken_port_is_one_clear_line() -> None:
    other = Sandbox(customers=12, months=1, now=NOW)
    port = urlsplit(other.start()).port

    ended = subprocess.run([*COMMAND, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=30)

    other.stop()
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert str(port) in ended.stderr


def test_a_stopped_sandbox_answers_nobody() -> None:
    sandbox = Sandbox(customers=12, months=1, now=NOW)
    address = sandbox.start()
    sandbox.stop()

    try:
        Caller(address).get("/v1/account")
    except ConnectionError:
        return
    raise AssertionError("it still answers")


def test_the_help_tells_how_large_the_business_is() -> None:
    ended = subprocess.run([*COMMAND[:3], "--help"], cwd=ROOT, capture_output=True, text=True, timeout=30)

    told = " ".join(ended.stdout.split())
    assert "(default 500)" in told
    assert "(default 24)" in told
