"""Events that could not be processed, on the page of what they are about."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

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
    count, one = len(event_ids), len(event_ids) == 1
    if count > MOST_NAMED:
        fact = FACTS[what][2] % {"count": MOST_NAMED}
    else:
        fact = str(FACTS[what][0]) if one else FACTS[what][1] % {"count": whole_number(count)}
    said = [ngettext("What is shown may lack it.", "What is shown may lack them.", count)]
    if not found.put_aside:
        again = ngettext(
            "It is tried again without anyone's doing.", "They are tried again without anyone's doing.", count
        )
        said.append(again)
    return Warned(
        tone="negative" if found.put_aside else "warning",
        fact=fact,
        text=" ".join(said),
        href=reverse("console:delivery", args=event_ids) if one else _list_of(found, about),
        verb=_("Open the event") if one else _("See the events"),
    )


FACTS = {
    "customer": (
        gettext_lazy("An event about this customer could not be processed."),
        gettext_lazy("%(count)s events about this customer could not be processed."),
        gettext_lazy("More than %(count)s events about this customer could not be processed."),
    ),
    "subscription": (
        gettext_lazy("An event about this subscription could not be processed."),
        gettext_lazy("%(count)s events about this subscription could not be processed."),
        gettext_lazy("More than %(count)s events about this subscription could not be processed."),
    ),
    "invoice": (
        gettext_lazy("An event about this invoice could not be processed."),
        gettext_lazy("%(count)s events about this invoice could not be processed."),
        gettext_lazy("More than %(count)s events about this invoice could not be processed."),
    ),
}
"""Of one event, of so many, and of more than so many; by what the page shows."""


def _list_of(found: Unprocessed, about: str) -> str:
    """Of one state where they all are in it: the list filters by one."""
    state = State.QUARANTINED if not found.tried_again else "" if found.put_aside else State.WAITING
    asked = {"q": about} | ({"state": str(state)} if state else {})
    return f"{reverse('console:webhooks')}?{urlencode(asked)}"
