from datetime import UTC, datetime, time, timedelta
from typing import Any, override

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard import formatting, notes
from dashboard.pages.shell import Crumb, Page
from dashboard.tables.differences import difference_rows
from dashboard.tables.facts import changed_in_words, compared
from dashboard.trail import looked_at
from finances.reads.as_it_was import as_it_was
from finances.reads.names import names_of
from finances.reads.prices import product_names
from finances.reads.stored import id_at, list_at

MOMENT = timedelta(microseconds=1)
# What is nearer to either end of time cannot be said in every zone.
FIRST, LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)


class AsItWasPage(Page):
    """A customer, a subscription or an invoice as it was seen: `?as-of=` a day or a moment, `and=` another one to hold
    it against (the latest state otherwise). Days end at midnight of the viewer's zone.
    """

    template_name = "dashboard/pages/as_it_was.html"

    @override
    def get_permission_required(self) -> tuple[str, ...]:
        return (notes.right_to_see(self.kwargs["id"]),)

    @override
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        if kwargs["id"].startswith("cus_"):
            looked_at.viewed(request, kwargs["id"])
        return self.render_to_response(context)

    @override
    def crumbs(self) -> list[Crumb]:
        return [(self.name, formatting.console_link(self.kwargs["id"])), (_("As it was"), None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        object_id, now = self.kwargs["id"], timezone.now()
        asked, beside = self.moment("as-of"), self.moment("and")
        found = as_it_was(object_id, asked or now, beside)
        if not found.states:
            raise Http404(f"No state of {object_id} was kept here.")
        self.name = names_of([object_id]).get(object_id) or object_id
        self.title = _("%(name)s as it was") % {"name": self.name}
        states = [each.stripe_data for each in (found.then, found.beside) if each]
        states += [state for change in found.history.changes for state in (change.before, change.after)]
        products = product_names(id_at(item, "price", "product") for it in states for item in list_at(it, "items"))
        rows = (
            compared(found.then.stripe_data, found.beside.stripe_data, products) if found.then and found.beside else []
        )
        return super().get_context_data(**kwargs) | {
            "found": found,
            "name": self.name,
            "object_id": object_id,
            "asked": asked,
            "beside": beside,
            "address": formatting.console_link(object_id),
            "rows": rows,
            "changed": sum(row.changed for row in rows),
            "differences": difference_rows(found.differences),
            "changes": [
                (change, change.seen_at - MOMENT, changed_in_words(change.before, change.after, products))
                for change in found.history.changes
            ],
        }

    def moment(self, name: str) -> datetime | None:
        """None for now, and, said so, for what is no date."""
        text = self.request.GET.get(name, "").strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.notice(_("“%(text)s” is no date here; write one like 2026-03-01.") % {"text": text[:40]})
            return None
        if len(text) <= len("2026-03-01"):
            moment = datetime.combine(moment.date(), time.max)
        try:
            moment = moment if moment.tzinfo else timezone.make_aware(moment)
        except (OverflowError, ValueError):
            moment = LAST
        if FIRST < moment < LAST:
            return moment
        self.notice(_("“%(text)s” is out of reach.") % {"text": text[:40]})
        return None
