"""Append a row to the audit trail, inside the transaction of the action that it records."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from finances.audit.digests import digest_of_personal
from finances.models import AuditEntry, AuditPersonal
from finances.redaction import without_emails, without_keys


def record(
    action: str,
    *,
    at: datetime,
    actor: User | None,
    target: str = "",
    detail: dict[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
) -> AuditEntry:
    """`action` is namespaced (`paydesk.resync.requested`); `actor` is None for a command or a worker.

    `target` and `detail` hold ids and counts, and stay for ever: an e-mail in them is cut out. What a person typed (a
    reason, words to search for) is `personal`: a row beside, which can be erased; empty values are left out. One
    insert, two with `personal`.
    """
    entry = AuditEntry(
        action=action,
        at=at,
        actor=actor,
        actor_name=actor.get_username() if actor else "",
        target=without_emails(_storable(target))[:255],
        detail=without_emails(detail or {}),
    )
    body = {name: _storable(value) for name, value in (personal or {}).items() if value}
    if not body:
        entry.save(force_insert=True)
        return entry
    salt = secrets.token_hex(16)
    entry.personal_digest = digest_of_personal(salt, body)
    with transaction.atomic():
        entry.save(force_insert=True)
        AuditPersonal.objects.create(entry=entry, salt=salt, body=body)
    return entry


def _storable(text: str) -> str:
    """PostgreSQL holds no NUL, and an action must not fail, nor go unrecorded, over what somebody typed.

    Which may be a key, pasted by mistake.
    """
    return without_keys(text.replace("\x00", "\N{REPLACEMENT CHARACTER}"))
