"""What is remembered of a single delivery: when, how it was signed, from where, and headers that give nothing away."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, NamedTuple

from django.http import HttpRequest

from finances.webhooks.signature import Signed

MOST_ARRIVALS = 50
"""Of one event; the oldest goes first. Stripe itself tries for three days, some sixteen times."""

LONGEST_HEADER = 200  # characters
HEADERS = ("User-Agent", "Content-Type", "Content-Length", "Accept", "Accept-Encoding", "Cache-Control")
"""Only these are kept. Never a signature, a cookie or an authorization, and nothing that is not asked for."""


class Sender(NamedTuple):
    """`address`: of the client, "" when the server does not know it."""

    address: str
    headers: dict[str, str]


def sender_of(request: HttpRequest, trusted: Sequence[IPv4Network | IPv6Network]) -> Sender:
    """`trusted`: the proxies whose X-Forwarded-For is believed; anybody else's is what anybody may claim."""
    headers = {name: request.headers.get(name, "")[:LONGEST_HEADER] for name in HEADERS}
    return Sender(
        _address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""), trusted),
        {name: value for name, value in headers.items() if value and value.isascii() and value.isprintable()},
    )


def _address(peer: str, forwarded: str, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """From the nearest hop back, as far as each was named by one that is trusted."""
    address = peer
    for hop in reversed(forwarded.split(",")):
        if not _is_in(address, trusted) or _parsed(hop) is None:
            break
        address = str(_parsed(hop))
    return address


def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parsed(address: str) -> Any:
    try:
        return ip_address(address.strip())
    except ValueError:
        return None


def arrival(signed: Signed, sender: Sender, now: datetime) -> dict[str, Any]:
    """An entry of Delivery.arrivals."""
    return {
        "at": now.isoformat(),
        "signed_with": signed.secret,
        "age": int(signed.age),
        "from": sender.address,
        "headers": sender.headers,
    }
