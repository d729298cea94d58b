"""Named points at which a process stops for good, so that it can be killed just there.

The product knows nothing of it: the launchers (`wsgi`, `work`) put a stop around its functions. A file `armed <point>`
in $PAYDESK_STOPS lets the first that comes by stop; it becomes `here <point>`, and the process goes on when that is
gone. A function that was renamed is an AttributeError at the start.
"""

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

WEB = ("before insert", "before commit", "before the answer")
WORKER = ("after claim", "after fetch", "after write", "after done")


def put_into_the_web_server() -> None:
    from django.db import transaction

    from finances.webhooks import endpoint, intake

    _wrap(intake, "_keep", lambda keep, *given, **named: (_stop_at("before insert"), keep(*given, **named))[1])

    def keep_uncommitted(keep: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if not _armed("before commit").exists():
            return keep(*given, **named)
        with transaction.atomic():  # else the statement is its own transaction, with nothing between
            kept = keep(*given, **named)
            _stop_at("before commit")
        return kept

    _wrap(intake, "_keep", keep_uncommitted)
    _stop_after(endpoint, "take_in", "before the answer")


def put_into_the_worker() -> None:
    from finances.mirror import writing
    from finances.webhooks import one_object, processing

    _stop_after(processing, "claim_next", "after claim")
    _stop_after(writing, "fetch", "after fetch")
    # The object is written and what came of its deliveries is not, in a transaction that is open.
    _wrap(one_object, "settle", lambda settle, *given, **named: (_stop_at("after write"), settle(*given, **named))[1])
    _stop_after(processing, "process", "after done")


def arm(directory: Path, point: str) -> None:
    (directory / f"armed {point}").touch()


def is_here(directory: Path, point: str) -> bool:
    return (directory / f"here {point}").exists()


def let_go(directory: Path, point: str) -> None:
    (directory / f"here {point}").unlink()


def _wrap(module: ModuleType, name: str, around: Callable[..., Any]) -> None:
    original = getattr(module, name)

    @wraps(original)
    def wrapped(*given: Any, **named: Any) -> Any:
        return around(original, *given, **named)

    setattr(module, name, wrapped)


def _stop_after(module: ModuleType, name: str, point: str) -> None:
    """Nothing claimed is no claim, so an empty answer is passed by."""

    def around(original: Callable[..., Any], *given: Any, **named: Any) -> Any:
        answer = original(*given, **named)
        if answer:
            _stop_at(point)
        return answer

    _wrap(module, name, around)


def _armed(point: str) -> Path:
    return Path(os.environ["PAYDESK_STOPS"]) / f"armed {point}"


def _stop_at(point: str) -> None:
    here = Path(os.environ["PAYDESK_STOPS"]) / f"here {point}"
    try:
        _armed(point).rename(here)
    except FileNotFoundError:  # not armed, or another thread stopped there
        return
    while here.exists():
        time.sleep(0.02)
