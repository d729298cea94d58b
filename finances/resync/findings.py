"""What a run found, kept on its row and object by object."""

import re
from datetime import datetime

from finances import mirror
from finances.differences import differences
from finances.gateway import StripeProblem
from finances.models import ResyncFinding, ResyncRun

Kind = ResyncFinding.Kind


def note(run: ResyncRun, written: list[mirror.Written], now: datetime) -> None:
    """Counts and findings. What came along as a parent or a part counts like what was asked for."""
    outcomes = mirror.Outcome
    unknown = [it for it in written if it.outcome == outcomes.UNKNOWN]
    counted = [it for it in written if it not in unknown]
    kinds = {outcomes.CHANGED: Kind.CHANGED, outcomes.NEW: Kind.NEW, outcomes.GONE: Kind.GONE}
    ResyncFinding.objects.bulk_create(
        [
            ResyncFinding(
                run=run,
                object_id=it.id,
                object_type=it.type,
                kind=kinds[it.outcome],
                differences=differences(it.before, it.data) if it.outcome == outcomes.CHANGED and it.before else [],
                found_at=now,
            )
            for it in counted
            if it.outcome in kinds
        ],
        ignore_conflicts=True,
    )
    for it in unknown:
        note_failure(
            run,
            it.id,
            it.type,
            StripeProblem(
                f"Stripe has no {it.type.replace('_', ' ')} with this id.",
                "Check the id, and that it belongs to this account and mode.",
            ),
            now,
        )
    count = {kind: sum(it.outcome == kind for it in counted) for kind in outcomes}
    run.done += len(counted)
    run.changed += count[outcomes.CHANGED]
    run.new += count[outcomes.NEW]
    run.gone += count[outcomes.GONE]
    run.total = max(run.total, run.done)
    run.save(update_fields=["done", "changed", "new", "gone", "total", "failed"])


def note_failure(run: ResyncRun, object_id: str, object_type: str, problem: StripeProblem, now: datetime) -> None:
    ResyncFinding.objects.update_or_create(
        run=run,
        # It may be the id itself that no column holds: too long, or with a NUL in it.
        object_id=re.sub(r"[^!-~ ]", "?", object_id)[:255],
        kind=Kind.FAILED,
        defaults={
            "object_type": object_type,
            "problem": problem.sentence,
            "advice": problem.advice,
            "found_at": now,
        },
    )
    run.failed += 1
