"""A crowd of objects of one type, read by pages of Stripe's list where it would take too long to read one by one.

Newest first, from the newest that is pending: so each page brings at least that one, and jumps over what nobody waits
for. An object that its page passed by is read directly. Only Stripe's own word makes a tombstone, never a list.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import OperationalError
from django.utils.translation import ngettext

from finances import mirror
from finances.gateway import Gateway, Page
from finances.incidents import log_incident
from finances.models import Delivery
from finances.stripe_problems import Stopped, StripeProblem
from finances.tickets import take_ticket
from finances.webhooks.claiming import Claimed, hand_back, renew
from finances.webhooks.one_object import TRIES, Clock, Found, process
from finances.webhooks.settling import in_words, settle

logger = logging.getLogger(__name__)
Json = dict[str, Any]

MOST_THIN = 3
"""Pages in a row that bring one pending object at most, or none: then they are too far apart for pages."""
MOST_FAILED = 2
"""Objects in a row that could not be read or stored: the others are left to whoever comes next."""
# Nothing tells us of a balance transaction: it comes along with what it is of, a call each, so a few at a time.
BY_THE_WAY = {"charge", "refund", "dispute", "payout"}
FEW = 20


class Crowd:
    """Objects of one type whose deliveries we hold. `pending`: those that are not done, by id."""

    def __init__(self, claimed: list[Claimed], clock: Clock, stop: Callable[[], bool]) -> None:
        self.type_name = claimed[0].object_type
        self.pending = {each.object_id: each for each in claimed}
        self._clock, self._stop = clock, stop
        self._gateway = Gateway(tries=TRIES, beat=lambda: renew(self.pending.values(), clock()), stop=stop)
        self._failed = 0

    def work_off(self) -> tuple[int, bool]:
        """How many deliveries were worked on, and whether pages are the way to go on; what is left is handed back.

        A list that Stripe refuses is nobody's try: each object is read by itself then, and has its own reason.
        """
        events = self._events()
        try:
            went = self._read_pages()
        except OperationalError:
            raise
        except Stopped:
            went = False
        except StripeProblem as problem:
            logger.warning("No lists of %s for deliveries, they are read one by one: %s", self.type_name, problem)
            went = False
        except Exception as error:
            log_incident(logger, f"Deliveries of {self.type_name} are read one by one", error)
            went = False
        hand_back(self.pending.values())
        return events - self._events(), went

    def _events(self) -> int:
        return sum(len(each.claims) for each in self.pending.values())

    def _read_pages(self) -> bool:
        thin, after, ended_at = 0, "", None
        while self.pending and not self._stop():
            newest = max(_created(each) for each in self.pending.values())
            ticket, now = take_ticket(), self._clock()
            calls_before = self._gateway.calls
            # Where a page ended in the midst of a second, the next one goes on in it.
            page = self._gateway.page(
                self.type_name, after=after if newest == ended_at else "", created={"lte": int(newest.timestamp())}
            )
            brought = {it["id"]: it for it in page.objects if it["id"] in self.pending}
            for some in self._portions(list(brought.values())):
                self._write(some, ticket, now, calls_before)
            after, ended_at = _end(page)
            for each in [it for it in self.pending.values() if ended_at is None or _created(it) > ended_at]:
                if each.object_id not in brought:
                    self._one_by_one(each)
            thin = thin + 1 if len(brought) < 2 else 0
            if thin == MOST_THIN or self._failed >= MOST_FAILED:
                return False
        return True

    def _portions(self, objects: list[Json]) -> Iterator[list[Json]]:
        size = FEW if self.type_name in BY_THE_WAY else len(objects) or 1
        for start in range(0, len(objects), size):
            if self._stop():
                return
            yield objects[start : start + size]

    def _write(self, objects: list[Json], ticket: int, now: datetime, calls_before: int) -> None:
        """All at once; where something in it cannot be stored, one by one, so that only that is put off."""

        def keep(written: list[mirror.Written]) -> None:
            calls = self._gateway.calls - calls_before
            said = ngettext(
                "One of %(count)s that were read by %(calls)s call.",
                "One of %(count)s that were read by %(calls)s calls.",
                calls,
            )
            of = said % {"count": len(objects), "calls": calls}
            by_outcome: dict[str, list[Claimed]] = {}
            for it in written:
                if it.id in ids and it.type == self.type_name:  # a product may have the id of its price
                    by_outcome.setdefault(f"{in_words(it)}. {of}", []).append(self.pending[it.id])
            for outcome, claimed in by_outcome.items():
                settle(claimed, self._clock(), state=Delivery.State.PROCESSED, outcome=outcome, calls=calls)

        ids = {it["id"] for it in objects}
        try:
            mirror.write(
                self._gateway,
                self.type_name,
                objects,
                ticket=ticket,
                now=now,
                within=keep,
                companions_too=self.type_name in BY_THE_WAY,
            )
        except OperationalError:
            raise
        except Exception as error:
            if not isinstance(error, StripeProblem):
                log_incident(logger, f"A page of {self.type_name} is written one by one", error)
            for it in objects:
                self._one_by_one(self.pending[it["id"]], Found(it, ticket, now))
            return
        for object_id in ids:
            del self.pending[object_id]
        self._failed = 0

    def _one_by_one(self, claimed: Claimed, found: Found | None = None) -> None:
        if self._stop() or self._failed >= MOST_FAILED:
            return
        went = process(claimed, self._clock, gateway=self._gateway, found=found)
        del self.pending[claimed.object_id]
        self._failed = 0 if went else self._failed + 1


def _created(claimed: Claimed) -> datetime:
    assert claimed.created_at is not None  # noqa: S101  # nosec B101  # a crowd is claimed of such only
    return claimed.created_at


def _end(page: Page) -> tuple[str, datetime | None]:
    """The last id of a page and its creation: what is newer and pending was passed by. None: all others were."""
    last = page.objects[-1] if page.objects else {}
    if page.has_more and isinstance(last.get("created"), int):
        return last["id"], datetime.fromtimestamp(last["created"], UTC)
    return "", None
