"""The sync in words: its state in one sentence, and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import EN_DASH, capped, duration
from dashboard.tables.remark import Remark
from finances.metrics.deliveries import TARGET, Spread
from finances.models import Incident, WorkerHeartbeat
from finances.reads.backlog import Backlog
from finances.reads.daily_totals import Waiting
from finances.reads.freshness import Lag
from finances.reads.rate_budget import RateBudgetState
from finances.reads.sync_health import Facts
from finances.watch.alerts import ways
from finances.watch.conditions import ADVICE, CONDITIONS, Kind

TITLES = {
    Kind.GAP: gettext_lazy("Events are lost"),
    Kind.LAG: gettext_lazy("Behind Stripe"),
    Kind.STRIPE: gettext_lazy("Stripe does not answer"),
    Kind.NO_WEBHOOKS: gettext_lazy("Events come without webhooks"),
    Kind.SILENCE: gettext_lazy("No events"),
    Kind.REFUSED: gettext_lazy("Webhooks are refused"),
    Kind.WRONG_MODE: gettext_lazy("Events of another mode or account"),
    Kind.QUARANTINE: gettext_lazy("Events in quarantine"),
}


@dataclass(frozen=True)
class Sentence:
    """The state of the sync: `tone`, the bold `fact`, and the rest."""

    tone: str
    fact: str
    text: str


def totals_in_words(waiting: Waiting, now: datetime) -> Sentence | None:
    """Of daily totals that nobody sums; None while somebody does."""
    if waiting.since is None or not waiting.is_late(now):
        return None
    fact = ngettext(
        "%(days)s day changed and no worker has summed them for %(time)s.",
        "%(days)s days changed and no worker has summed them for %(time)s.",
        waiting.days,
    )
    return Sentence(
        "warning",
        fact % {"days": waiting.days, "time": duration(now - waiting.since)},
        _("The overview's figures are right: it reads these days row by row, which takes longer."),
    )


def as_of_now(incidents: Sequence[Incident], lag: Lag, quarantined: int, now: datetime) -> list[Incident]:
    """Their sentences may be half a minute old. Those whose figures stand beside them are worded anew from these, and
    left out where they are over: the workers' next look closes them. Nothing is stored."""
    live, found = Facts(now=now, lag=lag, quarantined=quarantined), []
    for incident in incidents:
        if incident.kind in (Kind.LAG, Kind.QUARANTINE):
            incident.sentence = CONDITIONS[Kind(incident.kind)](live, True)
        if incident.sentence:
            found.append(incident)
    return found


def state(
    lag: Lag,
    backlog: Backlog,
    incidents: Sequence[Incident],
    quarantined: int,
    worker_seen: datetime | None,
    now: datetime,
) -> Sentence:
    """`incidents`: those that are open `as_of_now`."""
    if not is_alive(worker_seen, now):
        fact = _("No worker is alive, so nothing is processed.")
        if worker_seen:
            fact = _("No worker has been alive for %(time)s, so nothing is processed.")
            fact = fact % {"time": duration(now - worker_seen)}
        return Sentence("negative", fact, _("Webhooks are kept, none is lost. Start one: manage.py work"))
    of_kind = {incident.kind: incident for incident in incidents}
    worst = next((of_kind[kind] for kind in CONDITIONS if kind in of_kind), None)
    if worst:
        also = len(incidents) - 1
        more = ngettext("%(count)s more incident is open.", "%(count)s more incidents are open.", also)
        tone = "negative" if worst.kind in (Kind.GAP, Kind.STRIPE) else "warning"
        return Sentence(tone, f"{TITLES[Kind(worst.kind)]}.", more % {"count": also} if also else "")
    if lag.last_received is None:
        return Sentence(
            "neutral",
            _("No event has come yet."),
            _("Stripe sends them to /api/finances/stripe/webhook/ of this address."),
        )
    if quarantined:  # and no incident yet, or none again so soon
        said = CONDITIONS[Kind.QUARANTINE](Facts(now=now, quarantined=quarantined), False)
        return Sentence("warning", said, str(ADVICE[Kind.QUARANTINE]))
    if backlog.pending:
        few = ngettext(
            "%(events)s event is being processed.", "%(events)s events are being processed.", backlog.pending
        )
        return Sentence(
            "info",
            few % {"events": f"{backlog.pending:,}"},
            _("Everything else that Stripe sent is in what is shown."),
        )
    return Sentence("positive", _("Everything that Stripe sent is in what is shown."), "")


def is_alive(worker_seen: datetime | None, now: datetime) -> bool:
    return worker_seen is not None and now - worker_seen < WorkerHeartbeat.GONE_AFTER


