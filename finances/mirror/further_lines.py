"""An invoice carries its first ten lines; the others are read before it is written."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from finances.gateway import Gateway
from finances.mirror.states import Fetched, State
from finances.stripe_problems import NoSuchObject, StripeFailed

Json = dict[str, Any]


def with_further_lines(
    gateway: Gateway, fetched: Sequence[Fetched], known: dict[str, State], *, anew: bool = False
) -> list[Fetched]:
    """The same, with the lines that Stripe kept back. Those of an invoice that did not change are here already, and
    read nevertheless with `anew`."""

    def lacks(it: Fetched) -> bool:
        longer = (it.data.get("lines") or {}).get("has_more") is True and not it.deleted
        return longer and (anew or it.key not in known or known[it.key].content_hash != it.content_hash)

    return [replace(it, further_lines=tuple(_rest(gateway, it.data))) if lacks(it) else it for it in fetched]


def _rest(gateway: Gateway, invoice: Json) -> list[Json]:
    lines: list[Json] = list(invoice["lines"].get("data") or [])
    known = len(lines)
    more = True
    while more and lines:
        after = lines[-1]["id"]
        try:
            page = gateway.part("invoice", invoice["id"], "lines", after=after)
        except NoSuchObject:  # deleted in between: its event is on the way
            break
        if page.has_more and page.objects and page.objects[-1]["id"] == after:
            # To go on after the same line once more would never end.
            raise StripeFailed("Stripe gave the same page of an invoice's lines again.")
        lines += page.objects
        more = page.has_more and bool(page.objects)
    return lines[known:]
