"""The part that a worker holds: its place, what it counted and the calls that it took, saved together or not at all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from finances import scopes
from finances.models import ResyncPart, ResyncRun
from finances.resync import ending
from finances.resync.account import prove
from finances.resync.claiming import add_parts, keep
from finances.resync.findings import Counts, all_of, note_failure, note_missing_scope
from finances.resync.reading import Place, RunGateway

Clock = Callable[[], datetime]
Json = dict[str, Any]

REMEMBERED = ("place", "step", "state", "tries", "next_try_at", "problem")
"""What of a part is kept in memory, as it was saved last."""


class PartInHand:
    """With the gateway that its worker reads by."""

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
        self.claimed_at = clock()

    @property
    def step(self) -> Json:
        return self.part.step

    @property
    def may_be_dropped(self) -> bool:
        """For somebody who waits; once, and never what was read of it already."""
        return not (self.gateway.keeps or self.part.place.get("dropped"))

    def prove(self) -> None:
        """That the key is of the account that is here; asked once."""
        if not self._is_proven:
            proof = prove(self.run, self.gateway, self.clock())
            self.gateway.is_ours, self._is_proven = proof.is_ours, True
            if proof.refused:
                self.gateway.refused["account"] = proof.refused

    def place_after(self, index: int) -> Place | None:
        """Of a step with ids: None when that was the last one."""
        return {"index": index + 1} if index + 1 < len(self.step["ids"]) else None

    def save(self, place: Place | None, counts: Counts, *, also: Sequence[Json] = (), **changes: Any) -> None:
        """Within the transaction that writes. None, or a step of one object: the part is done. `also`: steps of parts
        that the run has from now on, too."""
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
        if also:
            add_parts(self.part, also)
        if done:
            ending.end_part(self.part, self.clock())

    @contextmanager
    def saving(self) -> Iterator[None]:
        """A transaction that ends with `save`."""
        with self.remembering(), transaction.atomic():
            yield

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Around the transaction in which the page is saved once. Where it is rolled back, so is what we remember of
        it: the place stands where the table has it, and the calls are counted by whoever saves next."""
        before = {name: getattr(self.part, name) for name in REMEMBERED}
        said, new, self._counted = set(self._said), self.run.new, (0, 0)
        try:
            yield
        except BaseException:
            for name, value in before.items():
                setattr(self.part, name, value)
            self._said, self.run.new = said, new
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
