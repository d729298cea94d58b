import time
from datetime import datetime, timedelta
from functools import partial

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from finances.management.arguments import point_in_time
from finances.models import ResyncFinding, ResyncPart, ResyncRun, WorkerHeartbeat
from finances.resync.plan import Plan, make_plan
from finances.resync.request import UnknownTarget, request_resync
from finances.resync.run import work_off
from finances.resync.targets import is_id

EXIT_CODES = {"complete": 0, "partial": 3, "cancelled": 4, "failed": 1}
MOST_SHOWN = 200
LONGEST_VALUE = 80
WORDS = {"changed": "differs", "new": "missing here", "gone": "missing at Stripe", "failed": "not read"}


class Command(BaseCommand):
    help = "Read objects anew from Stripe: Stripe ids, a type (customer, invoice, ...), all, or drifted."

    def add_arguments(self, parser):
        parser.add_argument("targets", nargs="+", metavar="TARGET")
        parser.add_argument("--alone", action="store_true", help="of a single id: without what hangs on it")
        parser.add_argument("--since", type=point_in_time, help="created at or after this date or time (UTC)")
        parser.add_argument("--until", type=point_in_time, help="created before this date or time (UTC)")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="compare with Stripe and write nothing; without --wait it only says what would be read",
        )
        parser.add_argument(
            "--wait", action="store_true", help="follow the run; 0 complete, 3 partial, 4 cancelled, 1 failed"
        )

        parser.add_argument("--reason", default="", help="kept with the run and in the audit trail")

    def handle(self, *, targets, alone, since, until, dry_run, wait, reason, **options):
        now = timezone.now()
        scopes = [{"target": target, "ids": ()} for target in targets]
        if alone or (len(targets) > 1 and all(is_id(target) for target in targets)):
            scopes = [{"target": "ids", "ids": targets}]
        scopes = [scope | {"since": since, "until": until} for scope in scopes]
        try:
            plans = [make_plan(**scope, now=now) for scope in scopes]
        except UnknownTarget as unknown:
            raise CommandError(str(unknown)) from None
        for plan in plans:
            self.stdout.write(_in_words(plan))
        if dry_run and not wait:
            return
        kind = ResyncRun.Kind.COMPARE if dry_run else ResyncRun.Kind.RESYNC
        runs = []
        for scope in scopes:
            run, already_running = request_resync(**scope, now=now, kind=kind, reason=reason)
            self.stdout.write(f"{run.id}{' (already running)' if already_running else ''}")
            runs.append(run)
        if wait:
            codes = [EXIT_CODES[self._follow(run)] for run in runs]
            # a failure weighs more than a cancelled run, that more than a partial one
            raise SystemExit(next((code for code in (1, 4, 3) if code in codes), 0))

    def _follow(self, run: ResyncRun) -> str:
        """Until the run ends; does the work itself when no worker is alive."""
        shown = ""
        while run.state in ResyncRun.UNFINISHED:
            worked = 0
            if run.state != ResyncRun.State.PAUSED and not WorkerHeartbeat.is_anyone_alive(timezone.now()):
                turn = timezone.now() + timedelta(seconds=2)
                worked = work_off(run.pk, timezone.now, turn_is_over=partial(_is_past, turn))
            if not worked:
                time.sleep(0.5)
            run.refresh_from_db()
            if (line := self._progress(run)) != shown:
                shown = line
                self.stdout.write(line)
        self._show_findings(run)
        self.stdout.write(
            f"{run.state}: {run.done} read, {run.changed} changed, {run.new} new, {run.gone} gone, {run.failed} failed,"
            f" {run.calls} calls"
            if run.kind == ResyncRun.Kind.RESYNC
            else f"{run.state}: {run.done} compared, {run.changed} differ, {run.new} missing here, "
            f"{run.gone} missing at Stripe, {run.failed} not read, {run.calls} calls; nothing was written"
        )
        for it in run.scope.get("deleted", ()):
            self.stdout.write(f"{it['id']}: deleted at Stripe, and marked so here since {it['since'][:10]}")
        if run.problem:
            self.stderr.write(run.problem)
        return run.state

    def _progress(self, run: ResyncRun) -> str:
        parts = run.parts.count()
        open_parts = run.parts.filter(state__in=ResyncPart.OPEN).count()
        line = f"{run.done} of about {run.total}, {parts - open_parts} of {parts} parts, {run.calls} calls"
        if run.state == ResyncRun.State.PAUSED:
            return f"{line}; paused"
        return f"{line}; {run.problem}" if run.problem and run.state in ResyncRun.UNFINISHED else line

    def _show_findings(self, run: ResyncRun) -> None:
        found = run.findings.exclude(kind=ResyncFinding.Kind.FAILED).order_by("id")
        if run.kind == ResyncRun.Kind.COMPARE:
            for finding in found[:MOST_SHOWN]:
                self.stdout.write(f"{finding.object_id}: {WORDS[finding.kind]}")
                for difference in finding.differences if finding.kind == ResyncFinding.Kind.CHANGED else ():
                    here, there = _shown(difference, "before"), _shown(difference, "after")
                    self.stdout.write(f"  {difference['field']}: here {here}, at Stripe {there}")
            if (more := found.count() - MOST_SHOWN) > 0:
                self.stdout.write(f"and {more} more; the page of the run has them")
        failed = run.findings.filter(kind=ResyncFinding.Kind.FAILED).order_by("id")
        for finding in failed[:MOST_SHOWN]:
            self.stderr.write(f"{finding.object_id}: {finding.problem} {finding.advice}")
        if (more := failed.count() - MOST_SHOWN) > 0:
            self.stderr.write(f"and {more} more that failed")


def _in_words(plan: Plan) -> str:
    return (
        f"{plan.target}: {_counted(len(plan.parts), 'part')}, about {_counted(plan.objects, 'object')} that are here, "
        f"{_counted(plan.calls, 'call')}, {_span(plan.takes)}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _span(takes: timedelta) -> str:
    seconds = max(1, round(takes.total_seconds()))
    if seconds < 90:
        return f"{seconds} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _shown(difference: dict, side: str) -> str:
    """A value of Stripe's may be long, and may hold what a terminal takes for a command."""
    if side not in difference:
        return "nothing"
    text = ascii(difference[side]) if not str(difference[side]).isprintable() else repr(difference[side])
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _is_past(moment: datetime) -> bool:
    return timezone.now() > moment
