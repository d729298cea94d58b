"""Events that could not be processed, on the page of what they are about."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from dashboard.formatting import whole_number
from finances.models import Delivery
from finances.reads.freshness import MOST_NAMED, Unprocessed

State = Delivery.State


@dataclass(frozen=True)
class Warned:
    """A note with a link to the event, or to the list of them."""

    tone: str
    fact: str
    text: str
    href: str
    verb: str


def warned_of(found: Unprocessed, what: str, about: str) -> Warned | None:
    """`what`: "customer" and so on; `about`: its id. None where nothing is missing."""
    event_ids = found.put_aside + found.tried_again
    if not event_ids:
        return None
    one = len(event_ids) == 1
    many = f"more than {MOST_NAMED}" if len(event_ids) > MOST_NAMED else whole_number(len(event_ids))
    fact = f"{'An event' if one else f'{many.capitalize()} events'} about this {what} could not be processed"
    said = [f"What is shown may lack {'it' if one else 'them'}."]
    if not found.put_aside:
        said.append(f"{'It is' if one else 'They are'} tried again without anyone's doing.")
    return Warned(
        tone="negative" if found.put_aside else "warning",
        fact=f"{fact}.",
        text=" ".join(said),
        href=reverse("console:delivery", args=event_ids) if one else _list_of(found, about),
        verb="Open the event" if one else "See the events",
    )


def _list_of(found: Unprocessed, about: str) -> str:
    """Of one state where they all are in it: the list filters by one."""
    state = State.QUARANTINED if not found.tried_again else "" if found.put_aside else State.WAITING
    asked = {"q": about} | ({"state": str(state)} if state else {})
    return f"{reverse('console:webhooks')}?{urlencode(asked)}"
