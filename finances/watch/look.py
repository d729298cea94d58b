"""Look at the facts; open and close incidents. The words go out by `finances.watch.alerts`."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from finances.models import Alert, Incident
from finances.reads.sync_health import facts, put_aside_since
from finances.watch.alerts import alerts_for
from finances.watch.conditions import CONDITIONS

REST = timedelta(minutes=5)
"""So long after its end a kind of incident does not begin anew: what goes on and off is one message, not twenty."""
TELL_AGAIN = timedelta(hours=6)
"""What is put aside after people were told of a quarantine is told too, so long after the message before: while one
event stays there for weeks, all the others would come without a word."""


def look(now: datetime) -> None:
    """Any number of workers may look at the same time: an incident is opened by one of them and closed by one."""
    found = facts(now)
    known = list(Incident.objects.filter(Q(closed_at=None) | Q(closed_at__gt=now - REST)))
    is_open = {each.kind: each for each in known if each.closed_at is None}
    resting = {each.kind for each in known if each.closed_at is not None}
    for kind, condition in CONDITIONS.items():
        incident = is_open.get(kind)
        sentence = condition(found, incident is not None)
        if incident and not sentence:
            _close(incident, now)
        elif incident and kind == Incident.Kind.QUARANTINE and _has_grown(incident, now):
            _begin_anew(incident, sentence, now)
        elif incident and sentence != incident.sentence:
            Incident.objects.filter(pk=incident.pk, closed_at=None).update(sentence=sentence)
        elif sentence and not incident and kind not in resting:
            _open(kind, sentence, now)


def _open(kind: str, sentence: str, now: datetime) -> None:
    with transaction.atomic():
        # The partial unique index lets one stand; the id of a row that lost against it is nobody's.
        Incident.objects.bulk_create([Incident(kind=kind, sentence=sentence, opened_at=now)], ignore_conflicts=True)
        incident = Incident.objects.select_for_update().filter(kind=kind, closed_at=None).first()
        if incident:
            Alert.objects.bulk_create(alerts_for(incident, Alert.Moment.BEGIN, now), ignore_conflicts=True)


def _has_grown(incident: Incident, now: datetime) -> bool:
    return incident.opened_at <= now - TELL_AGAIN and put_aside_since(incident.opened_at)


def _begin_anew(incident: Incident, sentence: str, now: datetime) -> None:
    """Nobody is told of an end: it is none."""
    with transaction.atomic():
        if Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=now):
            _open(incident.kind, sentence, now)


def _close(incident: Incident, now: datetime) -> None:
    with transaction.atomic():
        if Incident.objects.filter(pk=incident.pk, closed_at=None).update(closed_at=now):
            Alert.objects.bulk_create(alerts_for(incident, Alert.Moment.END, now), ignore_conflicts=True)
