"""The twelve journeys of docs/journeys.md. `PAYDESK_WRITE_JOURNEYS=1` writes it and its pictures anew; any other run
holds them to it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import PageFor
from tests.browser.journeys import document
from tests.browser.journeys.journey import Journey, Taken

WRITES = os.environ.get("PAYDESK_WRITE_JOURNEYS") == "1"

Travel = Callable[[str, str], Journey]


@pytest.fixture(scope="session")
def taken() -> Iterator[list[Taken]]:
    """The journeys of this run."""
    taken: list[Taken] = []
    yield taken
    if WRITES:
        document.write(taken)


@pytest.fixture
def travel(page_for: PageFor) -> Travel:
    """Begin a journey: who asks, and what."""
    return lambda who, question: Journey(page_for(who), who, question)


@pytest.fixture
def arrive(request: pytest.FixtureRequest, taken: list[Taken], pictures: Path) -> Callable[..., None]:
    """The end of a journey: its answer on the page, and that it took as much as the document says."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")

    def end(journey: Journey, answer: Locator, *also: Locator) -> None:
        kept = document.PICTURES / f"{name}.png"
        it = journey.end(name, answer, kept if WRITES else pictures / f"journey-{name}.png", *also)
        taken.append(it)
        if not WRITES:
            anew = "run PAYDESK_WRITE_JOURNEYS=1 pytest tests/browser/journeys where that is meant"
            assert document.efforts().get(it.question) == (it.clicks, it.keys), f"docs/journeys.md differs: {anew}"
            assert kept.exists(), f"its picture is missing: {anew}"

    return end
