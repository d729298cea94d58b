"""Every guarantee that docs/guarantees.md gives is shown by something that can fail."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GIVEN = re.findall(r"^\| ([A-E]\d+) \|", (ROOT / "docs/guarantees.md").read_text(), re.MULTILINE)
SOURCES = {path: path.read_text() for path in (ROOT / "tests").rglob("*.py")}


def shown(source: str) -> set[str]:
    """The ids in its `guarantee("A5", ...)` marks."""
    marks = " ".join(re.findall(r"guarantee\(([^)]*)\)", source))
    return set(re.findall(r'"([A-E]\d+)"', marks))


def test_there_are_guarantees_to_look_for():
    assert len(GIVEN) >= 16


@pytest.mark.parametrize("guarantee", GIVEN)
def test_a_guarantee_is_shown_by_a_test(guarantee):
    assert [path for path, source in SOURCES.items() if guarantee in shown(source)]


def test_no_test_claims_a_guarantee_that_is_not_given():
    claimed = set().union(*(shown(source) for path, source in SOURCES.items() if path != Path(__file__)))

    assert claimed <= set(GIVEN)
