import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from finances import worker
from finances.management.arguments import point_in_time
from finances.models import CatchUp, WorkerHeartbeat
from finances.reads.catch_ups import event_gap
from finances.webhooks.catch_up import request_catch_up
from finances.webhooks.comparison import claim_next, work_on


class Command(BaseCommand):
    help = "Find the events that Stripe has and we lack, and have them processed."

    def add_arguments(self, parser):
        parser.add_argument(
            "--since",
            type=point_in_time,
            help="default: from a little before the last comparison; before the first one, all that Stripe still has",
        )

    def handle(self, *, since, **options):
        while (requested := request_catch_up(now=timezone.now(), since=since)).already_running:
            self.stdout.write("Another comparison is running; this one begins when it ends.")
            self._follow(requested.catch_up)
        found = requested.catch_up
        self._follow(found)
        if found.state == CatchUp.State.FAILED:
            raise CommandError(found.problem)
        self.stdout.write(
            f"Stripe has {found.listed} events since {found.since:%Y-%m-%d %H:%M} UTC; {found.held} were here."
        )
        if found.missed and not WorkerHeartbeat.is_anyone_alive(timezone.now()):
            worker.drain()
        for event_id in found.found.order_by("-created_at", "-event_id").values_list("pk", flat=True):
            self.stdout.write(f"missed: {event_id}")
        if gap := event_gap(timezone.now()):
            self.stderr.write(
                f"Stripe no longer has the events from {gap.since:%Y-%m-%d %H:%M} to {gap.until:%Y-%m-%d %H:%M} UTC: "
                "`resync all` reads what they were about."
            )

    def _follow(self, found: CatchUp) -> None:
        """Until it ends; does the work itself unless a worker does."""
        while found.state in CatchUp.UNFINISHED:
            if claimed := claim_next(timezone.now(), found.pk):
                work_on(claimed, timezone.now)
            else:
                time.sleep(0.2)
            found.refresh_from_db()
