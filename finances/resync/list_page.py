"""A page of a list: written or compared whole, and saved with the place after it.

What is here and what its page lacks is read directly: only Stripe's own word makes it gone.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import OperationalError

from finances import mirror
from finances.incidents import log_incident
from finances.mirror.fitting import misfit
from finances.resync import ending
from finances.resync.claiming import LostPart, add_parts
from finances.resync.comparing import Compared, compare_one, compare_page
from finances.resync.findings import Counts, nameless, not_stored, note, note_compared, note_failure
from finances.resync.holdings import Held
from finances.resync.in_hand import PartInHand
from finances.resync.left_behind import steps_after
from finances.resync.one_object import OF_ONE_OBJECT, write_one
from finances.resync.reading import read_page
from finances.resync.slices import cut
from finances.resync.tally import counted
from finances.stripe_problems import StripeProblem
from finances.tickets import take_ticket

logger = logging.getLogger(__name__)
Json = dict[str, Any]
Within = Callable[[list[mirror.Written]], None]
Outcome = mirror.Outcome
type Outcomes = list[tuple[str, mirror.Outcome]]


def read_list_page(hand: PartInHand) -> None:
    """The next page of the part's list, to its end. Raises StripeProblem, LostPart."""
    ticket = take_ticket() if hand.writes else None
    page = ListPage(hand, before=ticket)
    if ticket is None:
        page.compare()
    else:
        page.write(ticket)


class ListPage:
    """Read as it is made. `before`: a ticket taken before; None for a comparison."""

    def __init__(self, hand: PartInHand, *, before: int | None) -> None:
        self.hand, self.part, self.run = hand, hand.part, hand.run
        place = self.part.place
        self.now = hand.clock()
        # Of the first page of the slice.
        self.began = datetime.fromisoformat(place["began"]) if "began" in place else self.now
        self.read = read_page(hand.step, place, hand.gateway, before=before)
        # Those that are there were read with this page before, by whoever did not come to its end.
        self.absent = [each for each in self.read.absent if each.id not in place.get("there", ())]
        self.refused = dict(self.read.refused)
        for it in self.read.nameless:
            of_it = nameless(hand.type_name)
            self.refused[of_it] = not_stored(of_it, mirror.DoesNotFit(misfit(hand.type_name, it)))
        # After a lost place the same second is read once more.
        self.fresh = [it for it in self.read.objects if it["id"] not in place.get("border", ())]

    def compare(self) -> None:
        """All of a page in one transaction, since what a comparison found is found again when the page is read anew."""
        hand = self.hand
        compared = compare_page(hand.type_name, self.fresh, now=self.now)
        outcomes = self._outcomes(compared)
        refused, gone = dict(self.refused), []
        for held in self.absent:
            try:
                alone = compare_one(hand.gateway, hand.type_name, held.id, now=hand.clock())
            except OF_ONE_OBJECT as problem:
                refused[held.id] = problem
                continue
            compared += alone
            if alone[0].outcome == Outcome.GONE:
                gone.append(held.created_at)
        with hand.saving():
            counts = note_compared(self.run, compared, self.now, said=hand.gateway.of_other_mode)
            self._end(outcomes, counts.plus(self._refused(refused)), gone)

    def write(self, ticket: int) -> None:
        """All of a page at once; where something in it cannot be stored, one by one, so that only that is left out."""
        for each in self.absent:
            self._read_absent(each)

        def end(outcomes: Outcomes, counts: Counts) -> None:
            self._end(outcomes, counts.plus(self._refused(self.refused)))

        def within(written: list[mirror.Written]) -> None:
            end(self._outcomes(written), note(self.run, written, self.now))

        if not self.fresh:
            with self.hand.saving():
                within([])
            return
        try:
            self._mirror(self.fresh, ticket, within)
            return
        except (LostPart, OperationalError):
            raise
        except StripeProblem as problem:
            if problem.may_pass or not isinstance(problem, OF_ONE_OBJECT):
                raise
        except Exception as error:
            told = f"Resync run {self.run.pk}: a page of {self.hand.type_name} is written one by one"
            log_incident(logger, told, error)
        outcomes: Outcomes = []
        for it in self.fresh:
            outcomes += self._write_alone(it, ticket)
        with self.hand.saving():
            end(outcomes, Counts())

    def _read_absent(self, held: Held) -> None:
        hand = self.hand

        def save(written: list[mirror.Written]) -> None:
            place = self.part.place
            if written[0].outcome == Outcome.GONE:
                tally = counted(place.get("tally", {}), [], (), [held.created_at], began_at=self.began)
                place = place | {"tally": tally}
            else:
                place = place | {"there": [*place.get("there", ()), held.id]}
            counts = note(self.run, written, hand.clock())
            hand.save(place, counts, also=steps_after(hand.step, written))

        try:
            write_one(hand, held.id, save)
        except OF_ONE_OBJECT as problem:
            with hand.saving():
                hand.save(self.part.place, note_failure(self.run, held.id, hand.type_name, problem, hand.clock()))

    def _write_alone(self, it: Json, ticket: int) -> Outcomes:
        def within(written: list[mirror.Written]) -> None:
            self.hand.save(self.part.place, note(self.run, written, self.now))

        try:
            return self._outcomes(self._mirror([it], ticket, within))
        except (LostPart, OperationalError):
            raise
        except Exception as error:
            if isinstance(error, StripeProblem):
                if error.may_pass or not isinstance(error, OF_ONE_OBJECT):
                    raise
                problem: StripeProblem = error
            else:
                problem = not_stored(it["id"], error)
            with self.hand.saving():
                counts = note_failure(self.run, it["id"], self.hand.type_name, problem, self.now)
                self.hand.save(self.part.place, counts)
            return []

    def _mirror(self, objects: list[Json], ticket: int, within: Within) -> list[mirror.Written]:
        hand = self.hand
        with hand.remembering():
            return mirror.write(
                hand.gateway, hand.type_name, objects, ticket=ticket, now=self.now, within=within, anew=hand.anew
            )

    def _outcomes(self, them: Iterable[mirror.Written | Compared]) -> Outcomes:
        """Without what came along: a product may have the id of its price."""
        return [(it.id, it.outcome) for it in them if it.type == self.hand.type_name]

    def _refused(self, refused: Mapping[str, StripeProblem]) -> Counts:
        of, now = self.hand.type_name, self.hand.clock
        notes = (note_failure(self.run, each, of, it, now()) for each, it in refused.items())
        return Counts(failed=sum(each.failed for each in notes))

    def _end(self, outcomes: Outcomes, counts: Counts, gone: Sequence[datetime | None] = ()) -> None:
        """Within the page's transaction: the tally, the place, and where it was the last page, the end."""
        of_page = dict(outcomes)
        held = {it["id"] for it in self.fresh if of_page.get(it["id"]) not in (None, Outcome.NEW)}
        differed = {each for each in held if of_page[each] == Outcome.CHANGED}
        before = self.part.place
        listed = [*self.fresh, *self.read.nameless]
        tally = counted(before.get("tally", {}), listed, held, gone, differed, began_at=self.began)
        if self.read.following is None:
            ending.keep_tally(self.part, tally, self.began)
            self.hand.save(None, counts)
        else:
            place = self.read.following | {"tally": tally, "began": self.began.isoformat()}
            mine, *others = cut(self.hand.step, before, place)
            self.hand.save(place, counts, step=mine)
            if others:
                add_parts(self.part, others)
