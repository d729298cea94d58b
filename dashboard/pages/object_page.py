"""What the pages of a customer, a subscription and an invoice have in common: the timeline, the notes, the way back
from Stripe.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from dashboard import notes
from dashboard.pages.as_it_was import AsItWasPage
from dashboard.pages.shell import Page
from dashboard.tables.moments import shown_timeline
from dashboard.tables.notes import shown_notes
from dashboard.trail.actions import ON_A_TIMELINE
from finances.reads.moments import About, timeline


class ObjectPage(Page):
    """`?timeline=` is a place in the timeline, which HTMX asks for by itself as the part `moments`.

    `?as-of=` is another page: the object as it was.
    """

    partials = frozenset({"moments"})

    @override
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and "as-of" in request.GET:
            return AsItWasPage.as_view()(request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def timeline_of(self, about: About, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """`names`: what people call subscriptions, by id. One query."""
        rights = {"paydesk.resync": "paydesk.view_resyncrun", "paydesk.comparison": "paydesk.view_resyncrun"}
        rights["paydesk.note"] = "paydesk_console.view_note"
        actions = [each for each in ON_A_TIMELINE if self.request.user.has_perm(rights[each.rpartition(".")[0]])]
        found = timeline(about, actions=actions, cursor=self.request.GET.get("timeline"))
        return {"moments": found, "timeline": shown_timeline(found.moments, names, now)}

    def notes_of(self, object_id: str, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """One query; none without the right to see them."""
        if not self.request.user.has_perm("paydesk_console.view_note"):
            return {}
        found = notes.notes_of_customer(object_id) if object_id.startswith("cus_") else notes.notes_about(object_id)
        return {"notes": shown_notes(found, object_id, names, self.request.user, now), "note_about": object_id}
