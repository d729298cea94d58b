"""Process deliveries once more: asked for, spread by a worker, ended when each of them has a result.

To spread is to put deliveries back among the due ones, so the work on each is the usual one: read the object anew,
mirror it. Five hundred at a time, the place saved with each page, so that a worker that dies costs one page.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from finances import audit, mirror, wakeups
from finances.gateway import calls_a_second
from finances.models import Delivery, Replay, ReplayedDelivery, WakeUp
from finances.reads.keyset import capped_count
from finances.reads.webhooks import MOST_CUSTOMERS, Conditions, deliveries_matching
from finances.redaction import without_keys
from finances.tickets import locked

PAGE = 500
MOST_COUNTED = 10_000
State = Delivery.State
SETTLED = (State.PROCESSED, State.IGNORED, State.QUARANTINED)
PUT_BACK = (*SETTLED, State.WAITING)
"""The others are on their way anyway: putting them back would take them from the worker that has them."""


class Estimate(NamedTuple):
    """What would be processed again; each number counted up to 10,000, a greater one means "more than that".

    `events`: those that may have an effect here. `left_out`: those of another mode or account, which may have none;
    `events` and `left_out` together are what the list counts (`finances.reads.webhooks.deliveries_matching`).
    `calls`: one for each object, what hangs on it not counted. `takes`: at what the gateway may ask of Stripe.
    """

    events: int
    objects: int
    calls: int
    takes: timedelta
    left_out: int = 0

    @property
    def more(self) -> bool:
        return self.events > MOST_COUNTED


class TooManyCustomers(ValueError):
    """Words mean more customers than a replay can hold, and to leave some out would be done without a word.

    `str` of it is the sentence for people. Before it is asked for, `Conditions.resolved().cut` tells.
    """

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nothing was done: these words mean more than %(most)s customers, and the others would be left out. "
                "Use more words, a customer's id, or other conditions."
            )
            % {"most": MOST_CUSTOMERS}
        )


def estimate(conditions: Conditions, now: datetime) -> Estimate:
    """Three queries, one more for words and one for the account."""
    matching, own = _as_of(now, deliveries_matching(conditions)), _eligible()
    rows = matching.filter(own)
    objects = rows.exclude(object_id="").order_by().values("object_type", "object_id").distinct()[:MOST_COUNTED].count()
    takes = timedelta(seconds=-(-objects // calls_a_second()))
    left_out = capped_count(matching.exclude(own), MOST_COUNTED)
    return Estimate(capped_count(rows, MOST_COUNTED), objects, objects, takes, left_out)


def request_replay(conditions: Conditions, *, now: datetime, by: User | None = None, reason: str = "") -> Replay:
    """A queued replay of what matches and was received until now. The caller has checked the permission.

    Raises TooManyCustomers.
    """
    conditions = conditions.resolved()
    if conditions.cut:
        raise TooManyCustomers
    found = estimate(conditions, now)
    events = found.events + found.left_out
    with transaction.atomic():
        replay = Replay.objects.create(
            conditions=conditions.as_json(), requested_by=by, reason=without_keys(reason), estimate=events, asked_at=now
        )
        asked = conditions.as_json()
        typed = {"reason": reason, "failed_with": asked.pop("reason", "")}
        audit.record(
            "paydesk.replay.requested",
            at=now,
            actor=by,
            target=conditions.event_id,
            detail={"replay": str(replay.pk), "conditions": asked, "estimate": events},
            personal=typed,
        )
        wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    return replay


def spread_due(clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> int:
    """Spread what was asked for and end what is done. How much there was to do; 0 when nothing is left to do now."""
    done = 0
    while not stop() and _spread_page(clock()):
        done += 1
    return done + _end_what_is_done(clock())


def note_results(event_ids: Iterable[str], state: str, result: str, now: datetime) -> None:
    """What became of deliveries, in every replay that waits for it. Call it in the transaction that settles them."""
    ReplayedDelivery.objects.filter(delivery__in=list(event_ids), state="").update(state=state, result=result, at=now)


def _spread_page(now: datetime) -> bool:
    """Put the next page of the oldest replay back. False when there is none to put back now.

    One transaction without a call, the replay's row locked in it: no lease, a worker that dies leaves nothing behind.
    A replay's page is through before its next one comes, so that what Stripe sends meanwhile waits behind one page of
    old deliveries, not behind ten thousand.
    """
    on_the_way = Delivery.objects.filter(replay=OuterRef("pk"), state__in=(State.RECEIVED, State.PROCESSING))
    due = Replay.objects.filter(~Exists(on_the_way), state__in=Replay.UNFINISHED, spread=False)
    with transaction.atomic():
        replay = locked(due).order_by("asked_at").first()
        if replay is None:
            return False
        conditions = Conditions.from_json(replay.conditions)
        matched = _as_of(replay.asked_at, deliveries_matching(conditions)).filter(pk__gt=replay.place)
        page = list(matched.order_by("pk").values_list("pk", flat=True)[:PAGE])
        event_ids = _put_back(page, replay)
        replay.state, replay.started_at = Replay.State.RUNNING, replay.started_at or now
        replay.total += len(event_ids)
        replay.skipped += len(page) - len(event_ids)
        replay.place = page[-1] if page else replay.place
        replay.spread = len(page) < PAGE
        if replay.spread and replay.estimate <= MOST_COUNTED:
            # Those too that matched when it was asked for and no longer do.
            replay.skipped = max(replay.skipped, replay.estimate - replay.total)
        replay.save(update_fields=["state", "started_at", "total", "skipped", "place", "spread"])
        if event_ids:
            wakeups.wake(WakeUp.Kind.DELIVERIES, now=now)
    return True


def _put_back(page: list[str], replay: Replay) -> list[str]:
    """Those of the page that were put back. Locked first: one that a worker claims meanwhile is on its way."""
    back = Delivery.objects.filter(_eligible(), pk__in=page, state__in=PUT_BACK).order_by("pk").select_for_update()
    event_ids = list(back.values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=event_ids).update(
        state=State.RECEIVED,
        tries=0,
        reason="",
        outcome="",
        next_try_at=None,
        lease_until=None,
        processed_at=None,
        replay=replay,
    )
    ReplayedDelivery.objects.bulk_create(
        [ReplayedDelivery(replay=replay, delivery_id=event_id) for event_id in event_ids]
    )
    return event_ids


def _eligible() -> Q:
    """Those that may have an effect here: of our mode and account. One query."""
    return Q(account_id__in=["", mirror.known_account_id() or ""], livemode=settings.STRIPE_LIVE_MODE)


def _as_of(asked_at: datetime, rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that were here and were what they are now, but for one that failed again since: nothing tells when."""
    settled = Q(processed_at__isnull=True) | Q(processed_at__lte=asked_at)
    return rows.filter(settled, received_at__lte=asked_at)


