"""Tell people that an incident began or ended: by e-mail and in the team's chat, once each.

The message is a row before it is sent, so a worker that dies leaves it to the next one. A send holds no transaction.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finances.models import Alert, Incident
from finances.watch.conditions import ADVICE, Kind, span
from finances.watch.ways import TooSlow, by_email, to_chat

logger = logging.getLogger(__name__)

MOST_TRIES = 5
FIRST_PAUSE = timedelta(minutes=1)
"""From one try to the next; twice as long after each."""
SEND: dict[str, Callable[[str, str], None]] = {Alert.Way.EMAIL: by_email, Alert.Way.CHAT: to_chat}
HEADINGS = {
    Kind.LAG: gettext_lazy("behind Stripe"),
    Kind.SILENCE: gettext_lazy("no events"),
    Kind.QUARANTINE: gettext_lazy("events in quarantine"),
    Kind.NO_WEBHOOKS: gettext_lazy("events come without webhooks"),
    Kind.GAP: gettext_lazy("events are lost"),
    Kind.WRONG_MODE: gettext_lazy("events of another mode or account"),
    Kind.REFUSED: gettext_lazy("webhooks are refused"),
    Kind.STRIPE: gettext_lazy("Stripe does not answer"),
}


def ways() -> list[Alert.Way]:
    """Those that this deployment is set up for."""
    wanted = {Alert.Way.EMAIL: settings.ALERT_EMAILS, Alert.Way.CHAT: settings.ALERT_CHAT}
    return [way for way, target in wanted.items() if target]


def alerts_for(incident: Incident, moment: Alert.Moment, now: datetime) -> list[Alert]:
    return [Alert(incident=incident, moment=moment, way=way, next_try_at=now) for way in ways()]


def tell(clock: Callable[[], datetime]) -> int:
    """Send what is due; how many went. A way that fails is left alone until the next call, so one call lasts no longer
    than one time-out of each way (`ways.PATIENCE`)."""
    sent, down = 0, set[str]()
    for alert in _due(clock()):
        if alert.way in down or not _claim(alert, clock()):
            continue
        try:
            SEND[alert.way](*words(alert.incident, alert.moment))
        except Exception as error:
            # Its text may hold the address of the chat or of a person.
            down.add(alert.way)
            # Without an answer it may have arrived all the same: once more, and not five times.
            in_all = MOST_TRIES if isinstance(error, TooSlow) and alert.tries else alert.tries + 1
            Alert.objects.filter(pk=alert.pk).update(problem=type(error).__name__[:64], tries=in_all)
            logger.warning("Alert %s did not go out by %s: %s", alert.pk, alert.way, type(error).__name__)
        else:
            Alert.objects.filter(pk=alert.pk).update(sent_at=clock(), problem="")
            sent += 1
    return sent


def _due(now: datetime) -> list[Alert]:
    """The oldest first; an incident's end only once its beginning went out by the same way, or was given up."""
    open_ones = Alert.objects.filter(sent_at=None, tries__lt=MOST_TRIES, way__in=ways()).select_related("incident")
    found, waiting = [], set[tuple[int, str]]()
    for alert in open_ones.order_by("incident_id", "moment", "pk"):
        if (alert.incident_id, alert.way) not in waiting and alert.next_try_at <= now:
            found.append(alert)
        waiting.add((alert.incident_id, alert.way))
    return found


def _claim(alert: Alert, now: datetime) -> bool:
    """Whether this worker may send it. Until the pause is over no other one may, and then only if it did not go."""
    pause = FIRST_PAUSE * 2**alert.tries
    still_ours = Q(pk=alert.pk, sent_at=None, tries=alert.tries)
    return bool(Alert.objects.filter(still_ours).update(tries=F("tries") + 1, next_try_at=now + pause))


def words(incident: Incident, moment: str) -> tuple[str, str]:
    """Subject and text. Ids and counts only: mail and chat are read by more people than the console."""
    kind = Kind(incident.kind)
    mode = _("live mode") if settings.STRIPE_LIVE_MODE else _("test mode")
    facts = {"mode": mode, "what": HEADINGS[kind], "sentence": incident.sentence}
    if moment == Alert.Moment.BEGIN:
        subject = _("Paydesk (%(mode)s): %(what)s") % facts
        lines = [incident.sentence, str(ADVICE[kind])]
    else:
        subject = _("Paydesk (%(mode)s): over: %(what)s") % facts
        lasted = span((incident.closed_at or incident.opened_at) - incident.opened_at)
        over = _("This is over after %(time)s. At the last look it was: %(sentence)s")
        lines = [over % (facts | {"time": lasted})]
    if settings.CONSOLE_URL:
        lines.append(f"{settings.CONSOLE_URL}/console/sync-health/")
    return subject, "\n\n".join(lines)