def backlog_remark(backlog: Backlog) -> Remark:
    """When it will be gone."""
    if not backlog.pending:
        return Remark(_("nothing waits"))
    wait = ngettext("%(events)s waits for a later try", "%(events)s wait for a later try", backlog.waiting)
    waiting = wait % {"events": f"{backlog.waiting:,}"} if backlog.waiting else ""
    if backlog.gone_in is None:
        return Remark(_("nobody works on it"), tone="warning")
    if not backlog.gone_in:
        return Remark(waiting)
    gone = _("gone in at least %(time)s") if backlog.more else _("gone in about %(time)s")
    return Remark(", ".join(filter(None, (gone % {"time": duration(backlog.gone_in)}, waiting))))


@dataclass(frozen=True)
class Budget:
    """The rate budget in a figure: its `tone`, the big `figure`, and a line below it."""

    tone: str
    figure: str
    remark: Remark


def budget(state: RateBudgetState, now: datetime) -> Budget:
    """What is left of the last minute's calls, and why nobody calls where nobody does."""
    left = f"{max(0, round(100 * (1 - state.used_share)))} %"
    if state.is_down:
        said = ngettext(
            "Stripe did not answer %(calls)s call in a row",
            "Stripe did not answer %(calls)s calls in a row",
            state.failures,
        )
        return Budget("negative", left, Remark(said % {"calls": state.failures}))
    if state.paused_until:
        said = _("Stripe said 429: nobody calls for %(time)s") % {"time": duration(state.paused_until - now)}
        return Budget("warning", left, Remark(said))
    if state.paused_endpoints:
        address, until = state.paused_endpoints[0]
        others = len(state.paused_endpoints) - 1
        said = _("Stripe said 429 for %(address)s: %(time)s more")
        if others:
            said = ngettext(
                "Stripe said 429 for %(address)s and %(count)s more: %(time)s more",
                "Stripe said 429 for %(address)s and %(count)s more: %(time)s more",
                others,
            )
        return Budget(
            "warning", left, Remark(said % {"address": address, "count": others, "time": duration(until - now)})
        )
    said = _("%(used)s of %(limit)s calls in the last minute")
    return Budget("positive", left, Remark(said % {"used": f"{state.used:,}", "limit": f"{state.limit * 60:,}"}))


def delay_remark(spread: Spread | None) -> Remark:
    """Against the target."""
    if spread is None:
        return Remark(_("none in the last 24 h"))
    target = {"target": duration(TARGET)}
    if spread.p95 <= TARGET:
        return Remark(_("p95, below the target of %(target)s") % target)
    return Remark(_("p95, the target is %(target)s") % target, tone="warning")


def delay(spread: Spread | None, name: str) -> str:
    return duration(getattr(spread, name)) if spread else EN_DASH


def missed_sentence(missed: int) -> str:
    """Of the events of the last 24 hours; empty where each was delivered."""
    said = ngettext(
        "%(events)s event of the last 24 h never came by webhook; a comparison found it.",
        "%(events)s events of the last 24 h never came by webhook; comparisons found them.",
        missed,
    )
    return said % {"events": capped(missed)} if missed else ""


REFUSALS = {
    "no Content-Length": gettext_lazy("No Content-Length"),
    "too large": gettext_lazy("Too large"),
    "cut short": gettext_lazy("Cut short"),
    "too slow": gettext_lazy("Too slow"),
    "no signature": gettext_lazy("No signature"),
    "wrong signature": gettext_lazy("Wrong signature"),
    "signed too long ago": gettext_lazy("Signed too long ago"),
    "signed ahead of our clock": gettext_lazy("Signed ahead of our clock"),
    "not JSON": gettext_lazy("Not JSON"),
    "not an event": gettext_lazy("Not an event"),
    "characters that cannot be stored": gettext_lazy("Characters that cannot be stored"),
}


def refusals(found: Mapping[str, int]) -> list[tuple[str, int]]:
    """Why posts were refused, in words, and how many."""
    return [(str(REFUSALS.get(reason) or capfirst(reason)), posts) for reason, posts in found.items()]


def alerts(incident: Incident) -> str:
    """What became of its messages, in words; of one that is over and sent none, nothing."""
    words = []
    for way, (failed, sent, on_its_way) in WAYS.items():
        of_way = [alert for alert in incident.alerts.all() if alert.way == way]
        problem = next((alert.problem for alert in of_way if alert.problem), "")
        if problem:
            words.append(str(failed) % {"problem": problem})
        elif of_way:
            words.append(str(sent if all(alert.sent_at for alert in of_way) else on_its_way))
    if not words and incident.closed_at is None:
        words.append(_("nobody was told") if ways() else _("nobody is told: no address is set up"))
    return ", ".join(words)


WAYS = {
    "email": (
        gettext_lazy("mail did not go out (%(problem)s)"),
        gettext_lazy("mail sent"),
        gettext_lazy("mail on its way"),
    ),
    "chat": (
        gettext_lazy("chat did not go out (%(problem)s)"),
        gettext_lazy("chat sent"),
        gettext_lazy("chat on its way"),
    ),
}
