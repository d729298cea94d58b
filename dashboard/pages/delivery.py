from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from dashboard.pages.shell import Crumb, Page
from dashboard.tables.differences import difference_rows
from dashboard.tables.payload import payload_tree
from finances.models import Delivery
from finances.reads.delivery import changes, delays
from finances.reads.names import names_of


class DeliveryPage(Page):
    """One webhook. What comes out of the payload, the changed values too, takes the right to read payloads."""

    template_name = "dashboard/pages/delivery.html"
    permission_required = "paydesk.view_delivery"

    def crumbs(self) -> list[Crumb]:
        return [("Webhooks", reverse("console:webhooks")), (self.title, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_read = self.request.user.has_perm("paydesk.view_payload")
        rows = Delivery.objects.all() if may_read else Delivery.objects.defer("payload")
        delivery = get_object_or_404(rows, pk=self.kwargs["event_id"])
        self.title = delivery.event_type
        changed = changes(delivery.payload) if may_read else []
        return super().get_context_data(**kwargs) | {
            "delivery": delivery,
            "delays": delays(delivery),
            "names": names_of([delivery.object_id, delivery.customer_id]),
            "may_read": may_read,
            "changes": difference_rows(changed),
            "tree": payload_tree(delivery.payload, {change["field"] for change in changed}) if may_read else None,
        }
