"""Everything that has to be right for Paydesk to be right, asked one by one. Reads; changes nothing."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from finances import mirror
from finances.configuration import PINNED_API_VERSION
from finances.gateway import PATHS, Gateway, key_variable
from finances.metrics.deliveries import HOUR, TARGET, lately
from finances.models import Alert, Delivery, ObjectState, WorkerHeartbeat
from finances.rate_budget import ALL, Priority, limit_of
from finances.reads import audit, daily_totals
from finances.reads.backlog import backlog
from finances.reads.catch_ups import schedule, watermark
from finances.reads.completeness import completeness, last_sample, missing_scopes, overdue_sample
from finances.reads.drift import standing
from finances.reads.freshness import lag, tried_again
from finances.reads.keyset import capped_count
from finances.reads.rate_budget import rate_budget
from finances.reads.silence import silence
from finances.reads.sync_health import open_incidents, refused_since
from finances.resync.steps import LISTED, OF_EACH
from finances.stripe_problems import ScopeMissing, StripeProblem
from finances.totals import triggers
from finances.watch.alerts import ways
from finances.watch.conditions import LATE, count
from finances.webhooks import processing

ADDRESS = "/api/finances/stripe/webhook/"
UNSEALED = timedelta(minutes=5)
"""A worker seals each minute: an entry that waits for so long waits for a worker."""


class Finding(NamedTuple):
    """`ok` is None for a fact that is neither right nor wrong."""

    subject: str
    ok: bool | None
    sentence: str


def examine(now: datetime) -> Iterator[Finding]:
    """A finding for each setting, key, mode, version, webhook, queue and lag. Never the value of a secret."""
    yield from _settings()
    yield from _retention()
    try:
        yield from _database()
        yield from _webhooks(now)
        yield from _sync(now)
        yield from _rate_budget(now)
        yield from _completeness(now)
        yield from _work(now)
        yield from _daily_totals(now)
        yield from _alerts()
        yield from _audit_trail(now)
    except DatabaseError as error:
        yield Finding(
            "Database", False, f"it does not answer as it should ({type(error).__name__}); check DATABASE_URL"
        )
    yield from _stripe()


def _settings() -> Iterator[Finding]:
    mode = "live" if settings.STRIPE_LIVE_MODE else "test"
    yield Finding("STRIPE_LIVE_MODE", True, f"{settings.STRIPE_LIVE_MODE}: everything in {mode} mode")
    for variable in (
        "STRIPE_LIVE_SECRET_KEY",
        "STRIPE_TEST_SECRET_KEY",
        "DJSTRIPE_WEBHOOK_SECRET",
        "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS",
        "VITE_STRIPE_PUBLISHABLE_KEY",
    ):
        # What is set has the right form and mode: with a wrong one nothing starts (finances.configuration).
        is_set = bool(os.environ.get(variable))
        yield Finding(
            variable, True if is_set else None, "set, right form and mode" if is_set else "not set, not needed"
        )
    yield Finding("DEBUG", None if settings.PAYDESK_DEMO else not settings.DEBUG, "on" if settings.DEBUG else "off")
    calls = f"{limit_of(ALL)} calls a second, {limit_of('/v1/')} of one endpoint, for all workers together"
    yield Finding("Rate budget", True, calls)
    if settings.STRIPE_API_BASE:
        yield Finding("STRIPE_API_BASE", None, f"{settings.STRIPE_API_BASE}: not Stripe itself")


def _retention() -> Iterator[Finding]:
    kept = {
        "payloads": settings.KEEP_PAYLOADS_DAYS,
        "earlier states": settings.KEEP_VERSIONS_DAYS,
        "webhooks": settings.KEEP_DELIVERIES_DAYS,
    }
    said = ", ".join(f"{what} {f'{days} days' if days else 'for ever'}" for what, days in kept.items())
    yield Finding("Kept", None, said)


def _database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    sentence = f"{missing} migrations are missing: run `manage.py migrate`" if missing else "all migrations are in"
    yield Finding("Database", not missing, f"{connection.vendor}, {sentence}")


def _stripe() -> Iterator[Finding]:
    gateway = Gateway(tries=2, priority=Priority.URGENT)
    yield Finding("API version", settings.STRIPE_API_VERSION == PINNED_API_VERSION, f"pinned to {PINNED_API_VERSION}")
    try:
        account_id = gateway.account()["id"]
    except ScopeMissing as problem:  # whose key it is, Stripe's refusal may say as well
        account_id = problem.account_id
        yield Finding("Reading /v1/account", False, f"{problem.sentence} {problem.advice}")
    except StripeProblem as problem:
        subject = "Stripe" if problem.may_pass else key_variable()
        yield Finding(subject, False, f"{problem.sentence} {problem.advice}")
        return
    try:
        known = mirror.known_account_id()
    except DatabaseError:
        known = None
    if not account_id:
        yield Finding("Account", None, "Stripe does not say whose key it is, so a resync takes nothing for deleted")
    elif known and known != account_id:
        yield Finding("Account", False, f"the key is {account_id}'s, but the data here is {known}'s")
    else:
        yield Finding("Account", True, f"{account_id}, reached at {settings.STRIPE_API_BASE or 'api.stripe.com'}")
    for type_name in LISTED:
        if type_name in OF_EACH:  # only for an owner; the first resync says whether it is allowed
            continue
        try:
            gateway.page(type_name, limit=1)
        except StripeProblem as problem:
            yield Finding(f"Reading {PATHS[type_name]}", False, f"{problem.sentence} {problem.advice}")
        else:
            yield Finding(f"Reading {PATHS[type_name]}", True, "allowed")


def _webhooks(now: datetime) -> Iterator[Finding]:
    # What a comparison with Stripe's list found is no sign that webhooks come.
    delivered = Delivery.objects.filter(attempts__gt=0).order_by("-received_at")
    newest = delivered.values_list("received_at", flat=True).first()
    sentence = (
        f"the newest came {_ago(now - newest)} ago" if newest else "none has arrived yet; the address is " + ADDRESS
    )
    yield Finding("Webhooks", None, sentence)
    if not newest and not Delivery.objects.exists():
        return
    others = set(
        Delivery.objects.exclude(api_version__in=["", PINNED_API_VERSION])
        .values_list("api_version", flat=True)
        .distinct()
    )
    if others:
        yield Finding("Webhook API version", None, f"also {', '.join(sorted(others))}; objects are read at ours anyway")
    quarantined = Delivery.objects.filter(state=Delivery.State.QUARANTINED).count()
    sentence = f"{_events(quarantined)} {'needs' if quarantined == 1 else 'need'} a person" if quarantined else "empty"
    yield Finding("Quarantine", not quarantined, sentence)
    quiet = silence(now)
    usual = "longer than is usual" if quiet.is_unusual else "not longer than is usual"
    yield Finding("Silence", not quiet.is_unusual, f"no event for {_ago(quiet.quiet)}, {usual}")
    refused = refused_since(now - timedelta(days=1))
    sentence = ", ".join(f"{posts} {reason}" for reason, posts in refused.items()) or "none in the last 24 h"
    yield Finding("Refused posts", None, sentence)


def _sync(now: datetime) -> Iterator[Finding]:
    behind = lag(now).behind(now)
    late = behind is not None and behind >= LATE
    yield Finding("Lag", not late, f"{_ago(behind)} behind Stripe" if behind else "in step with Stripe")
    if again := tried_again():
        sentence = (
            "1 event fails and is tried again" if again == 1 else f"{count(again)} events fail and are tried again"
        )
        yield Finding("Failing", None, sentence)
    pending = backlog(now)
    gone = f", gone in about {_ago(pending.gone_in)}" if pending.gone_in else ""
    more = "more than " if pending.more else ""
    yield Finding("Backlog", None, f"{more}{_events(pending.pending)} {_are(pending.pending)} not dealt with{gone}")
    day, hour = lately(now - timedelta(days=1), now), lately(now - HOUR, now)
    delays = (("Delay on the way", day.way, hour.way), ("Delay here", day.here, hour.here))
    for subject, spread, newest in delays:
        if spread is None:
            yield Finding(subject, None, "nothing in the last 24 h to measure")
            continue
        last_hour = f"p50 {_short(newest.p50)}, p95 {_short(newest.p95)} in the last hour, " if newest else ""
        sentence = (
            f"{last_hour}p50 {_short(spread.p50)}, p95 {_short(spread.p95)} in the last 24 h; "
            f"the target is {_short(TARGET)}"
        )
        yield Finding(subject, spread.p95 <= TARGET or None, sentence)
    last = schedule()
    compared = watermark()
    at = compared.compared_at if compared else None
    sentence = f"Stripe's list of events was compared {_ago(now - at)} ago" if at else "never compared yet"
    overdue = last.next_at is not None and last.next_at < now - LATE
    yield Finding("Comparison", False if overdue else True if at else None, sentence)
    for incident in open_incidents():
        yield Finding(f"Incident {incident.kind}", False, incident.sentence)


def _rate_budget(now: datetime) -> Iterator[Finding]:
    budget = rate_budget(now)
    used = f"{budget.used:,} of {budget.limit * 60:,} calls in the last minute"
    if budget.is_down:
        yield Finding("Stripe's answers", False, f"none to {budget.failures} calls in a row; {used}")
    elif budget.paused_until or budget.paused_endpoints:
        until = max(at for at in (budget.paused_until, *(at for _, at in budget.paused_endpoints)) if at)
        yield Finding("Stripe's answers", None, f"429: calls wait for {_ago(until - now)} more; {used}")
    else:
        yield Finding("Stripe's answers", True, used)


def _completeness(now: datetime) -> Iterator[Finding]:
    found = completeness(LISTED, OF_EACH)
    verified = [each for each in found if each.newest]
    lacking = [each for each in verified if each.wrong]
    named = ", ".join(f"{each.wrong} of {each.type}" for each in lacking)
    oldest = min((each.as_of for each in verified if each.as_of), default=None)
    if not oldest:
        sentence = "never verified: a resync or a comparison of everything counts what Stripe lists"
    else:
        others = f"; {len(found) - len(verified)} never verified" if len(verified) < len(found) else ""
        sentence = f"{named or 'nothing is missing'}, {len(verified)} types as of {_ago(now - oldest)} ago{others}"
    yield Finding("Completeness", not lacking if oldest else None, sentence)
    sample = last_sample()
    if overdue := overdue_sample(now):
        said = "none was compared for" if overdue.ever else "none was ever compared, and objects are here for"
        mend = "`manage.py resync sample --dry-run --wait` compares one now; the page Sync health says what keeps it"
        yield Finding("Nightly sample", False, f"{said} {_ago(now - overdue.since)}: {mend}")
    elif sample:
        sentence = (
            f"{sample.objects} objects compared {_ago(now - sample.run.created_at)} ago, {sample.differing} differ"
        )
        yield Finding("Nightly sample", None, sentence)
    drifted = capped_count(standing())
    differ = f"{count(drifted)} object{' differs' if drifted == 1 else 's differ'} from Stripe: see Reconcile"
    yield Finding("Drift", not drifted, differ if drifted else "nothing that was compared differs")
    for scope in missing_scopes():
        yield Finding(f"Scope {scope.type}", False, f"{scope.sentence} {scope.advice}")


def _alerts() -> Iterator[Finding]:
    told = {"email": f"mail to {len(settings.ALERT_EMAILS)}", "chat": "the chat"}
    sentence = ", ".join(told[way] for way in ways()) or "nobody is told: PAYDESK_ALERT_EMAILS, PAYDESK_ALERT_CHAT_URL"
    yield Finding("Alerts", bool(ways()) or None, sentence)
    failed = Alert.objects.filter(sent_at=None).exclude(problem="").count()
    if failed:
        yield Finding("Alerts that did not go", False, f"{failed}; their incidents on the page Sync health say why")


def _daily_totals(now: datetime) -> Iterator[Finding]:
    """What is not summed makes no figure wrong, since it is read from the rows; what is not marked would."""
    found = daily_totals.waiting()
    sentence, late = "all summed", found.is_late(now)
    if found.since:
        days = f"{found.days} day{'' if found.days == 1 else 's'}"
        sentence = f"{days} changed and {_are(found.days)} not summed, the first for {_ago(now - found.since)}"
    slow = ": figures are right and come slowly; is a worker alive?" if late else ""
    yield Finding("Daily totals", not late, sentence + slow)
    if lost := triggers.missing():
        yield Finding(
            "Triggers of daily totals", False, f"{len(lost)} are missing, figures go stale: `manage.py migrate`"
        )


def _audit_trail(now: datetime) -> Iterator[Finding]:
    state = audit.seal_state()
    newest, since = state.newest, state.waiting_since
    sentence = f"seal {newest.number}, {_ago(now - newest.sealed_at)} ago, {newest.digest}" if newest else "none yet"
    yield Finding("Newest seal of the audit trail", None, sentence)
    late = since is not None and now - since > UNSEALED
    sentence = f"{state.waiting} in no seal, the oldest for {_ago(now - since)}" if since else "all are sealed"
    yield Finding("Audit entries", not late, f"{sentence}: is a worker alive?" if late else sentence)
    missing = ", ".join(state.missing_triggers)
    yield Finding(
        "Audit triggers",
        not missing,
        f"entries can be changed, these are missing: {missing}" if missing else "all stand",
    )
    if done := state.verified:
        whole = done.action == "paydesk.audit.verified"
        yield Finding("Audit verification", whole, f"{'whole' if whole else 'broken'}, {_ago(now - done.at)} ago")
    else:
        yield Finding("Audit verification", None, "never yet: `manage.py verify_audit`")


def _work(now: datetime) -> Iterator[Finding]:
    alive = WorkerHeartbeat.is_anyone_alive(now)
    yield Finding("Worker", alive, "alive" if alive else "none is alive: start `manage.py work`")
    due = processing.due(now).order_by("received_at")
    oldest = due.values_list("received_at", flat=True).first()
    waits = now - oldest if oldest else timedelta()
    found = due.count()
    queue = f"{_events(found)} {_are(found)} due, the oldest for {_ago(waits)}" if found else "nothing is due"
    yield Finding("Queue", waits < LATE, f"{settings.TASKS_BACKEND}; {queue}")
    freshest = ObjectState.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    sentence = f"the newest read was {_ago(now - freshest)} ago" if freshest else "nothing has been read: `resync all`"
    yield Finding("Data", bool(freshest), sentence)


def _events(count: int) -> str:
    return f"{count} event{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _ago(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _short(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s" if span < timedelta(minutes=2) else _ago(span)
