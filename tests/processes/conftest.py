from collections.abc import Iterator

import pytest

from tests.processes.deployment import Deployment
from tests.processes.postgresql import binaries

KILLS = pytest.StashKey[list[tuple[str, str, float, int, int, int]]]()


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """One for all tests here; each leaves it running, with nothing left to do."""
    if binaries() is None:
        pytest.skip("no PostgreSQL binaries here; these tests kill a server of their own")
    with Deployment() as deployed:
        yield deployed


@pytest.fixture(scope="session")
def kills(request) -> list[tuple[str, str, float, int, int, int]]:
    """Of each kill: whom, where, seconds until all was well, events, how many of them were lost and doubled."""
    return request.config.stash.setdefault(KILLS, [])


def pytest_terminal_summary(terminalreporter, config) -> None:
    kills = config.stash.get(KILLS, [])
    if not kills:
        return
    terminalreporter.write_line("")
    terminalreporter.write_line("kill -9                                          well after  events  lost  doubled")
    for victim, point, seconds, events, lost, doubled in kills:
        terminalreporter.write_line(f"  {victim:12} {point:32} {seconds:9.1f} s {events:7} {lost:5} {doubled:8}")
