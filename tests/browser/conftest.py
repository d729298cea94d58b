"""The running demo, as a process of its own, and people in front of it: a browser for each role.

Each page that a test opens is watched: what the browser's console reports as an error fails the test, and so does what
the content security policy stops.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from dashboard.demo import PASSWORD
from tests.local_stripe import LocalStripe

ROOT = Path(__file__).resolve().parents[2]
ON_A_DAY = datetime(2026, 6, 18, 9, 30, tzinfo=UTC)  # a Thursday; months, ages and deadlines are always the same
PATIENCE = 240  # seconds for the demo to come up
WITHOUT_A_BROWSER = pytest.mark.skip(reason="PAYDESK_NO_BROWSER=1: no browser is to be used here")

PageFor = Callable[[str], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("PAYDESK_NO_BROWSER") == "1":
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(WITHOUT_A_BROWSER)


class Demo(NamedTuple):
    address: str
    stripe: LocalStripe
    """The demo's local Stripe; nothing happens in its business but what a test does."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`manage.py demo` as a person starts it, on ports and in a directory of its own, and on a day of its own."""
    place = tmp_path_factory.mktemp("demo")
    port, sandbox_port = _free_ports(2)
    # Nothing of the tests' environment: the demo makes its own secrets and its own database.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment |= {
        "PAYDESK_DEMO": "1",
        "DEMO_DIR": str(place / "data"),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "PAYDESK_EXPORT_AT_ONCE_ROWS": "100",  # so that the longer lists take a worker
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(Path(__file__).parent / "one_day"),
        "PAYDESK_TEST_SHIFT": str(ON_A_DAY.timestamp() - time.time()),
    }
    said = place / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_set_up(process, said)
        stripe = LocalStripe(f"http://127.0.0.1:{sandbox_port}")
        stripe._control("POST", "activity", {})
        yield Demo(f"http://127.0.0.1:{port}", stripe)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert " ERROR " not in said.read_text(), f"the demo said:\n{said.read_text()[-8000:]}"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_until_set_up(process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while "Set-up took" not in said.read_text():
        if process.poll() is not None:
            pytest.fail(f"The demo ended with {process.returncode}. It said:\n{said.read_text()}", pytrace=False)
        if time.monotonic() > until:
            pytest.fail(f"The demo did not come up within {PATIENCE} s. It said:\n{said.read_text()}", pytrace=False)
        time.sleep(0.1)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium; Playwright need not have downloaded one."""
    return browser_type_launch_args | {
        "executable_path": "/usr/bin/chromium",
        "headless": True,
        "args": [
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], demo: Demo) -> dict[str, Any]:
    return browser_context_args | {
        "base_url": demo.address,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "reduced_motion": "reduce",
    }


class Complaints:
    """What the browsers' consoles said was wrong. `expected`: what a test brings about, as a pattern."""

    def __init__(self) -> None:
        self.expected: list[str] = []
        self._heard: list[str] = []

    def listen_to(self, page: Page) -> None:
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) =>"
            " console.error(`stopped by the policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}`))"
        )
        page.on("console", lambda message: self._hear(page, message))
        page.on("pageerror", lambda error: self._heard.append(f"{page.url}: {error}"))

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self._heard.append(f"{page.url}: {message.text} {message.location.get('url', '')}")

    def unexpected(self) -> list[str]:
        return [it for it in self._heard if not any(re.search(pattern, it) for pattern in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    heard = complaints.unexpected()
    assert heard == [], "\n".join(heard)


@pytest.fixture(scope="session")
def desks(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[dict[str, BrowserContext]]:
    """By role, the browser in front of somebody who has logged in: it keeps its cookies and its cache."""
    desks: dict[str, BrowserContext] = {}
    yield desks
    for context in desks.values():
        context.close()


@pytest.fixture
def page_for(
    browser: Browser, browser_context_args: dict[str, Any], desks: dict[str, BrowserContext], complaints: Complaints
) -> Iterator[PageFor]:
    """A page in front of `support`, `finance` or `admin`, logged in; without a role, of a stranger."""
    pages: list[Page] = []

    def open_page(role: str = "") -> Page:
        context = desks.get(role)
        if context is None:
            context = browser.new_context(**browser_context_args)
            context.set_default_timeout(30_000)
            if role:
                desks[role] = context
                first = context.new_page()
                log_in(first, role)
                first.close()
        page = context.new_page()
        complaints.listen_to(page)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def log_in(page: Page, role: str) -> None:
    """By the form, as a person does."""
    page.goto("/console/login/")
    page.get_by_label("Username").fill(f"{role}@paydesk.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/console/")


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config) -> Path:
    """Where each page leaves its picture, for people to look at."""
    return Path(pytestconfig.getoption("--output")) / "pictures"


@pytest.fixture(scope="session")
def ada(demo: Demo) -> dict[str, Any]:
    """Ada Lovelace, as Stripe has her."""
    return demo.stripe.get("/v1/customers", email="ada@analytical.example")["data"][0]
