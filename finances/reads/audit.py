"""The audit trail: its entries, what seals them, and when the chain was last verified."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Min, QuerySet

from finances.audit.sealing import newest_seal, unsealed
from finances.audit.verifying import missing_triggers
from finances.models import AuditEntry, AuditSeal, ResyncRun
from finances.reads import keyset
from finances.reads.names import names_of

NEWEST_FIRST = keyset.Order("at")


def entries() -> QuerySet[AuditEntry]:
    """Each with its side row and its seal, where it has them, and who acted, where that account still is."""
    return AuditEntry.objects.select_related("personal", "sealed")


@dataclass(frozen=True)
class SealState:
    """`waiting_since`: the oldest entry in no seal. `verified`: the newest entry that a verification left."""

    newest: AuditSeal | None
    waiting: int
    waiting_since: datetime | None
    verified: AuditEntry | None
    missing_triggers: list[str]


def seal_state() -> SealState:
    """Five queries."""
    newest = newest_seal()
    waiting = unsealed(newest).order_by()
    verified = AuditEntry.objects.filter(action__in=("paydesk.audit.verified", "paydesk.audit.broken"))
    return SealState(
        newest=newest,
        waiting=keyset.capped_count(waiting),
        waiting_since=waiting.aggregate(at=Min("at"))["at"],
        verified=verified.order_by("-at", "-id").first(),
        missing_triggers=missing_triggers(),
    )


def ids_of_scopes(rows: Iterable[AuditEntry]) -> dict[str, list[str]]:
    """The ids that `ids:` and a digest stand for, by target, as the runs keep them. One query, none without any."""
    runs = {str(row.detail.get("run", "")) for row in rows if row.target.startswith("ids:")}
    keys = [key for key in runs if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", key)]
    if not keys:
        return {}
    known = ResyncRun.objects.filter(pk__in=keys).values_list("target", "scope__ids")
    return {target: list(ids) for target, ids in known if ids}


def names_of_targets(rows: Iterable[AuditEntry]) -> dict[str, str]:
    """What people call the objects and the accounts that entries are about, by target. At most three queries."""
    targets = {row.target for row in rows if row.target}
    accounts = [target.removeprefix("user:") for target in targets if re.fullmatch(r"user:[0-9]{1,18}", target)]
    names = names_of(targets)
    if accounts:
        people = User.objects.filter(pk__in=accounts).values_list("pk", "username")
        names |= {f"user:{key}": name for key, name in people}
    return names
