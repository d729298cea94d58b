"""The one way into the tables: Stripe object -> dj-stripe row + read-model row + version, in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, OperationalError, transaction

from finances.gateway import Gateway
from finances.mirror.astray import Standing, astray
from finances.mirror.erased import without_erased_persons
from finances.mirror.fetching import fetch
from finances.mirror.fitting import DoesNotFit, may_hold_nul, misfit
from finances.mirror.former_emails import keep_former_emails
from finances.mirror.further_lines import with_further_lines
from finances.mirror.neighbours import owners_to_hold
from finances.mirror.parents import with_missing_parents
from finances.mirror.rows import link_what_came_later, mark_deleted, write_type
from finances.mirror.states import (
    UNWRITTEN,
    Fetched,
    Outcome,
    State,
    Written,
    lock_states,
    record_states,
    states_of,
)
from finances.mirror.table import compress_quickly, sent_ahead
from finances.mirror.types import TYPES, embedded
from finances.mirror.versions import keep_versions, replaced
from finances.models import OwnAccount, state_key
from finances.tickets import take_ticket

Json = dict[str, Any]
Within = Callable[[list[Written]], object]


def read_and_write(
    gateway: Gateway,
    type_name: str,
    object_id: str,
    *,
    now: datetime,
    within: Within = lambda written: None,
    anew: bool = False,
) -> list[Written]:
    """Read one object from Stripe and write what it says; the object itself comes first in the answer.

    No transaction is open while Stripe is asked. An object that Stripe has no more becomes a tombstone. `anew`: see
    `write`. Raises StripeProblem, but not NoSuchObject: that is an answer.
    """
    fetched = fetch(gateway, type_name, object_id, now)
    return _write_with_parents(gateway, [fetched], now=now, within=within, companions_too=True, anew=anew)


def write(
    gateway: Gateway,
    type_name: str,
    objects: Sequence[Json],
    *,
    ticket: int,
    now: datetime,
    within: Within = lambda written: None,
    companions_too: bool = False,
    anew: bool = False,
) -> list[Written]:
    """Write one object, or a page of one type, that was fetched after `ticket` was taken.

    What they point at and is not here yet is fetched first; what only goes beside them with `companions_too`, and where
    it is one object. Answers in the order of `objects`, then what came along.
    Raises DoesNotFit where it is one object, and something of it is what keeps it from being stored.
    `within` is called with the same inside the transaction: what must be true together is written there.
    `anew`: what Stripe answered last time is not taken for what the rows hold. They are looked at, and written where
    they are not what this answer leaves there; then the outcome is CHANGED, and `before` what the row held.
    """
    fetched = [Fetched(type_name, it, ticket, now, deleted=it.get("deleted") is True) for it in objects]
    companions_too = companions_too or len(fetched) == 1
    return _write_with_parents(gateway, fetched, now=now, within=within, companions_too=companions_too, anew=anew)


def _write_with_parents(
    gateway: Gateway, fetched: list[Fetched], *, now: datetime, within: Within, companions_too: bool, anew: bool
) -> list[Written]:
    try:
        return _with_parents(gateway, fetched, now=now, within=within, companions_too=companions_too, anew=anew)
    except OperationalError:
        raise
    except (DatabaseError, ValidationError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        # Of a page nobody is told which one it was: its writer writes each of it alone.
        if len(fetched) == 1 and (sentence := misfit(fetched[0].type, fetched[0].data)):
            raise DoesNotFit(sentence) from None
        raise


def _with_parents(
    gateway: Gateway, fetched: list[Fetched], *, now: datetime, within: Within, companions_too: bool, anew: bool
) -> list[Written]:
    parts = [Fetched(part["object"], part, it.ticket, now) for it in fetched for part in embedded(it.data)]
    if any(may_hold_nul(it.text) for it in [*fetched, *parts]):
        raise ValueError("NUL")  # SQLite would keep it, and PostgreSQL never; its ids are asked for next
    if any(it.data.get("object") != it.type and not it.deleted for it in fetched):
        # dj-stripe's models refuse it. Without one it would be kept as what it is not, over the state of what it is.
        raise ValueError("another type")
    known = states_of({it.key for it in [*fetched, *parts]})
    fetched = with_further_lines(gateway, fetched, known, anew=anew)
    batch = [*fetched, *parts]
    owner_id = owner_account_id(gateway, now)
    # What did not change has its parents here.
    differing = [it for it in batch if anew or it.key not in known or not known[it.key].holds(it)]
    parents = with_missing_parents(
        gateway, differing, beside={(it.type, it.id) for it in batch}, now=now, companions_too=companions_too
    )
    return write_all(batch + parents, owner_id, within, anew=anew, known=known)


def known_account_id() -> str | None:
    """The account that this deployment's key belongs to, as the tables know it; None before the first read."""
    return OwnAccount.objects.values_list("account_id", flat=True).first()


def owner_account_id(gateway: Gateway, now: datetime) -> str:
    """The same; the first time it is read from Stripe and written, since every row points at it."""
    if known := known_account_id():
        return known
    ticket = take_ticket()
    account = gateway.account()
    write_all([Fetched("account", account, ticket, now)])
    OwnAccount.objects.get_or_create(id=1, defaults={"account_id": account["id"]})
    return account["id"]


