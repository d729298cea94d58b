"""The sync in words: its state in one sentence, and its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.formatting import EN_DASH, duration
from dashboard.tables.remark import Remark
from finances.metrics.deliveries import TARGET, Spread
from finances.models import Incident, WorkerHeartbeat
from finances.reads.backlog import Backlog
from finances.reads.freshness import Lag
from finances.watch.conditions import CONDITIONS, Kind, span

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


def state(
    lag: Lag, backlog: Backlog, incidents: Sequence[Incident], worker_seen: datetime | None, now: datetime
) -> Sentence:
    if not is_alive(worker_seen, now):
        since = f"since {span(now - worker_seen)}" if worker_seen else "now"
        return Sentence(
            "negative",
            f"No worker is alive {since}, so nothing is processed.",
            "Webhooks are kept, none is lost. Start one: manage.py work",
        )
    of_kind = {incident.kind: incident for incident in incidents}
    worst = next((of_kind[kind] for kind in CONDITIONS if kind in of_kind), None)
    if worst:
        also = len(incidents) - 1
        more = f"{also} more {'is' if also == 1 else 'are'} open." if also else ""
        tone = "negative" if worst.kind in (Kind.GAP, Kind.STRIPE) else "warning"
        return Sentence(tone, TITLES[Kind(worst.kind)] + ".", more)
    if lag.last_received is None:
        return Sentence(
            "neutral", "No event has come yet.", "Stripe sends them to /api/finances/stripe/webhook/ of this address."
        )
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
    waiting = f"{backlog.waiting:,} wait for another try" if backlog.waiting else ""
    if backlog.gone_in is None:
        return Remark("nobody works on it", tone="warning")
    if not backlog.gone_in:
        return Remark(waiting)
    least = "at least " if backlog.more else "about "
    return Remark(", ".join(filter(None, (f"gone in {least}{duration(backlog.gone_in)}", waiting))))


def delay_remark(spread: Spread | None) -> Remark:
    """Against the target."""
    if spread is None:
        return Remark("none in the last 24 h")
    if spread.p95 <= TARGET:
        return Remark(f"p95, below the target of {duration(TARGET)}")
    return Remark(f"p95, the target is {duration(TARGET)}", tone="warning")


def delay(spread: Spread | None, name: str) -> str:
    return duration(getattr(spread, name)) if spread else EN_DASH
