from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.shell import Crumb, Page
from dashboard.tables.delivery_story import differs_from_ours, story
from dashboard.tables.differences import difference_rows
from dashboard.tables.payload import payload_tree
from dashboard.tables.timeline import of_delivery
from finances.configuration import PINNED_API_VERSION
from finances.models import Delivery, Replay
from finances.reads.delivery import changes, delays, neighbours
from finances.reads.names import names_of
from finances.resync.plan import target_of
from finances.webhooks.replay import may_have_effect


class DeliveryPage(Page):
    """One webhook. What comes out of the payload, the changed values too, takes the right to read payloads."""

    template_name = "dashboard/pages/delivery.html"
    permission_required = "paydesk.view_delivery"

    def crumbs(self) -> list[Crumb]:
        return [(_("Webhooks"), reverse("console:webhooks")), (self.title, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_read = self.request.user.has_perm("paydesk.view_payload")
        rows = Delivery.objects.select_related("found_by", "replay")
        rows = rows if may_read else rows.defer("payload")
        delivery = get_object_or_404(rows, pk=self.kwargs["event_id"])
        self.title = delivery.event_type
        changed = changes(delivery.payload) if may_read else []
        around = neighbours(delivery)
        on_the_way = delivery.state in (Delivery.State.RECEIVED, Delivery.State.PROCESSING)
        may_replay = not on_the_way and self.request.user.has_perm("paydesk.replay_delivery")
        elsewhere = may_replay and not may_have_effect(delivery)
        return super().get_context_data(**kwargs) | {
            "delivery": delivery,
            "now": timezone.now(),
            "delays": delays(delivery),
            "story": story(delivery),
            "ours": PINNED_API_VERSION,
            "skew": differs_from_ours(delivery.api_version, PINNED_API_VERSION),
            "names": names_of([delivery.object_id, delivery.customer_id]),
            "may_read": may_read,
            "pruned": may_read and not delivery.payload,
            "changes": difference_rows(changed),
            "tree": payload_tree(delivery.payload, {change["field"] for change in changed}) if may_read else None,
            "later": [of_delivery(each) for each in reversed(around.later)],
            "earlier": [of_delivery(each) for each in around.earlier],
            "replaying": on_the_way and delivery.replay and delivery.replay.state in Replay.UNFINISHED,
            "may_replay": may_replay and not elsewhere,
            "elsewhere": elsewhere,
            "resync_target": target_of(delivery.object_type, delivery.object_id) if delivery.object_id else "",
        }
