"""Stripe's own JSON as dj-stripe keeps it, read without trusting its shape: places move with the API's versions."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.db.models import OuterRef, QuerySet, Subquery
from djstripe.models.base import StripeModel


def stored(model: type[StripeModel], object_id: str) -> dict[str, Any]:
    """What Stripe answered last for this id; empty when nothing is kept. One query."""
    data = model.objects.filter(id=object_id).values_list("stripe_data", flat=True).first()
    return data if isinstance(data, dict) else {}


def with_stored[Rows: QuerySet[Any]](rows: Rows, model: type[StripeModel]) -> Rows:
    """Our rows with Stripe's JSON of the same id as `stored`, in the same query; read it with `json_of`."""
    json = model.objects.filter(id=OuterRef("pk")).order_by().values("stripe_data")[:1]
    return rows.annotate(stored=Subquery(json))


def json_of(row: Any) -> dict[str, Any]:
    """Of a row that came through `with_stored`: what Stripe answered last; empty when nothing is kept."""
    return row.stored if isinstance(row.stored, dict) else {}


def at(data: Any, *path: str) -> Any:
    """The value at the end of `path`; None where a step is missing or is no object."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def text_at(data: Any, *path: str) -> str:
    """The text at the end of `path`; empty for everything that is no text."""
    value = at(data, *path)
    return value if isinstance(value, str) else ""


def amount_at(data: Any, *path: str) -> int | None:
    """Minor units; None for everything that is no whole number."""
    value = at(data, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def decimal_at(data: Any, *path: str) -> Decimal | None:
    """A number that may have a fraction, which Stripe writes as text; None for everything else."""
    value = at(data, *path)
    try:
        number = Decimal(value) if isinstance(value, str) else Decimal(amount_at(data, *path) or 0)
    except InvalidOperation:
        return None
    return number if number.is_finite() and (isinstance(value, str) or amount_at(data, *path) is not None) else None


def time_at(data: Any, *path: str) -> datetime | None:
    """An aware time in UTC from Stripe's seconds; None for everything else."""
    seconds = amount_at(data, *path)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def list_at(data: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of a list, or of Stripe's {"data": [...]}; what is no object in it is left out."""
    value = at(data, *path)
    value = value.get("data") if isinstance(value, dict) else value
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_at(data: Any, *path: str) -> list[str]:
    """The texts of a list; what is no text in it is left out."""
    value = at(data, *path)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def id_at(data: Any, *path: str) -> str:
    """The id at the end of `path`, whether Stripe gave the id alone or the object expanded."""
    return text_at(data, *path) or text_at(data, *path, "id")


def pairs_at(data: Any, *path: str) -> list[tuple[str, str]]:
    """Metadata and the like, as (key, value), by key."""
    value = at(data, *path)
    return sorted((str(key), str(each)) for key, each in value.items()) if isinstance(value, dict) else []


def stripe_address(url: str) -> str:
    """`url` when it is https and on Stripe's own hosts, else empty: anything else must not become a link."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and parts.username is None and parts.password is None and parts.port is None
    except ValueError:
        return ""
    host = parts.hostname or ""
    # A backslash or a control character means another host to a browser than to urlsplit.
    readable = url.isascii() and url.isprintable() and not set(url) & set("\\ \"'<>")
    return url if plain and readable and (host == "stripe.com" or host.endswith(".stripe.com")) else ""
