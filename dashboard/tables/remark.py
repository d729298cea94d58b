"""A short line that qualifies a status or an amount."""

from datetime import datetime
from typing import NamedTuple


class Remark(NamedTuple):
    """`words`, then the time `at` if there is one, written as `mode` says (see the `when` tag), then `after`."""

    words: str
    at: datetime | None = None
    mode: str = "date"
    after: str = ""
    tone: str = ""
