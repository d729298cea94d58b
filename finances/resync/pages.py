"""One page of a part: read, written or compared, and saved with its place, counts and findings, all or nothing."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction

from finances import mirror
from finances.gateway import CallRefused, ScopeMissing, StripeProblem
from finances.incidents import log_incident
from finances.models import MissingScope, ResyncPart, ResyncRun
from finances.resync import ending
from finances.resync.account import prove
from finances.resync.claiming import LostPart, keep
from finances.resync.comparing import Compared, compare_one, compare_page, keep_compared
from finances.resync.findings import (
    Counts,
    all_of,
    counts_of,
    not_stored,
    note,
    note_failure,
    note_missing_scope,
    unknown_here,
)
from finances.resync.holdings import Held
from finances.resync.reading import Place, Read, RunGateway, read_page
from finances.resync.tally import counted
from finances.tickets import take_ticket

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Json = dict[str, Any]
Outcome = mirror.Outcome


NOT_THE_PAGES = (ScopeMissing, CallRefused)
"""Of one object on a page, or of what it points at: the others can be stored."""


class PageOf:
    """The part that a worker holds, with the gateway that it reads by."""

    def __init__(self, part: ResyncPart, gateway: RunGateway, clock: Clock) -> None:
        self.part, self.gateway, self.clock = part, gateway, clock
        self.run: ResyncRun = part.run
        self.step: Json = part.step
        self.type_name: str = part.step["type"]
        self.writes = part.run.kind == ResyncRun.Kind.RESYNC
        # Who asks for one object may do so because the page looks wrong: the rows are looked at, not what we remember.
        self.anew = part.run.urgent or bool(part.run.scope.get("repair"))
        self._said: set[str] = set()
        self._is_proven = False
        self.began = clock()

    def read(self) -> None:
        """The next page, to its end: it stands in the tables, and the part's place is after it.

        Raises StripeProblem, with nothing of the page written; LostPart when the part is not ours any more.
        """
        self._prove()
        if "id" in self.step:
            self._one(self.step["id"], {})
        elif "ids" in self.step:
            index = self.part.place.get("index", 0)
            self._one(self.step["ids"][index], self.place_after(index))
        else:
            self._page()

    def _prove(self) -> None:
        if not self._is_proven:
            proof = prove(self.run, self.gateway, self.clock())
            self.gateway.is_ours, self._is_proven = proof.is_ours, True
            if proof.refused:
                self.gateway.refused["account"] = proof.refused

    def place_after(self, index: int) -> Place | None:
        """Of a step with ids: None when that was the last one."""
        return {"index": index + 1} if index + 1 < len(self.step["ids"]) else None

    def save(self, place: Place | None, counts: Counts, **changes: Any) -> None:
        """Within the transaction that writes. None, or a step of one object: the part is done."""
        calls, self.gateway.calls = self.gateway.calls, 0
        slowed, self.gateway.slowed = self.gateway.slowed, 0
        done = place is None or "id" in self.step
        if not done:
            changes["place"] = place
        counts = counts.plus(self._scopes())
        again = {"tries": 0, "next_try_at": None, "problem": ""}
        try:
            keep(self.part, self.clock(), counts=counts, calls=calls, slowed=slowed, **again, **changes)
            if done:
                ending.end_part(self.part, self.clock())
        except BaseException:
            # Rolled back: to be counted by whoever saves next.
            self.gateway.calls += calls
            self.gateway.slowed += slowed
            raise

    def _scopes(self) -> Counts:
        """What the key may not read although these point at it, and what it may read by now."""
        counts = Counts()
        for type_name, problem in self.gateway.refused.items():
            if type_name not in self._said:
                note_missing_scope(problem, type_name, self.clock())
                counts = counts.plus(note_failure(self.run, all_of(type_name), type_name, problem, self.clock()))
        if self.type_name not in self._said | self.gateway.refused.keys():
            MissingScope.objects.filter(type=self.type_name).delete()
        self._said |= {self.type_name, *self.gateway.refused}
        return counts

    # --- One object ----------------------------------------------------------------------------------------------

    def _one(self, object_id: str, following: Place | None) -> None:
        if not self.writes:
            began = self.clock()
            compared = compare_one(self.gateway, self.type_name, object_id, now=began)
            with transaction.atomic():
                self._skip_what_cannot_be(compared[0].outcome)
                self.save(following, self._compared(compared, began))
            return

        def within(written: list[mirror.Written]) -> None:
            counts = note(self.run, written, self.clock())
            self._skip_what_cannot_be(written[0].outcome)
            self.save(following, counts)

        self._written(object_id, within)

    def _written(self, object_id: str, within: Callable[[list[mirror.Written]], None]) -> None:
        try:
            mirror.read_and_write(
                self.gateway, self.type_name, object_id, now=self.clock(), within=within, anew=self.anew
            )
        except (StripeProblem, LostPart, OperationalError):
            raise
        except Exception as error:
            raise not_stored(object_id, error) from None

    def _skip_what_cannot_be(self, outcome: mirror.Outcome) -> None:
        """Nothing can hang on an object that Stripe never had."""
        if outcome == Outcome.UNKNOWN and "id" in self.step:
            ending.skip_others(self.part)

    # --- A page of a list ----------------------------------------------------------------------------------------

    def _page(self) -> None:
        place = self.part.place
        ticket = take_ticket() if self.writes else None
        now = self.clock()
        self.began = datetime.fromisoformat(place["began"]) if "began" in place else now
        read = read_page(self.step, place, self.gateway, before=ticket)
        for each in read.absent:
            self._absent(each)
        place = self.part.place  # with what those came to
        # After a lost place the same second is read once more.
        fresh = [it for it in read.objects if it["id"] not in place.get("border", ())]
        if ticket is None:
            compared = compare_page(self.type_name, fresh, now=now)
            with transaction.atomic():
                counts = self._compared(compared, now).plus(self._refused(read))
                self._end_of_page(read, fresh, [(it.id, it.outcome) for it in compared], counts)
        else:
            self._write(read, fresh, ticket, now)

    def _absent(self, held: Held) -> None:
        """An object that is here and that its page lacks, read directly: only Stripe's own word makes it gone."""

        def save(outcome: mirror.Outcome, counts: Counts) -> None:
            place = self.part.place
            if outcome == Outcome.GONE:
                tally = counted(place.get("tally", {}), [], (), [held.created_at], began_at=self.began)
                place = place | {"tally": tally}
            self.save(place, counts)

        try:
            if self.writes:
                self._written(held.id, lambda written: save(written[0].outcome, note(self.run, written, self.clock())))
                return
            began = self.clock()
            compared = compare_one(self.gateway, self.type_name, held.id, now=began)
            with transaction.atomic():
                save(compared[0].outcome, self._compared(compared, began))
        except StripeProblem as problem:
            if problem.may_pass or not isinstance(problem, NOT_THE_PAGES):
                raise
            with transaction.atomic():
                self.save(self.part.place, note_failure(self.run, held.id, self.type_name, problem, self.clock()))

    def _compared(self, compared: list[Compared], now: datetime) -> Counts:
        keep_compared(self.run, compared, now)
        unknown = [it for it in compared if it.outcome == Outcome.UNKNOWN]
        failed = sum(note_failure(self.run, it.id, it.type, unknown_here(it.type), now).failed for it in unknown)
        return counts_of([it.outcome for it in compared if it.outcome != Outcome.UNKNOWN], failed)

    def _refused(self, read: Read) -> Counts:
        notes = (note_failure(self.run, owner, self.type_name, it, self.clock()) for owner, it in read.refused.items())
        return Counts(failed=sum(each.failed for each in notes))

    def _end_of_page(
        self, read: Read, fresh: list[Json], outcomes: list[tuple[str, mirror.Outcome]], counts: Counts
    ) -> None:
        """Within the page's transaction: the tally, the place, and where it was the last page, the end."""
        of_page = dict(outcomes)
        held = {it["id"] for it in fresh if of_page.get(it["id"]) not in (None, Outcome.NEW)}
        differed = {each for each in held if of_page[each] == Outcome.CHANGED}
        tally = counted(self.part.place.get("tally", {}), fresh, held, (), differed, began_at=self.began)
        if read.following is None:
            ending.keep_tally(self.part, tally, self.began)
            self.save(None, counts)
        else:
            self.save(read.following | {"tally": tally, "began": self.began.isoformat()}, counts)

    def _write(self, read: Read, fresh: list[Json], ticket: int, now: datetime) -> None:
        """All of a page at once; where something in it cannot be stored, one by one, so that only that is left out."""

        def end(outcomes: list[tuple[str, mirror.Outcome]], counts: Counts) -> None:
            self._end_of_page(read, fresh, outcomes, counts.plus(self._refused(read)))

        def within(written: list[mirror.Written]) -> None:
            end([(it.id, it.outcome) for it in written], note(self.run, written, now))

        if not fresh:
            with transaction.atomic():
                within([])
            return
        try:
            mirror.write(self.gateway, self.type_name, fresh, ticket=ticket, now=now, within=within, anew=self.anew)
            return
        except (LostPart, OperationalError):
            raise
        except StripeProblem as problem:
            if problem.may_pass or not isinstance(problem, NOT_THE_PAGES):
                raise
        except Exception as error:
            log_incident(logger, f"Resync run {self.run.pk}: a page of {self.type_name} is written one by one", error)
        outcomes: list[tuple[str, mirror.Outcome]] = []
        for it in fresh:
            outcomes += self._write_alone(it, ticket, now)
        with transaction.atomic():
            end(outcomes, Counts())

    def _write_alone(self, it: Json, ticket: int, now: datetime) -> list[tuple[str, mirror.Outcome]]:
        outcomes: list[tuple[str, mirror.Outcome]] = []

        def within(written: list[mirror.Written]) -> None:
            self.save(self.part.place, note(self.run, written, now))
            outcomes.extend((each.id, each.outcome) for each in written)

        try:
            mirror.write(self.gateway, self.type_name, [it], ticket=ticket, now=now, within=within, anew=self.anew)
        except (LostPart, OperationalError):
            raise
        except Exception as error:
            if isinstance(error, StripeProblem):
                if error.may_pass or not isinstance(error, NOT_THE_PAGES):
                    raise
                problem: StripeProblem = error
            else:
                problem = not_stored(it["id"], error)
            with transaction.atomic():
                self.save(self.part.place, note_failure(self.run, it["id"], self.type_name, problem, now))
        return outcomes