def may_have_effect(delivery: Delivery) -> bool:
    """Of our mode and account. One query."""
    own = ("", mirror.known_account_id() or "")
    return delivery.livemode == settings.STRIPE_LIVE_MODE and delivery.account_id in own


def _end_what_is_done(now: datetime) -> int:
    """Replays without an open result end, with an audit row each. How many there were."""
    ended = 0
    for replay in Replay.objects.filter(state__in=Replay.UNFINISHED, spread=True):
        _note_stragglers(replay, now)
        ended += _end(replay, now)
    return ended


def _note_stragglers(replay: Replay, now: datetime) -> None:
    """Results that nobody noted, of deliveries that were settled since they were put back."""
    open_ones = Exists(ReplayedDelivery.objects.filter(replay=replay, delivery=OuterRef("pk"), state=""))
    for row in Delivery.objects.filter(open_ones, state__in=SETTLED).defer("payload")[:PAGE]:
        note_results([row.pk], row.state, row.reason or row.outcome, row.processed_at or now)


def _end(replay: Replay, now: datetime) -> bool:
    results = ReplayedDelivery.objects.filter(replay=replay)
    if results.filter(state="").exists():
        return False
    quarantined = results.filter(state=State.QUARANTINED).count()
    state = Replay.State.PARTIAL if quarantined else Replay.State.COMPLETE
    with transaction.atomic():
        # Conditional: of two workers that see the last result, one records the end.
        if not Replay.objects.filter(pk=replay.pk, state__in=Replay.UNFINISHED).update(state=state, finished_at=now):
            return False
        detail = {"replay": str(replay.pk), "deliveries": replay.total, "skipped": replay.skipped}
        audit.record(f"paydesk.replay.{state}", at=now, actor=None, detail=detail | {"quarantined": quarantined})
    return True
