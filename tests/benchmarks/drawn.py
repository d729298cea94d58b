"""The overview as a browser draws it: from the request to its last chart, in Chromium, by gunicorn, on this machine."""

import shutil
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.kept_data import data_environment
from tests.processes.services import Web

ROUNDS = 9
TARGET = 1_500  # milliseconds
OVERVIEW = "/console/"
ALL_DRAWN = "() => document.documentElement.dataset.plots === 'ready' && performance.now()"

Figures = dict[str, Any]


def measure(url: str, directory: Path, cookie: str) -> Figures | None:
    """Milliseconds: the first time, with an empty cache; median and highest of later ones. None: no Chromium."""
    chromium = shutil.which("chromium")
    if not chromium:
        return None
    web = Web(data_environment(url, directory))
    web.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": web.address}])
            page = context.new_page()
            first, *others = (_drawn(page, web.address) for _ in range(ROUNDS + 1))
            browser.close()
    finally:
        web.stop()
    return {"first_ms": round(first), "ms": round(statistics.median(others)), "highest_ms": round(max(others))}


def _drawn(page: Page, address: str) -> float:
    page.goto(address + OVERVIEW, wait_until="commit")
    return float(page.wait_for_function(ALL_DRAWN, polling="raf").json_value())
