from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.shell import Crumb, Page
from dashboard.tables.replays import conditions_in_words, title_of
from finances.reads.names import names_of
from finances.reads.replays import replay_progress, replay_results, replays
from finances.reads.webhooks import Conditions
from finances.webhooks.settling import ALL_PAUSES


class ReplayPage(Page):
    """One replay; its part `run` asks for itself again until it has ended."""

    template_name = "dashboard/pages/replay.html"
    permission_required = "paydesk.view_delivery"
    partials = frozenset({"run"})

    def crumbs(self) -> list[Crumb]:
        return [(_("Webhooks"), reverse("console:webhooks")), (self.title, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, replay = timezone.now(), get_object_or_404(replays(), pk=self.kwargs["id"])
        self.title = title_of(replay)
        conditions = Conditions.from_json(replay.conditions)
        names = names_of((*conditions.customers[:3], conditions.about, conditions.object_id))
        return super().get_context_data(**kwargs) | {
            "replay": replay,
            "progress": replay_progress(replay, now),
            "results": replay_results(replay),
            "all_pauses": ALL_PAUSES,
            "now": now,
            "conditions": conditions_in_words(conditions, names, replay),
        }
