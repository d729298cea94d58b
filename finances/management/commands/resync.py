import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from finances.management.arguments import point_in_time
from finances.models import ResyncRun, WorkerHeartbeat
from finances.resync.plan import make_plan
from finances.resync.request import UnknownTarget, request_resync
from finances.resync.run import claim_next, work_on

EXIT_CODES = {"complete": 0, "partial": 3, "cancelled": 4, "failed": 1}


class Command(BaseCommand):
    help = "Read objects anew from Stripe: a Stripe id, a type (customer, invoice, ...), or all."

    def add_arguments(self, parser):
        parser.add_argument("targets", nargs="+", metavar="TARGET")
        parser.add_argument("--since", type=point_in_time, help="created at or after this date or time (UTC)")
        parser.add_argument("--until", type=point_in_time, help="created before this date or time (UTC)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be read, and read nothing")
        parser.add_argument(
            "--wait", action="store_true", help="follow the run; 0 complete, 3 partial, 4 cancelled, 1 failed"
        )

    def handle(self, *, targets, since, until, dry_run, wait, **options):
        try:
            plans = {target: make_plan(target, since=since, until=until) for target in targets}
        except UnknownTarget as unknown:
            raise CommandError(str(unknown)) from None
        if dry_run:
            for target, plan in plans.items():
                self.stdout.write(f"{target}: {len(plan.steps)} steps, about {plan.estimate} objects that are here")
            return
        runs = []
        for target in targets:
            run, already_running = request_resync(target, now=timezone.now(), since=since, until=until)
            self.stdout.write(f"{run.id}{' (already running)' if already_running else ''}")
            runs.append(run)
        if wait:
            codes = [EXIT_CODES[self._follow(run)] for run in runs]
            # a failure weighs more than a cancelled run, that more than a partial one
            raise SystemExit(next((code for code in (1, 4, 3) if code in codes), 0))

    def _follow(self, run: ResyncRun) -> str:
        """Until the run ends; does the work itself when no worker is alive."""
        shown = None
        while run.state in ResyncRun.UNFINISHED:
            alone = run.state != ResyncRun.State.PAUSED and not WorkerHeartbeat.is_anyone_alive(timezone.now())
            if alone and (claimed := claim_next(timezone.now(), run.pk)):
                work_on(claimed, timezone.now)
            else:
                time.sleep(0.5)
            run.refresh_from_db()
            if (line := f"{run.done} of about {run.total}") != shown:
                shown = line
                self.stdout.write(line)
        self.stdout.write(
            f"{run.state}: {run.done} read, {run.changed} changed, {run.new} new, {run.gone} gone, {run.failed} failed"
        )
        if run.problem:
            self.stderr.write(run.problem)
        for finding in run.findings.filter(kind="failed"):
            self.stderr.write(f"{finding.object_id}: {finding.problem} {finding.advice}")
        return run.state
