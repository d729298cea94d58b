"""One page of a part: read, written or compared, and saved with its place, counts and findings, all or nothing."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F

from finances import mirror, scopes
from finances.gateway import CallRefused, ScopeMissing, StripeProblem
from finances.incidents import log_incident
from finances.models import ResyncPart, ResyncRun
from finances.resync import ending
from finances.resync.account import prove
from finances.resync.claiming import LostPart, add_parts, keep
from finances.resync.comparing import Compared, compare_one, compare_page, keep_compared
from finances.resync.findings import (
    Counts,
    NotStored,
    all_of,
    counts_of,
    not_stored,
    note,
    note_deleted_before,
    note_failure,
    note_missing_scope,
    note_unknown,
)
from finances.resync.holdings import Held
from finances.resync.reading import Place, Read, RunGateway, read_page
from finances.resync.slices import LONG, share_out, split
from finances.resync.tally import counted
from finances.tickets import take_ticket

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Json = dict[str, Any]
Within = Callable[[list[mirror.Written]], None]
Outcome = mirror.Outcome


REMEMBERED = ("place", "step", "state", "tries", "next_try_at", "problem")
"""What of a part is kept in memory, as it was saved last."""

NOT_THE_PAGES = (ScopeMissing, CallRefused, NotStored)
"""Of one object on a page, or of what it points at: the others can be stored."""


class PageOf:
    """The part that a worker holds, with the gateway that it reads by."""

    def __init__(self, part: ResyncPart, gateway: RunGateway, clock: Clock) -> None:
        self.part, self.gateway, self.clock = part, gateway, clock
        self.run: ResyncRun = part.run
        self.type_name: str = part.step["type"]
        self.writes = part.run.kind == ResyncRun.Kind.RESYNC
        # Who asks for one object may do so because the page looks wrong: the rows are looked at, not what we remember.
        self.anew = part.run.urgent or bool(part.run.scope.get("repair"))
        self._said: set[str] = set()
        self._is_proven = False
        self._counted = (0, 0)
        self.began = self.claimed_at = clock()

    @property
    def step(self) -> Json:
        return self.part.step

    @property
    def may_be_dropped(self) -> bool:
        """For somebody who waits; once, and never what was read of it already."""
        return not (self.gateway.keeps or self.part.place.get("dropped"))

    def read(self) -> None:
        """The next page, to its end: it stands in the tables, and the part's place is after it.

        Raises StripeProblem, with nothing of the page written; LostPart when the part is not ours any more.
        """
        self.gateway.keeps = False
        if "links" in self.step:
            self._link()
            return
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
        if "links" not in self.step:
            counts = counts.plus(self._scopes())
        again = {"tries": 0, "next_try_at": None, "problem": ""}
        self._counted = (calls, slowed)
        keep(self.part, self.clock(), counts=counts, calls=calls, slowed=slowed, **again, **changes)
        if done:
            ending.end_part(self.part, self.clock())

    @contextmanager
    def _saving(self) -> Iterator[None]:
        with self._remembering(), transaction.atomic():
            yield

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Around the transaction in which the page is saved once. Where it is rolled back, so is what we remember of
        it: the place stands where the table has it, and the calls are counted by whoever saves next."""
        before = {name: getattr(self.part, name) for name in REMEMBERED}
        said, self._counted = set(self._said), (0, 0)
        try:
            yield
        except BaseException:
            for name, value in before.items():
                setattr(self.part, name, value)
            self._said = said
            self.gateway.calls += self._counted[0]
            self.gateway.slowed += self._counted[1]
            raise

    def count_calls(self) -> None:
        """Those of a page that was dropped."""
        calls, slowed = self.gateway.calls, self.gateway.slowed
        self.gateway.calls = self.gateway.slowed = 0
        ResyncRun.objects.filter(pk=self.run.pk).update(calls=F("calls") + calls, slowed=F("slowed") + slowed)

    def _scopes(self) -> Counts:
        """What the key may not read although these point at it, and what it may read by now."""
        counts = Counts()
        for type_name, problem in self.gateway.refused.items():
            if type_name not in self._said:
                note_missing_scope(problem, type_name, self.clock())
                counts = counts.plus(note_failure(self.run, all_of(type_name), type_name, problem, self.clock()))
        if self.type_name not in self._said | self.gateway.refused.keys():
            scopes.allowed([self.type_name])
        self._said |= {self.type_name, *self.gateway.refused}
        return counts

    # --- One object ----------------------------------------------------------------------------------------------

    def _one(self, object_id: str, following: Place | None) -> None:
        if not self.writes:
            began = self.clock()
            compared = compare_one(self.gateway, self.type_name, object_id, now=began)
            with self._saving():
                self._skip_what_cannot_be(compared[0].outcome)
                self.save(following, self._compared(compared, began))
                self._say_if_deleted_before(compared[0])
            return

        def within(written: list[mirror.Written]) -> None:
            counts = note(self.run, written, self.clock(), said=self.gateway.of_other_mode)
            self._skip_what_cannot_be(written[0].outcome)
            self.save(following, counts)
            self._say_if_deleted_before(written[0])

        self._written(object_id, within)

    def _written(self, object_id: str, within: Within) -> None:
        try:
            with self._remembering():
                mirror.read_and_write(
                    self.gateway, self.type_name, object_id, now=self.clock(), within=within, anew=self.anew
                )
        except (StripeProblem, LostPart, OperationalError):
            raise
        except Exception as error:
            raise not_stored(object_id, error) from None

    def _say_if_deleted_before(self, it: mirror.Written | Compared) -> None:
        if it.outcome == Outcome.SAME and it.data.get("deleted") is True:
            note_deleted_before(self.run, it.type, it.id)

    def _skip_what_cannot_be(self, outcome: mirror.Outcome) -> None:
        """Nothing can hang on an object that Stripe never had."""
        if outcome == Outcome.UNKNOWN and "id" in self.step:
            ending.skip_others(self.part)

    # --- What points at a type and came before it ---

    def _link(self) -> None:
        if not self.writes:
            with self._saving():
                self.save(None, Counts())
            return
        with self._saving():
            started = self.run.started_at or self.run.created_at
            place = mirror.link(self.step["links"], self.type_name, self.part.place, seen_since=started)
            self.save(place, Counts())

    # --- A page of a list ----------------------------------------------------------------------------------------

    def _page(self) -> None:
        place = self.part.place
        ticket = take_ticket() if self.writes else None
        now = self.clock()
        self.began = datetime.fromisoformat(place["began"]) if "began" in place else now
        read = read_page(self.step, place, self.gateway, before=ticket)
        # Those that are there were read with this page before, by whoever did not come to its end.
        absent = [each for each in read.absent if each.id not in place.get("there", ())]
        # After a lost place the same second is read once more.
        fresh = [it for it in read.objects if it["id"] not in place.get("border", ())]
        if ticket is None:
            self._compare(read, fresh, absent, now)
        else:
            for each in absent:
                self._read_absent(each)
            self._write(read, fresh, ticket, now)

    # What is here and what its page lacks is read directly: only Stripe's own word makes it gone.

    def _read_absent(self, held: Held) -> None:
        def save(written: list[mirror.Written]) -> None:
            place = self.part.place
            if written[0].outcome == Outcome.GONE:
                tally = counted(place.get("tally", {}), [], (), [held.created_at], began_at=self.began)
                place = place | {"tally": tally}
            else:
                place = place | {"there": [*place.get("there", ()), held.id]}
            self.save(place, note(self.run, written, self.clock()))

        try:
            self._written(held.id, save)
        except NOT_THE_PAGES as problem:
            with self._saving():
                self.save(self.part.place, note_failure(self.run, held.id, self.type_name, problem, self.clock()))

    def _compare(self, read: Read, fresh: list[Json], absent: list[Held], now: datetime) -> None:
        """All of a page in one transaction, since what a comparison found is found again when the page is read anew."""
        compared = compare_page(self.type_name, fresh, now=now)
        outcomes = [(it.id, it.outcome) for it in compared]
        refused, gone = dict(read.refused), []
        for held in absent:
            try:
                alone = compare_one(self.gateway, self.type_name, held.id, now=self.clock())
            except NOT_THE_PAGES as problem:
                refused[held.id] = problem
                continue
            compared += alone
            if alone[0].outcome == Outcome.GONE:
                gone.append(held.created_at)
        with self._saving():
            counts = self._compared(compared, now).plus(self._refused(refused))
            self._end_of_page(read, fresh, outcomes, counts, gone)

    def _compared(self, compared: list[Compared], now: datetime) -> Counts:
        keep_compared(self.run, compared, now)
        unknown = [(it.type, it.id) for it in compared if it.outcome == Outcome.UNKNOWN]
        failed = note_unknown(self.run, unknown, self.gateway.of_other_mode, now)
        return counts_of([it.outcome for it in compared if it.outcome != Outcome.UNKNOWN], failed)

    def _refused(self, refused: Mapping[str, StripeProblem]) -> Counts:
        notes = (note_failure(self.run, each, self.type_name, it, self.clock()) for each, it in refused.items())
        return Counts(failed=sum(each.failed for each in notes))

    def _end_of_page(
        self,
        read: Read,
        fresh: list[Json],
        outcomes: list[tuple[str, mirror.Outcome]],
        counts: Counts,
        gone: Sequence[datetime | None] = (),
    ) -> None:
        """Within the page's transaction: the tally, the place, and where it was the last page, the end."""
        of_page = dict(outcomes)
        held = {it["id"] for it in fresh if of_page.get(it["id"]) not in (None, Outcome.NEW)}
        differed = {each for each in held if of_page[each] == Outcome.CHANGED}
        tally = counted(self.part.place.get("tally", {}), fresh, held, gone, differed, began_at=self.began)
        if read.following is None:
            ending.keep_tally(self.part, tally, self.began)
            self.save(None, counts)
        else:
            place = read.following | {"tally": tally, "began": self.began.isoformat()}
            mine, *others = self._shared_out(place)
            self.save(place, counts, step=mine)
            if others:
                add_parts(self.part, others)

    def _shared_out(self, place: Place) -> list[Json]:
        """The step to go on with; of a list that turns out long, also those that others may take off it."""
        if "each" in self.step and "of" not in self.step and not self.part.place.get("after"):
            return split(self.step, place["after"])
        filters = self.step.get("filters", {})
        is_of_a_type = self.step.keys() == {"type", "filters"} and filters.keys() <= {"created"}
        upper = place.get("upper")
        if place.get("pages", 0) % LONG or not is_of_a_type or "created" in place or not isinstance(upper, int):
            return [self.step]
        return [self.step | {"filters": {"created": each}} for each in share_out(filters.get("created") or {}, upper)]

    def _write(self, read: Read, fresh: list[Json], ticket: int, now: datetime) -> None:
        """All of a page at once; where something in it cannot be stored, one by one, so that only that is left out."""

        def end(outcomes: list[tuple[str, mirror.Outcome]], counts: Counts) -> None:
            self._end_of_page(read, fresh, outcomes, counts.plus(self._refused(read.refused)))

        def within(written: list[mirror.Written]) -> None:
            end([(it.id, it.outcome) for it in written], note(self.run, written, now))

        if not fresh:
            with self._saving():
                within([])
            return
        try:
            self._mirror(fresh, ticket, now, within)
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
        with self._saving():
            end(outcomes, Counts())

    def _write_alone(self, it: Json, ticket: int, now: datetime) -> list[tuple[str, mirror.Outcome]]:
        def within(written: list[mirror.Written]) -> None:
            self.save(self.part.place, note(self.run, written, now))

        try:
            return [(each.id, each.outcome) for each in self._mirror([it], ticket, now, within)]
        except (LostPart, OperationalError):
            raise
        except Exception as error:
            if isinstance(error, StripeProblem):
                if error.may_pass or not isinstance(error, NOT_THE_PAGES):
                    raise
                problem: StripeProblem = error
            else:
                problem = not_stored(it["id"], error)
            with self._saving():
                self.save(self.part.place, note_failure(self.run, it["id"], self.type_name, problem, now))
            return []

    def _mirror(self, objects: list[Json], ticket: int, now: datetime, within: Within) -> list[mirror.Written]:
        with self._remembering():
            return mirror.write(
                self.gateway, self.type_name, objects, ticket=ticket, now=now, within=within, anew=self.anew
            )
