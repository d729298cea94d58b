from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from dashboard.pages.shell import Crumb, Page
from dashboard.tables.differences import difference_rows
from finances.reads.names import names_of
from finances.reads.resyncs import findings, progress, runs


class ResyncPage(Page):
    """One run; its part `run` asks for itself again each second until the run has ended."""

    template_name = "dashboard/pages/resync.html"
    permission_required = "paydesk.view_resyncrun"
    partials = frozenset({"run"})

    def crumbs(self) -> list[Crumb]:
        return [("Resyncs", reverse("console:resyncs")), (self.title, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = get_object_or_404(runs(), pk=self.kwargs["id"])
        self.title = f"Resync of {run.target}"
        found = findings(run)
        return super().get_context_data(**kwargs) | {
            "run": run,
            "progress": progress(run, timezone.now()),
            "findings": found,
            "changes": [(finding, difference_rows(finding.differences)) for finding in found.changes],
            "target_name": names_of([run.target]).get(run.target, ""),
        }
