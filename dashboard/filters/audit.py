from typing import override

from django.db.models import Q

from dashboard.filters.kinds import DayFilter, PickFilter, SearchFilter, TypedFilter
from dashboard.filters.list_filter import ListFilter
from dashboard.trail.actions import ACTIONS, KINDS, of_kind
from finances.models import AuditEntry


class AuditFilter(ListFilter):
    q = SearchFilter()
    kind = PickFilter(label="Kind", choices=[(kind, label) for kind, (label, _) in KINDS.items()])
    action = PickFilter(label="Action", choices=list(ACTIONS.items()), field_name="action")
    person = TypedFilter(field_name="actor_name", label="Person", placeholder="log-in name", max_length=150)
    target = TypedFilter(field_name="target", label="About", placeholder="cus_…", max_length=255)
    at_from = DayFilter(field_name="at", label="From")
    at_to = DayFilter(field_name="at", label="Until", last=True)

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
        return f"About {value}" if name == "target" else super().describe(name, value)
