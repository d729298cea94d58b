import re

from django.core.validators import RegexValidator
from django.db.models import QuerySet

from dashboard.filters.list_filter import ListFilter, PickFilter, SearchFilter, TypedFilter
from dashboard.formatting import word
from finances.models import Delivery
from finances.reads.webhooks import about, of_type

event_type = RegexValidator(re.compile(r"^[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*|\.|\*)?$", re.IGNORECASE))


class DeliveriesFilter(ListFilter):
    q = SearchFilter(method="search")
    state = PickFilter(label="State", choices=[(state, word(state)) for state in Delivery.State.values])
    type = TypedFilter(label="Type", placeholder="invoice.*", method="by_type", max_length=255, validators=[event_type])

    class Meta:
        model = Delivery
        fields: list[str] = []

    def search(self, rows: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        return about(rows, value)

    def by_type(self, rows: QuerySet[Delivery], name: str, value: str) -> QuerySet[Delivery]:
        return of_type(rows, value)
