"""SHA-256 over one form of a row: the same for the same values, whichever database keeps them. Hex."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from finances.models import AuditEntry, AuditSeal


def digest_of_personal(salt: str, body: Mapping[str, str]) -> str:
    return _digest([salt, dict(body)])


def digest_of_entry(entry: AuditEntry) -> str:
    """Over the whole row; of what is personal only the digest that stands in it, so that it can be erased."""
    who = [entry.actor_id, entry.actor_name]
    return _digest([entry.pk, entry.at, *who, entry.action, entry.target, entry.detail, entry.personal_digest])


def digest_of_seal(seal: AuditSeal, members: Iterable[tuple[int, str]]) -> str:
    """`members`: the id and the digest of each entry, by id. The seal's own digest is not looked at."""
    of_seal = [seal.number, seal.sealed_at, seal.count, seal.through, seal.took_all, seal.previous]
    return _digest([*of_seal, [list(each) for each in members]])


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=_time)
    return hashlib.sha256(text.encode()).hexdigest()


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no form here.")
