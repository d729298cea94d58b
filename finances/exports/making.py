"""Make the files: one export at a time, claimed by a lease, begun anew where a worker died over it."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from finances import audit
from finances.exports.out import Lost, Out, Stopped, held
from finances.exports.request import detail_of
from finances.incidents import log_incident
from finances.models import Export, ExportPiece
from finances.tickets import lease_end, locked

logger = logging.getLogger(__name__)

MOST_TRIES = 4
PAUSE = timedelta(seconds=10)
"""After a surprise, until it is begun again."""
State = Export.State
Clock = Callable[[], datetime]
Maker = Callable[[Export, Out], None]

_makers: list[Maker] = []


class Refused(Exception):
    """There is no such file to make, and trying again would not help; `str` of it is the sentence for people."""


def made_by(maker: Maker) -> None:
    """The console says here how a file is made: it writes to an `Out`, and may raise Refused."""
    _makers[:] = [maker]


def make_due(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Make what was asked for until nothing is left or `stop` says so. How many were worked on."""
    worked = 0
    while not stop() and (export := claim_next(clock())):
        _make(export, clock, stop)
        worked += 1
    return worked


def claim_next(now: datetime) -> Export | None:
    """The oldest that nobody works on, claimed, nothing of a former try left of it; None when there is none."""
    due = Export.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now))
    if not due.exists():  # asked each second, and a transaction takes the write lock of SQLite
        return None
    with transaction.atomic():
        export = locked(due).order_by("asked_at", "pk").first()
        if export is None:
            return None
        export.state, export.claim, export.tries = State.RUNNING, export.claim + 1, export.tries + 1
        export.lease_until, export.started_at = lease_end(now), export.started_at or now
        export.total, export.rows, export.size = None, 0, 0
        export.save()
        ExportPiece.objects.filter(export=export).delete()
    return export


def next_due_at() -> datetime | None:
    """When one that a worker holds would be anybody's; None when there is none."""
    running = Export.objects.filter(state=State.RUNNING).order_by("lease_until")
    return running.values_list("lease_until", flat=True).first()


def _make(export: Export, clock: Clock, stop: Callable[[], bool]) -> None:
    out = Out(export, clock, stop)
    try:
        if export.tries > MOST_TRIES:
            raise Refused(
                _("It was begun %(times)s times and never came to its end. Narrow the list and ask again.")
                % {"times": MOST_TRIES}
            )
        _makers[0](export, out)
        _complete(export, out, clock())
    except Lost:
        return
    except Stopped:
        held(export).update(state=State.QUEUED, lease_until=None, tries=F("tries") - 1)
    except Refused as refused:
        _fail(export, str(refused), clock())
    except DatabaseError:
        raise  # the worker waits for the database; the lease runs out by itself
    except Exception as error:
        log_incident(logger, f"Export {export.pk}: begun again after an error", error)
        held(export).update(lease_until=clock() + PAUSE)


def _complete(export: Export, out: Out, now: datetime) -> None:
    with transaction.atomic():
        out.close()
        expires_at = now + timedelta(hours=settings.KEEP_EXPORTS_HOURS)
        if not held(export).update(state=State.COMPLETE, lease_until=None, finished_at=now, expires_at=expires_at):
            raise Lost
        detail = detail_of(export) | {"rows": out.rows, "size": out.size}
        audit.record("paydesk.export.complete", at=now, actor=None, detail=detail)


def _fail(export: Export, problem: str, now: datetime) -> None:
    with transaction.atomic():
        if not held(export).update(state=State.FAILED, lease_until=None, finished_at=now, problem=problem, size=0):
            return
        ExportPiece.objects.filter(export=export).delete()
        audit.record("paydesk.export.failed", at=now, actor=None, detail=detail_of(export))
