"""What a run found, object by object, and what it counts."""

import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from finances import mirror, nouns, scopes
from finances.differences import differences
from finances.incidents import log_incident
from finances.models import ObjectState, Reference, ResyncFinding, ResyncRun, about, state_key
from finances.resync.comparing import Compared, keep_compared, note_taken_over
from finances.stripe_problems import ScopeMissing, StripeProblem

logger = logging.getLogger(__name__)
Kind = ResyncFinding.Kind
Outcome = mirror.Outcome
MOST_DELETED = 20
MOST_NEW = 1_000
"""New objects that a run names, by each of its workers. Where more are new, as in a first import, all of them are, and
a row for each would say nothing that its number does not."""
KINDS = {Outcome.CHANGED: Kind.CHANGED, Outcome.NEW: Kind.NEW, Outcome.GONE: Kind.GONE}


class Counts(NamedTuple):
    """To be added to a run's row."""

    done: int = 0
    changed: int = 0
    new: int = 0
    gone: int = 0
    failed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def note(
    run: ResyncRun,
    written: list[mirror.Written],
    now: datetime,
    *,
    said: Mapping[Reference, StripeProblem] | None = None,
) -> Counts:
    """Keep what a write came to. What came along as a parent or a part counts like what was asked for.

    `said`: what Stripe said of objects that it does not have, where that is more than so much.
    """
    counted = [it for it in written if it.outcome != Outcome.UNKNOWN]
    kept = KINDS.keys() - ({Outcome.NEW} if run.new >= MOST_NEW else set())
    ResyncFinding.objects.bulk_create(
        [
            ResyncFinding(
                run=run,
                object_id=it.id,
                object_type=it.type,
                kind=KINDS[it.outcome],
                differences=_differences(it),
                problem=_deleted(it.type) if it.outcome == Outcome.GONE else "",
                found_at=now,
            )
            for it in counted
            if it.outcome in kept
        ],
        ignore_conflicts=True,
    )
    if run.urgent or run.scope.get("repair"):  # as the pages are written: anew
        note_taken_over([(it.type, it.id) for it in written if it.outcome != Outcome.STALE], now)
    unknown = [(it.type, it.id) for it in written if it.outcome == Outcome.UNKNOWN]
    failed = note_unknown(run, unknown, said or {}, now)
    return counts_of([it.outcome for it in counted], failed)


def note_compared(
    run: ResyncRun, compared: list[Compared], now: datetime, *, said: Mapping[Reference, StripeProblem]
) -> Counts:
    """The same of a comparison; `now`: when the reading of it began."""
    keep_compared(run, compared, now)
    unknown = [(it.type, it.id) for it in compared if it.outcome == Outcome.UNKNOWN]
    failed = note_unknown(run, unknown, said, now)
    return counts_of([it.outcome for it in compared if it.outcome != Outcome.UNKNOWN], failed)


def counts_of(outcomes: list[mirror.Outcome], failed: int = 0) -> Counts:
    return Counts(
        done=len(outcomes),
        changed=outcomes.count(Outcome.CHANGED),
        new=outcomes.count(Outcome.NEW),
        gone=outcomes.count(Outcome.GONE),
        failed=failed,
    )


def _differences(it: mirror.Written) -> list[dict]:
    if it.outcome != Outcome.CHANGED or not it.before:
        return []
    return [*differences(it.before, it.data), *it.in_columns]


def _deleted(type_name: str) -> str:
    said = _("Stripe says that this %(thing)s was deleted. What was known of it stays readable.")
    return said % {"thing": nouns.one(type_name)}


def note_deleted_before(run: ResyncRun, type_name: str, object_id: str) -> None:
    """An object that was asked for and was known to be deleted: kept with the run, for people. Nothing of it is new.

    Inside the transaction that saves the run's counts, and after that.
    """
    states = ObjectState.objects.filter(object_id=state_key(type_name, object_id))
    since = states.values_list("deleted_at", flat=True).first()
    scope = ResyncRun.objects.select_for_update().get(pk=run.pk).scope
    known = scope.get("deleted", [])
    if since and len(known) < MOST_DELETED:
        scope["deleted"] = [*known, {"type": type_name, "id": object_id, "since": since.isoformat()}]
        ResyncRun.objects.filter(pk=run.pk).update(scope=scope)


def note_unknown(
    run: ResyncRun, references: Iterable[Reference], said: Mapping[Reference, StripeProblem], now: datetime
) -> int:
    """Types and ids that neither side has; how many of them are new failures."""
    noted = (note_failure(run, each, of, said.get((of, each)) or unknown_here(of), now) for of, each in references)
    return sum(counts.failed for counts in noted)


def unknown_here(type_name: str) -> StripeProblem:
    return StripeProblem(
        _("Stripe has no %(thing)s with this id.") % {"thing": nouns.one(type_name)},
        _("Check the id, and that it belongs to this account and mode."),
    )


def note_failure(run: ResyncRun, object_id: str, object_type: str, problem: StripeProblem, now: datetime) -> Counts:
    """Keep that it could not be read; counted once, however often it is said."""
    # It may be the id itself that no column holds: too long, or with a NUL in it.
    object_id = re.sub(r"[^!-~ ]", "?", object_id)[:255]
    _finding, is_new = ResyncFinding.objects.filter(about([(object_type, object_id)])).update_or_create(
        run=run,
        object_id=object_id,
        kind=Kind.FAILED,
        defaults={
            "object_type": object_type,
            "problem": problem.sentence,
            "advice": problem.advice,
            "found_at": now,
        },
    )
    return Counts(failed=int(is_new))


def all_of(type_name: str) -> str:
    """What stands for the id where a whole list could not be read."""
    return f"all {type_name}s"


def nameless(type_name: str) -> str:
    """What stands for the id of those that came in a list without one."""
    return f"{type_name} without an id"


def note_missing_scope(problem: ScopeMissing, type_name: str, now: datetime) -> None:
    scopes.refused(problem.type or type_name, problem.sentence, problem.advice, now)


class NotStored(StripeProblem):
    pass


def not_stored(object_id: str, error: Exception) -> NotStored:
    log_incident(logger, f"{object_id} could not be stored", error)
    if isinstance(error, mirror.DoesNotFit):
        return NotStored(error.sentence, _("It is left out and the others go on; each later read tries it anew."))
    return NotStored(
        _("Paydesk could not store what Stripe answered (%(error)s).") % {"error": type(error).__name__},
        _("This is a defect of Paydesk: report it with the id and the log. The other objects are not affected."),
    )
