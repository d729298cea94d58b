"""A payload as a tree to read: what Stripe wrote, and in mute what it means where that is not plain."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import amount, exact

DEEPEST, LONGEST_TEXT, MOST_NODES = 24, 2_000, 5_000
OPEN_ABOVE = 2
AMOUNTS = frozenset(
    [
        "amount",
        "balance",
        "fee",
        "net",
        "price",
        "starting_balance",
        "ending_balance",
        "subtotal",
        "subtotal_excluding_tax",
        "tax",
        "total",
        "total_excluding_tax",
        "unit_amount",
    ]
)
TIMES = frozenset(
    [
        "created",
        "current_period_end",
        "current_period_start",
        "due_date",
        "end",
        "ended_at",
        "next_payment_attempt",
        "period_end",
        "period_start",
        "start",
        "start_date",
        "timestamp",
        "trial_end",
        "trial_start",
        "webhooks_delivered_at",
        "billing_cycle_anchor",
    ]
)


SECRETS = frozenset(["client_secret"])
"""With it anybody could act on the payment: its value is not shown."""


@dataclass(frozen=True)
class Node:
    """`text`: the value as JSON, empty for a branch. `hint`: in mute. `hit`: the event says that it changed."""

    key: str
    text: str
    hint: str
    hit: bool
    open: bool
    children: tuple["Node", ...] = ()


def payload_tree(payload: Any, changed: set[str]) -> tuple[Node, ...]:
    """The payload's top level; `changed`: fields of data.object, as paths with dots, that are marked."""
    hits = {f"data.object.{field}" for field in changed}
    budget = iter(range(MOST_NODES))
    return tuple(_children(payload, "", "", hits, 0, budget)) if isinstance(payload, dict | list) else ()


def _children(
    value: Any, path: str, currency: str, hits: set[str], depth: int, budget: Iterator[int]
) -> Iterator[Node]:
    pairs = value.items() if isinstance(value, dict) else ((str(index), each) for index, each in enumerate(value))
    if isinstance(value, dict) and isinstance(value.get("currency"), str):
        currency = value["currency"]
    for key, each in pairs:
        if next(budget, None) is None:
            yield Node("…", "", _("cut after %(number)s values") % {"number": f"{MOST_NODES:,}"}, hit=False, open=False)
            return
        here = f"{path}.{key}" if path else str(key)
        hit = here in hits
        if key in SECRETS and each is not None:
            yield Node(str(key), "", _("not shown"), hit, open=False)
            continue
        if not isinstance(each, dict | list) or not each or depth >= DEEPEST:
            yield Node(str(key), _text(each), meaning(str(key), each, currency), hit, open=False)
            continue
        inside = tuple(_children(each, here, currency, hits, depth + 1, budget))
        leads_to_hit = any(field.startswith(here + ".") for field in hits)
        yield Node(str(key), "", _size(each), hit, depth < OPEN_ABOVE or leads_to_hit, inside)


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def _size(value: dict[str, Any] | list[Any]) -> str:
    count = len(value)
    if isinstance(value, list):
        return ngettext("list of %(count)s", "list of %(count)s", count) % {"count": count}
    kind = value.get("object")
    keys = ngettext("%(count)s key", "%(count)s keys", count) % {"count": count}
    return f"{kind}, {keys}" if isinstance(kind, str) else keys


def meaning(key: str, value: Any, currency: str) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if (key in TIMES or key.endswith("_at")) and 0 < value < 10**11:
        try:
            return exact(datetime.fromtimestamp(value, UTC))
        except (OverflowError, OSError, ValueError):
            return ""
    if currency and (key in AMOUNTS or key.startswith("amount_")):
        return amount(value, currency)
    return ""