def write_all(
    batch: Sequence[Fetched],
    owner_id: str | None = None,
    within: Within = lambda written: None,
    *,
    anew: bool = False,
    known: Mapping[str, State] = MappingProxyType({}),
) -> list[Written]:
    """One transaction: drop what is older than the tables, skip what is the same, write the rest, keep versions.

    `anew`: the same is what the rows hold themselves, not what was written last. `known`: the state rows
    of a moment ago, by key.
    """
    try:
        return _write_all(batch, owner_id, within, anew=anew, known=known)
    except _WrittenMeanwhile:  # nothing is written yet, and owners are held before anything else is
        return _write_all(batch, owner_id, within, anew=anew, known={})


class _WrittenMeanwhile(Exception):
    """Somebody wrote, since these were looked at, what was the same then."""


def _write_all(
    batch: Sequence[Fetched], owner_id: str | None, within: Within, *, anew: bool, known: Mapping[str, State]
) -> list[Written]:
    # A page can repeat an object; the newest fetch of it is the one to write.
    newest = {it.key: it for it in sorted(batch, key=lambda it: it.ticket)}
    with transaction.atomic():
        # What is the same changes nobody's columns.
        differs = {key for key, it in newest.items() if anew or key not in known or not known[key].holds(it)}
        owners = owners_to_hold((newest[key].type, newest[key].data) for key in differs)
        states = lock_states(newest.values(), known, beside=owners)
        newest, states = without_erased_persons(newest, states)
        differing = [it for it in newest.values() if it.missing or states[it.key].content_hash != it.content_hash]
        strays = astray(list(newest.values())) if anew else {}
        before, standing = replaced(differing, states)
        before |= {each: stray.answer for each, stray in strays.items() if stray.answer is not None}
        by_outcome: dict[Outcome, list[Fetched]] = {outcome: [] for outcome in Outcome}
        outcomes = {}
        for it in newest.values():
            outcome = _outcome(it, states[it.key], strays.get(it.key), was_known=it.key in before)
            outcomes[it.key] = outcome
            by_outcome[outcome].append(it)
        to_write = [*by_outcome[Outcome.NEW], *by_outcome[Outcome.CHANGED], *by_outcome[Outcome.GONE]]
        # Of what has no state yet nothing was written; `standing` says the same of what was.
        standing |= {it.key: {} for it in by_outcome[Outcome.NEW] if states[it.key].ticket == UNWRITTEN}
        same = by_outcome[Outcome.SAME]
        unlinked: set[str] = set()
        chosen = {it.key for it in to_write}
        if chosen - differs:
            raise _WrittenMeanwhile
        if to_write:
            compress_quickly()
        for type_name, of_type in _in_writing_order(newest.values()):
            if alive := [it for it in of_type if it.key in chosen and not it.deleted]:
                write_type(type_name, alive, owner_id, {} if anew else standing, unlinked)
            known_now = [_as_known(it, states[it.key]) for it in of_type]
            if gone := [it for it in known_now if _needs_mark(it, states[it.key], is_written=it.key in chosen)]:
                mark_deleted(type_name, gone, owner_id, {it.id: states[it.key].deleted_at for it in gone})
            waiting = [
                it.data for it in of_type if outcomes[it.key] is Outcome.SAME and (anew or states[it.key].unlinked)
            ]
            lacking = link_what_came_later(type_name, [it for it in waiting if it.get("deleted") is not True])
            unlinked |= {state_key(type_name, each) for each in lacking}
        with sent_ahead():
            unknown = [it for it in by_outcome[Outcome.UNKNOWN] if not states[it.key].is_of_another(it)]
            record_states(to_write + unknown, same, states, unlinked)
            keep_versions(it for it in to_write if states[it.key].content_hash != it.content_hash)
        keep_former_emails(to_write, before)
        written = [
            Written(
                type=newest[key].type,
                id=newest[key].id,
                outcome=outcomes[key],
                data=newest[key].data,
                before=before.get(key),
                in_columns=strays[key].in_columns if key in strays else (),
            )
            for key in dict.fromkeys(it.key for it in batch)
        ]
        within(written)
    return written


def _as_known(fetched: Fetched, state: State) -> Fetched:
    """A parent that was there when it was fetched, and by a newer fetch is gone: what points at it needs a row."""
    if fetched.as_parent and not fetched.deleted and state.ticket >= fetched.ticket and state.deleted_at:
        return replace(fetched, data=fetched.data | {"deleted": True}, deleted=True)
    return fetched


def _needs_mark(fetched: Fetched, state: State, *, is_written: bool) -> bool:
    """A parent needs its row also when its tombstone was here before; but not where it is back by a newer fetch."""
    if not fetched.deleted:
        return False
    return is_written or (fetched.as_parent and (state.ticket < fetched.ticket or bool(state.deleted_at)))


def _in_writing_order(fetched: Iterable[Fetched]) -> Iterator[tuple[str, list[Fetched]]]:
    """By type, what is pointed at first."""
    by_type: dict[str, list[Fetched]] = {}
    for it in fetched:
        by_type.setdefault(it.type, []).append(it)
    return ((type_name, by_type[type_name]) for type_name in TYPES if type_name in by_type)


def _outcome(fetched: Fetched, state: State, stray: Standing | None, *, was_known: bool) -> Outcome:
    if state.is_of_another(fetched):
        return Outcome.UNKNOWN
    if state.ticket >= fetched.ticket:
        return Outcome.STALE
    if fetched.missing and not was_known:
        return Outcome.UNKNOWN
    if state.content_hash == fetched.content_hash and not stray:
        return Outcome.SAME
    if fetched.deleted:
        return Outcome.SAME if state.deleted_at and not stray else Outcome.GONE
    no_row = stray is not None and stray.answer is None
    return Outcome.NEW if state.ticket == UNWRITTEN or no_row else Outcome.CHANGED
