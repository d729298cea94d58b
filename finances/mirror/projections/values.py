"""How single values of Stripe's JSON are read into columns."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from finances.folding import folded

Json = dict[str, Any]


def moment(seconds: int | None) -> datetime | None:
    """Stripe's seconds since 1970 as an aware time in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def created(stripe_object: Json) -> datetime:
    return moment(stripe_object.get("created")) or datetime.fromtimestamp(0, UTC)


def decimal(value: str | int | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def dialled(phone: str) -> str:
    """A telephone number as it is dialled, `+1 (555) 611-669` as `+1555611669`; empty where it is written so."""
    digits = re.sub(r"[^\d+]", "", phone)
    return "" if digits == phone else digits


def search_lines(*texts: str | None) -> str:
    """A search text of which a query can ask for one line, each in its place: `finances.reads.lists`."""
    return "\n".join(" ".join(search_text(text).split()) for text in texts)


def search_text(*words: str | None) -> str:
    """Folded here, since SQLite's UPPER knows ASCII only and PostgreSQL's index wants a plain column."""
    return folded(" ".join(word for word in words if word))
