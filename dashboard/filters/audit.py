from typing import override

from django.db.models import Q, QuerySet

from dashboard.filters.list_filter import DayFilter, ListFilter, PickFilter, SearchFilter, TypedFilter
from dashboard.trail.actions import ACTIONS, KINDS, of_kind
from finances.models import AuditEntry


class AuditFilter(ListFilter):
    q = SearchFilter(method="search")
    kind = PickFilter(label="Kind", choices=[(kind, label) for kind, (label, _) in KINDS.items()], method="by_kind")
    action = PickFilter(label="Action", choices=list(ACTIONS.items()), field_name="action")
    person = TypedFilter(field_name="actor_name", label="Person", placeholder="log-in name", max_length=150)
    target = TypedFilter(field_name="target", label="About", placeholder="cus_…", max_length=255)
    at_from = DayFilter(field_name="at", label="From")
    at_to = DayFilter(field_name="at", label="Until", last=True)

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def search(self, entries: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        """A person or what it was about, as a whole: both have an index, and the trail grows for ever."""
        return entries.filter(Q(actor_name=value) | Q(target=value)) if value else entries

    def by_kind(self, entries: QuerySet[AuditEntry], name: str, value: str) -> QuerySet[AuditEntry]:
        return entries.filter(action__in=of_kind(value)) if value else entries

    @override
    def describe(self, name: str, value: object) -> str:
        return f"About {value}" if name == "target" else super().describe(name, value)
