"""Work on a comparison with Stripe's list of events: page by page, its place saved with what each page brought.

A worker that dies leaves its place on the row: the next one reads at most one page again.
"""

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from finances import wakeups
from finances.gateway import Gateway, Page
from finances.incidents import log_incident
from finances.models import CatchUp, Delivery, WakeUp
from finances.reads.catch_ups import STRIPE_KEEPS
from finances.stripe_problems import PlaceLost, Stopped, StripeFailed, StripeProblem
from finances.tickets import lease_end, locked
from finances.webhooks.intake import delivery_of, is_event_id, is_storable
from finances.webhooks.outages import take_up_again
from finances.webhooks.watermark import beginning, move_watermark

logger = logging.getLogger(__name__)
State = CatchUp.State
Clock = Callable[[], datetime]

ON_ITS_WAY = timedelta(seconds=60)
"""An event this young that is not here may be on its way: a scheduled comparison leaves it to the next one."""
UNDELIVERED = "undelivered"
END = "end"
MOST_UNDELIVERED = 20
"""Pages of what Stripe did not deliver: with another endpoint of the account broken it is as long as all events."""
MOST_LOST = 3
"""Times that a list is begun anew because the place in it is gone."""


class LostComparison(Exception):
    """Somebody else works on it by now."""


class Taken(NamedTuple):
    """`left`: when the oldest was made that is left to the next comparison."""

    held: int
    missed: int
    left: datetime | None


def claim_next(now: datetime, catch_up_id: int | None = None) -> CatchUp | None:
    """The comparison that is queued or was left by a worker that died (or the one asked for), claimed; else None."""
    due = CatchUp.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now))
    if catch_up_id:
        due = due.filter(pk=catch_up_id)
    if not due.exists():  # asked each second, and a transaction takes the write lock of SQLite
        return None
    with transaction.atomic():
        row = locked(due).order_by("created_at").first()
        if row is None:
            return None
        row.state, row.claim, row.lease_until = State.RUNNING, row.claim + 1, lease_end(now)
        row.save(update_fields=["state", "claim", "lease_until"])
    return row


