from django.core.management.base import BaseCommand
from django.utils import timezone

from finances.doctor import examine

MARKS = {True: "ok   ", False: "WRONG", None: "note "}


class Command(BaseCommand):
    help = "Every setting, key, mode, API version, webhook, queue and lag, a line each; exit 1 if one is wrong."

    def handle(self, **options):
        wrong = 0
        for finding in examine(timezone.now()):
            self.stdout.write(f"{MARKS[finding.ok]}  {finding.subject}: {finding.sentence}")
            wrong += finding.ok is False
        raise SystemExit(1 if wrong else 0)
