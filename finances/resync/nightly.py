"""When the sample of a night is asked for."""

from contextlib import suppress
from datetime import datetime, time, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finances.models import ObjectState, ResyncRun
from finances.resync.control import NotPossible, cancel
from finances.resync.request import request_resync

SAMPLE = "sample"
REASON = gettext_lazy("Nightly sample")
NIGHT = time(3)
"""In the account's zone: from then on a day's sample is due."""


def is_nightly(run: ResyncRun) -> bool:
    """Asked for by the schedule: a command and a person can ask for a sample too."""
    return run.target == SAMPLE and run.requested_by_id is None and run.reason == str(REASON)


def sample_when_due(now: datetime, zone: tzinfo) -> ResyncRun | None:
    """Ask for the day's sample, by nobody; None when it was asked for already, or is not due yet.

    Due from three o'clock on in `zone`, at the first look after it: a worker that was off at night makes up for it. Any
    number of workers may look, one run comes of it. Nothing is due where nothing was ever
    read, or while everything is: it would find what is on its way.
    """
    today = now.astimezone(zone)
    night = datetime.combine(today.date(), NIGHT, zone)
    if today < night or not ObjectState.objects.exists():
        return None
    reading = ResyncRun.objects.filter(kind=ResyncRun.Kind.RESYNC, target="all", state__in=ResyncRun.UNFINISHED)
    # One that was paused before the night and forgotten reads nothing, and would be in the way for ever.
    if reading.exclude(state=ResyncRun.State.PAUSED, created_at__lt=night).exists():
        return None
    samples = ResyncRun.objects.filter(kind=ResyncRun.Kind.COMPARE, target=SAMPLE)
    if samples.filter(created_at__gte=night).exists():
        return None
    for paused in samples.filter(state=ResyncRun.State.PAUSED):
        # One that somebody paused and forgot would stand in the way of every later night.
        with suppress(NotPossible):
            cancel(paused.pk, now=now, by=None, reason=_("The sample of another night takes its place"))
    wanted = request_resync(SAMPLE, now=now, reason=str(REASON), kind=ResyncRun.Kind.COMPARE)
    return None if wanted.already_running else wanted.run
