"""What a delivery remembers of our tries: the latest fifty, on its own row."""

import json
import os
import socket
from datetime import datetime
from typing import Any

from django.db.models import F, Func, JSONField

from finances.webhooks.newest import with_one_more

MOST_KEPT = 50


def this_worker() -> str:
    """Host and process, as the worker's sign of life names it. Asked anew each time: a fork is another process."""
    return f"{socket.gethostname()[:48]}:{os.getpid()}"


class Appended(Func):
    """`try_log` and one entry more, the oldest dropped where there are fifty; goes into the UPDATE of the outcome."""

    output_field = JSONField()

    def __init__(
        self,
        *,
        at: datetime,
        worker: str,
        ms: int | None,
        calls: int | None,
        error: str = "",
        detail: str = "",
        outcome: str = "",
    ) -> None:
        """`at`: when the try began. `ms` and `calls` are None for a try whose worker ended, since nobody knows.

        `detail`: HTTP's status with Stripe's code and request id, as `StripeProblem.code`. `outcome`: of one that went.
        """
        super().__init__(F("try_log"))
        entry = {"at": at.isoformat(), "worker": worker, "ms": ms, "calls": calls, "error": error}
        entry |= {name: text for name, text in (("detail", detail), ("outcome", outcome)) if text}
        self._entry = json.dumps(entry, ensure_ascii=False)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **more: Any) -> tuple[str, tuple[Any, ...]]:
        log, parameters = compiler.compile(self.source_expressions[0])
        entry = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
        sql = with_one_more(log, entry, most=MOST_KEPT, vendor=connection.vendor)
        return sql, (*parameters * 3, self._entry)
