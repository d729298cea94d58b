from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from finances import worker
from finances.gateway import StripeProblem
from finances.management.arguments import point_in_time
from finances.models import WorkerHeartbeat
from finances.webhooks.catch_up import catch_up

STRIPE_KEEPS = timedelta(days=30)


class Command(BaseCommand):
    help = "Find the events that Stripe has and we lack, and have them processed."

    def add_arguments(self, parser):
        parser.add_argument("--since", type=point_in_time, help="default: all that Stripe still has, 30 days")

    def handle(self, *, since, **options):
        now = timezone.now()
        since = since or now - STRIPE_KEEPS
        try:
            found = catch_up(since=since, now=now)
        except StripeProblem as problem:
            raise CommandError(f"{problem.sentence} {problem.advice}") from None
        self.stdout.write(f"Stripe has {found.listed} events since {since:%Y-%m-%d %H:%M} UTC; {found.held} were here.")
        if found.missed and not WorkerHeartbeat.is_anyone_alive(now):
            worker.drain()
        for event_id in found.missed:
            self.stdout.write(f"missed: {event_id}")
