"""A large business lies on the shelf, not in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.mark.long
def test_two_thousand_customers_with_two_years_stay_small() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.sandbox", "2000"]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)

    assert json.loads(ended.stdout)["megabytes"] < 170