def work_on(row: CatchUp, clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Go on from the saved place to the end, and record the end.

    Raises OperationalError when the database goes away: another worker then goes on.
    """
    gateway = Gateway(beat=lambda: _keep(row, lease_until=lease_end(clock())), stop=stop)
    lost = 0
    try:
        while row.place != END:
            if stop():
                raise Stopped
            try:
                _step(row, gateway, clock)
            except PlaceLost:
                lost += 1
                if lost > MOST_LOST:
                    raise
                _begin_anew(row)
        _complete(row, clock())
    except LostComparison:
        return
    except Stopped:
        with suppress(LostComparison):
            _keep(row, state=State.QUEUED, lease_until=None)  # the next worker need not wait for the lease
    except StripeProblem as problem:
        _fail(row, gateway, clock(), f"{problem.sentence} {problem.advice}")
    except OperationalError:
        raise
    except Exception as error:
        log_incident(logger, f"Comparison {row.pk} with Stripe's events stopped", error)
        said = _("Paydesk could not go on (%(error)s); the log has the details.")
        _fail(row, gateway, clock(), said % {"error": type(error).__name__})


def _step(row: CatchUp, gateway: Gateway, clock: Clock) -> None:
    """One page, newest first. What it brings, the counts and the place after it are one transaction."""
    listing, number, after = _place(row)
    page = _page(row, gateway, listing, after, clock())
    now = clock()
    with transaction.atomic():
        events = [it for it in [*page.objects, *page.nameless] if _is_event(it)]
        taken = _take(row, listing, events, now)
        changes = _counted(row, listing, events, taken)
        _keep(
            row,
            place=_following(row, listing, number, page),
            calls=row.calls + gateway.calls,
            lease_until=lease_end(now),
            **changes,
        )
        if taken.missed:
            wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    gateway.calls = 0


def _place(row: CatchUp) -> tuple[str, int, str]:
    """Which list, which of its pages, and the id after which it goes on. Stripe's ids have no colon."""
    listing, _, rest = row.place.partition(":")
    if listing != UNDELIVERED:
        return "", 0, row.place
    number, _, after = rest.partition(":")
    return UNDELIVERED, int(number), after


def _following(row: CatchUp, listing: str, number: int, page: Page) -> str:
    last = page.objects[-1]["id"] if page.has_more else ""
    if listing == UNDELIVERED:
        return f"{UNDELIVERED}:{number + 1}:{last}" if last and number + 1 < MOST_UNDELIVERED else END
    return last or (f"{UNDELIVERED}:0:" if _wants_undelivered(row) else END)


def _wants_undelivered(row: CatchUp) -> bool:
    """What Stripe itself says it could not deliver: at each start, for each person, and once an hour.

    It finds what Stripe listed too late for the overlap. Not where the window is all that Stripe has.
    """
    if row.since <= row.created_at - STRIPE_KEEPS:
        return False
    if row.cause != CatchUp.Cause.SCHEDULE:
        return True
    hour = row.created_at.replace(minute=0, second=0, microsecond=0)
    earlier = CatchUp.objects.filter(created_at__gte=hour, state=State.COMPLETE).exclude(pk=row.pk)
    return not earlier.exists()


def _page(row: CatchUp, gateway: Gateway, listing: str, after: str, now: datetime) -> Page:
    # No upper bound: it would be our clock's, and events of a Stripe whose clock is ahead would be left out.
    since = beginning(now) if listing == UNDELIVERED else row.since
    filters: dict[str, Any] = {"created": {"gte": int(since.timestamp())}}
    if listing == UNDELIVERED:
        filters["delivery_success"] = False
    page = gateway.page("event", after=after, **filters)
    if page.has_more and after and page.objects[-1]["id"] == after:
        # To go on after the same event once more would never end.
        raise StripeFailed(_("Stripe gave the same page of a list again."))
    return page


def _is_event(it: dict[str, Any]) -> bool:
    """One that is not must not keep the others from being read for thirty days."""
    data, made = it.get("data"), it.get("created")
    about = data.get("object") if isinstance(data, dict) else None
    named = is_event_id(it["id"]) and re.fullmatch(r"[!-~]{1,255}", str(it.get("type")))
    if named and type(made) is int and 0 <= made < 2**33 and isinstance(about, dict):
        return True
    logger.error("Stripe's list of events holds something that is none: %.64r", it["id"])
    return False


def _take(row: CatchUp, listing: str, events: list[dict[str, Any]], now: datetime) -> Taken:
    """Put into the inbox what is not there. Sets of ids, not times: those of one second have no order."""
    known = _found_by(events)
    unknown = [event for event in events if event["id"] not in known]
    left = [event for event in unknown if _may_be_on_its_way(row, event, now)]
    new = [event for event in unknown if event not in left]
    if listing == UNDELIVERED:  # those that were here already are counted in the window, or are not in it
        known = {}
    if new:
        Delivery.objects.bulk_create([_delivery(row, event, now) for event in new], ignore_conflicts=True)
        known |= _found_by(new)  # a webhook may have been quicker
    missed = sum(found_by == row.pk for found_by in known.values())
    return Taken(len(known) - missed, missed, min(map(_made_at, left), default=None))


def _may_be_on_its_way(row: CatchUp, event: dict[str, Any], now: datetime) -> bool:
    return row.cause == CatchUp.Cause.SCHEDULE and abs(now - _made_at(event)) < ON_ITS_WAY


def _found_by(events: list[dict[str, Any]]) -> dict[str, int | None]:
    """Of those that are here: which comparison found them, if one did. One query."""
    ids = [event["id"] for event in events]
    return dict(Delivery.objects.filter(pk__in=ids).values_list("pk", "found_by"))


def _delivery(row: CatchUp, event: dict[str, Any], now: datetime) -> Delivery:
    delivery = delivery_of(event, now, attempts=0)
    delivery.found_by = row
    if not is_storable(event):
        delivery.payload = {}  # its id is enough to read the object anew
    return delivery


def _made_at(event: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["created"], UTC)


def _counted(row: CatchUp, listing: str, events: list[dict[str, Any]], taken: Taken) -> dict[str, Any]:
    """`newest_at` is as far as the watermark may go: not beyond the oldest event that was left."""
    changes: dict[str, Any] = {
        "listed": row.listed + taken.held + taken.missed,
        "held": row.held + taken.held,
        "missed": row.missed + taken.missed,
    }
    if listing == UNDELIVERED:
        return changes
    if taken.left:
        changes |= {"newest_at": taken.left - timedelta(seconds=1), "newest_event_id": ""}
    elif events and row.newest_at is None:
        changes |= {"newest_at": _made_at(events[0]), "newest_event_id": events[0]["id"]}
    return changes


def _begin_anew(row: CatchUp) -> None:
    """The event of the place is past Stripe's 30 days by now."""
    listing, number, _ = _place(row)
    if listing == UNDELIVERED:
        _keep(row, place=f"{UNDELIVERED}:{number}:")
    else:
        # What it found already counts once more as missed, since it stands there as found by this one.
        _keep(row, place="", listed=0, held=0, missed=0, newest_at=None, newest_event_id="")


def _keep(row: CatchUp, **changes: Any) -> None:
    """On the row, as long as it is ours: raises LostComparison when it is not."""
    if not CatchUp.objects.filter(pk=row.pk, claim=row.claim, state=State.RUNNING).update(**changes):
        raise LostComparison
    for name, value in changes.items():
        setattr(row, name, value)


def _fail(row: CatchUp, gateway: Gateway, now: datetime, problem: str) -> None:
    with suppress(LostComparison):
        calls = row.calls + gateway.calls
        _keep(row, state=State.FAILED, problem=problem, calls=calls, finished_at=now, lease_until=None)


def _complete(row: CatchUp, now: datetime) -> None:
    with transaction.atomic():
        move_watermark(row, now)
        take_up_again(now)
        _keep(row, state=State.COMPLETE, place="", finished_at=now, lease_until=None)
