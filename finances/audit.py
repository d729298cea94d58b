"""Append a row to the audit trail, inside the transaction of the action that it records."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from finances.models import AuditEntry


def record(
    action: str, *, at: datetime, actor: User | None, target: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """`action` is namespaced (`paydesk.resync.requested`); `actor` is None for a command or a worker.

    `detail` holds ids, counts and what the actor gave as the reason; no customer's data, which must stay erasable.
    """
    return AuditEntry.objects.create(action=action, at=at, actor=actor, target=target, detail=detail or {})
