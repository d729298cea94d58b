"""Ask for an export, or take one away. The caller has checked the permission; a worker makes the file."""

import hashlib
import json
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from finances import audit, wakeups
from finances.models import Export, WakeUp

MOST = 20
"""Exports of a person that are under way or kept: each is a file in the database."""
State = Export.State


class Requested(NamedTuple):
    export: Export
    already_running: bool


class TooMany(ValueError):
    """The person has as many files as one may have."""


def request_export(list: str, *, format: str, conditions: str, zone: str, now: datetime, by: User) -> Requested:
    """A queued export, or the same one of this person that is not finished. Raises TooMany."""
    key = hashlib.sha256(json.dumps([list, format, conditions, zone]).encode()).hexdigest()
    theirs = Export.objects.filter(requested_by=by)
    unfinished = theirs.filter(key=key, state__in=Export.UNFINISHED)
    for _ in range(2):
        if running := unfinished.first():
            return Requested(running, already_running=True)
        if theirs.filter(state__in=(*Export.UNFINISHED, State.COMPLETE)).count() >= MOST:
            raise TooMany
        try:
            with transaction.atomic():
                export = Export.objects.create(
                    requested_by=by, list=list, format=format, conditions=conditions, zone=zone, key=key, asked_at=now
                )
                audit.record(
                    "paydesk.export.requested",
                    at=now,
                    actor=by,
                    detail=detail_of(export),
                    personal={"conditions": conditions},
                )
                wakeups.wake(WakeUp.Kind.EXPORTS, now=now)
        except IntegrityError:
            # The partial unique index says that the same one was asked for at the same moment.
            continue
        return Requested(export, already_running=False)
    if running := unfinished.first():
        return Requested(running, already_running=True)
    raise RuntimeError("Exports begin and end faster than one can be asked for.")


def remove(export: Export, *, now: datetime, by: User) -> None:
    """The row with its file. A worker that is making it finds that it is not its own any more, and stops."""
    with transaction.atomic():
        audit.record("paydesk.export.removed", at=now, actor=by, detail=detail_of(export))
        export.delete()


def detail_of(export: Export) -> dict[str, str]:
    """What the audit trail says of each."""
    return {"export": str(export.pk), "what": export.list, "format": export.format}
