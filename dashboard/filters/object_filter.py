"""What the lists of Stripe's objects have in common."""

from datetime import timedelta
from typing import ClassVar

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dashboard.filters.kinds import AgeFilter, CountryFilter, TypedFilter, YesOrNoFilter, stripe_id
from dashboard.filters.list_filter import ListFilter
from finances.reads import lists

COLLECTION = [("charge_automatically", _("Charged automatically")), ("send_invoice", _("Invoice sent"))]


class ObjectFilter(ListFilter):
    """`customer_column`: whose the objects are."""

    customer_column: ClassVar[str] = "customer_id"

    email = TypedFilter(label=_("Customer’s e-mail"), placeholder="ada@example.com", max_length=512)
    name = TypedFilter(label=_("Customer’s name"), placeholder="Ada Lovelace", max_length=512)
    user = TypedFilter(label=_("Customer’s user"), placeholder=_("id in your application"), max_length=255)
    country = CountryFilter()
    event = TypedFilter(label=_("Event"), placeholder="evt_…", validators=[stripe_id])
    drift = YesOrNoFilter(label=_("Differs from Stripe"))
    stale = AgeFilter(label=_("Not read for"))

    def where_email(self, value: str) -> Q:
        return self._of_customers(lists.with_email(value))

    def containing_email(self, part: str) -> Q:
        return self._of_customers(lists.with_part_of_email(part))

    def where_name(self, value: str) -> Q:
        return self._of_customers(lists.with_name(value))

    def containing_name(self, part: str) -> Q:
        return self._of_customers(lists.with_part_of_name(part))

    def where_user(self, value: str) -> Q:
        return self._of_customers(Q(subscriber_id=value))

    def where_country(self, value: str) -> Q:
        return self._of_customers(self.filters["country"].condition(value))

    def where_event(self, value: str) -> Q:
        return lists.of_event(value)

    def where_drift(self, value: str) -> Q:
        return lists.with_drift() if value == "yes" else ~lists.with_drift()

    def where_stale(self, value: timedelta) -> Q:
        return lists.read_before(self.now - value)

    def where_metadata(self, key: str, value: str | None) -> Q:
        """`value`: None for objects that have no such key."""
        if value is None:
            return ~lists.with_metadata_key(self.queryset.model, key)
        return lists.with_metadata(self.queryset.model, key, value)

    def _of_customers(self, condition: Q) -> Q:
        return lists.of_customers(self.customer_column, condition)


class NumberedFilter(ObjectFilter):
    """Invoices and credit notes, which people know by their numbers."""

    # A part that is shorter is served by no index.
    number = TypedFilter(label=_("Number"), placeholder="8AUJLCKC-0016", min_length=3, max_length=255)

    def where_number(self, value: str) -> Q:
        return lists.with_number(value)

    def containing_number(self, part: str) -> Q:
        return lists.with_part_of_number(part)
