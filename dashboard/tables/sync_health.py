"""The sync in words: its state in one sentence, and its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
    Kind.GAP: "Events are lost",
    Kind.LAG: "Behind Stripe",
    Kind.STRIPE: "Stripe does not answer",
    Kind.NO_WEBHOOKS: "Events come without webhooks",
    Kind.SILENCE: "No events",
    Kind.REFUSED: "Webhooks are refused",
    Kind.WRONG_MODE: "Events of another mode or account",
    Kind.QUARANTINE: "Events in quarantine",
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
    days = f"{waiting.days} day{'' if waiting.days == 1 else 's'}"
    return Sentence(
        "warning",
        f"{days} changed and no worker has summed them for {duration(now - waiting.since)}.",
        "The overview's figures are right: it reads these days row by row, which takes longer.",
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
        ago = f"has been alive for {duration(now - worker_seen)}" if worker_seen else "is alive"
        return Sentence(
            "negative",
            f"No worker {ago}, so nothing is processed.",
            "Webhooks are kept, none is lost. Start one: manage.py work",
        )
    of_kind = {incident.kind: incident for incident in incidents}
    worst = next((of_kind[kind] for kind in CONDITIONS if kind in of_kind), None)
    if worst:
        also = len(incidents) - 1
        more = f"{also} more {'incident is' if also == 1 else 'incidents are'} open." if also else ""
        tone = "negative" if worst.kind in (Kind.GAP, Kind.STRIPE) else "warning"
        return Sentence(tone, TITLES[Kind(worst.kind)] + ".", more)
    if lag.last_received is None:
        return Sentence(
            "neutral", "No event has come yet.", "Stripe sends them to /api/finances/stripe/webhook/ of this address."
        )
    if quarantined:  # and no incident yet, or none again so soon
        said = CONDITIONS[Kind.QUARANTINE](Facts(now=now, quarantined=quarantined), False)
        return Sentence("warning", said, ADVICE[Kind.QUARANTINE])
    if backlog.pending:
        few = f"{backlog.pending:,} event{'s are' if backlog.pending != 1 else ' is'}"
        return Sentence("info", f"{few} being processed.", "Everything else that Stripe sent is in what is shown.")
    return Sentence("positive", "Everything that Stripe sent is in what is shown.", "")


def is_alive(worker_seen: datetime | None, now: datetime) -> bool:
    return worker_seen is not None and now - worker_seen < WorkerHeartbeat.GONE_AFTER


def backlog_remark(backlog: Backlog) -> Remark:
    """When it will be gone."""
    if not backlog.pending:
        return Remark("nothing waits")
    wait = "waits" if backlog.waiting == 1 else "wait"
    waiting = f"{backlog.waiting:,} {wait} for a later try" if backlog.waiting else ""
    if backlog.gone_in is None:
        return Remark("nobody works on it", tone="warning")
    if not backlog.gone_in:
        return Remark(waiting)
    least = "at least " if backlog.more else "about "
    return Remark(", ".join(filter(None, (f"gone in {least}{duration(backlog.gone_in)}", waiting))))


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
        return Budget("negative", left, Remark(f"Stripe did not answer {state.failures} calls in a row"))
    if state.paused_until:
        return Budget(
            "warning", left, Remark(f"Stripe said 429: nobody calls for {duration(state.paused_until - now)}")
        )
    if state.paused_endpoints:
        address, until = state.paused_endpoints[0]
        others = len(state.paused_endpoints) - 1
        more = f" and {others} more" if others else ""
        return Budget("warning", left, Remark(f"Stripe said 429 for {address}{more}: {duration(until - now)} more"))
    return Budget("positive", left, Remark(f"{state.used:,} of {state.limit * 60:,} calls in the last minute"))


def delay_remark(spread: Spread | None) -> Remark:
    """Against the target."""
    if spread is None:
        return Remark("none in the last 24 h")
    if spread.p95 <= TARGET:
        return Remark(f"p95, below the target of {duration(TARGET)}")
    return Remark(f"p95, the target is {duration(TARGET)}", tone="warning")


def delay(spread: Spread | None, name: str) -> str:
    return duration(getattr(spread, name)) if spread else EN_DASH


def missed_sentence(missed: int) -> str:
    """Of the events of the last 24 hours; empty where each was delivered."""
    if not missed:
        return ""
    few = f"{capped(missed)} event{'s' if missed != 1 else ''} of the last 24 h never came by webhook"
    return f"{few}; {'comparisons' if missed != 1 else 'a comparison'} found {'them' if missed != 1 else 'it'}."


def alerts(incident: Incident) -> str:
    """What became of its messages, in words; of one that is over and sent none, nothing."""
    words = []
    for way, name in (("email", "mail"), ("chat", "chat")):
        of_way = [alert for alert in incident.alerts.all() if alert.way == way]
        failed = next((alert.problem for alert in of_way if alert.problem), "")
        if failed:
            words.append(f"{name} did not go out ({failed})")
        elif of_way:
            words.append(f"{name} sent" if all(alert.sent_at for alert in of_way) else f"{name} on its way")
    if not words and incident.closed_at is None:
        words.append("nobody was told" if ways() else "nobody is told: no address is set up")
    return ", ".join(words)
