"""One object, read from Stripe with a ticket taken before."""

from datetime import datetime

from django.conf import settings

from finances.gateway import Gateway
from finances.mirror.states import Fetched
from finances.stripe_problems import NoSuchObject
from finances.tickets import take_ticket


def fetch(gateway: Gateway, type_name: str, object_id: str, now: datetime, *, as_parent: bool = False) -> Fetched:
    """What Stripe says of it. That it has no such object is an answer too; other StripeProblems are raised.

    `as_parent`: something that is being written points at it, so it needs a row even when it is gone.
    """
    ticket = take_ticket()
    try:
        data = gateway.retrieve(type_name, object_id)
    except NoSuchObject:
        # dj-stripe tells coupons apart by their mode too: one that comes later under this id takes the stub's place.
        stub = {"id": object_id, "object": type_name, "deleted": True, "livemode": settings.STRIPE_LIVE_MODE}
        return Fetched(type_name, stub, ticket, now, deleted=True, missing=True, as_parent=as_parent)
    return Fetched(type_name, data, ticket, now, deleted=data.get("deleted") is True, as_parent=as_parent)
