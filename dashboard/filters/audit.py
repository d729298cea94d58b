from typing import override

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters.kinds import DayFilter, PickFilter, SearchFilter, TypedFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.trail.actions import ACTIONS, KINDS, of_kind
from finances.models import AuditEntry


class AuditFilter(ListFilter):
    q = SearchFilter()
    kind = PickFilter(label=gettext_lazy("Kind"), choices=[(kind, label) for kind, (label, _nouns) in KINDS.items()])
    action = PickFilter(label=gettext_lazy("Action"), choices=list(ACTIONS.items()), field_name="action")
    person = TypedFilter(
        field_name="actor_name", label=gettext_lazy("Person"), placeholder=gettext_lazy("log-in name"), max_length=150
    )
    target = TypedFilter(field_name="target", label=gettext_lazy("About"), placeholder="cus_…", max_length=255)
    at_from = DayFilter(field_name="at", label=gettext_lazy("From"))
    at_to = DayFilter(field_name="at", label=gettext_lazy("Until"), last=True)

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def where_q(self, text: str) -> Q:
        """A person or what it was about, as a whole: both have an index, and the trail grows for ever."""
        return Q(actor_name=text) | Q(target=text)

    def where_kind(self, value: str) -> Q:
        return Q(action__in=of_kind(value))

    @override
    def describe(self, name: str, value: object) -> str:
        return _("About %(what)s") % {"what": value} if name == "target" else super().describe(name, value)
