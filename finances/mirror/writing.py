"""The one way into the tables: Stripe object -> dj-stripe row + read-model row + version, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from finances.gateway import Gateway
from finances.mirror.astray import Standing, astray
from finances.mirror.canonical import content_hash
from finances.mirror.fetching import fetch
from finances.mirror.former_emails import keep_former_emails
from finances.mirror.further_lines import with_further_lines
from finances.mirror.parents import with_missing_parents
from finances.mirror.projections.values import id_of
from finances.mirror.rows import link_what_came_later, mark_deleted, write_type
from finances.mirror.states import (
    UNWRITTEN,
    Fetched,
    Outcome,
    Written,
    keep_versions,
    latest_versions,
    lock_states,
    record_states,
)
from finances.mirror.types import TYPES, embedded
from finances.models import ObjectState, OwnAccount
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
    `write`. Raises gateway.StripeProblem, but not NoSuchObject: that is an answer.
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
    fetched = with_further_lines(gateway, fetched, anew=anew)
    batch = [*fetched, *(Fetched(part["object"], part, it.ticket, now) for it in fetched for part in embedded(it.data))]
    owner_id = owner_account_id(gateway, now)
    parents = with_missing_parents(gateway, batch, now=now, companions_too=companions_too)
    return write_all(batch + parents, owner_id, within, anew=anew)


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
) -> list[Written]:
    """One transaction: drop what is older than the tables, skip what is the same, write the rest, keep versions.

    `anew`: the same is what the rows hold themselves, not what was written last.
    """
    # A page can repeat an object; the newest fetch of it is the one to write.
    newest = {it.id: it for it in sorted(batch, key=lambda it: it.ticket)}
    hashes = {it.id: content_hash(it.data) for it in newest.values()}
    with transaction.atomic():
        owners = {id_of(it.data.get("customer")) for it in newest.values() if it.type == "subscription"}
        states = lock_states(newest, {it.id: it.type for it in batch}, batch[0].seen_at, beside=owners - {""})
        differing = [it for it in newest.values() if it.missing or bytes(states[it.id].content_hash) != hashes[it.id]]
        strays = astray(list(newest.values())) if anew else {}
        before = latest_versions(it.id for it in differing)
        before |= {each: stray.answer for each, stray in strays.items() if stray.answer is not None}
        outcomes = {
            it.id: _outcome(it, states[it.id], hashes[it.id], strays.get(it.id), was_known=it.id in before)
            for it in newest.values()
        }

        def with_outcome(*wanted: Outcome) -> list[Fetched]:
            return [it for it in newest.values() if outcomes[it.id] in wanted]

        to_write = with_outcome(Outcome.NEW, Outcome.CHANGED, Outcome.GONE)
        for type_name in TYPES:
            if alive := [it for it in to_write if it.type == type_name and not it.deleted]:
                write_type(type_name, alive, owner_id)
            of_type = [_as_known(it, states[it.id]) for it in newest.values() if it.type == type_name]
            if gone := [it for it in of_type if _needs_mark(it, to_write, states)]:
                mark_deleted(type_name, gone, owner_id, {it.id: states[it.id].deleted_at for it in gone})
            if same := [it.data for it in with_outcome(Outcome.SAME) if it.type == type_name and not it.deleted]:
                link_what_came_later(type_name, same)
        tombstones = with_outcome(Outcome.UNKNOWN)
        record_states([(it, hashes[it.id]) for it in to_write + tombstones], with_outcome(Outcome.SAME), states)
        keep_versions([it for it in to_write if bytes(states[it.id].content_hash) != hashes[it.id]])
        keep_former_emails(to_write, before)
        written = [
            Written(
                type=newest[id_].type,
                id=id_,
                outcome=outcomes[id_],
                data=newest[id_].data,
                before=before.get(id_),
                in_columns=strays[id_].in_columns if id_ in strays else (),
            )
            for id_ in dict.fromkeys(it.id for it in batch)
        ]
        within(written)
    return written


def _as_known(fetched: Fetched, state: ObjectState) -> Fetched:
    """A parent that was there when it was fetched, and by a newer fetch is gone: what points at it needs a row."""
    if fetched.as_parent and not fetched.deleted and state.ticket >= fetched.ticket and state.deleted_at:
        return replace(fetched, data=fetched.data | {"deleted": True}, deleted=True)
    return fetched


def _needs_mark(fetched: Fetched, to_write: list[Fetched], states: dict[str, ObjectState]) -> bool:
    """A parent needs its row also when its tombstone was here before; but not where it is back by a newer fetch."""
    if not fetched.deleted:
        return False
    state = states[fetched.id]
    return fetched in to_write or (fetched.as_parent and (state.ticket < fetched.ticket or bool(state.deleted_at)))


def _outcome(
    fetched: Fetched, state: ObjectState, content: bytes, stray: Standing | None, *, was_known: bool
) -> Outcome:
    if state.ticket >= fetched.ticket:
        return Outcome.STALE
    if fetched.missing and not was_known:
        return Outcome.UNKNOWN
    if bytes(state.content_hash) == content and not stray:
        return Outcome.SAME
    if fetched.deleted:
        return Outcome.SAME if state.deleted_at and not stray else Outcome.GONE
    no_row = stray is not None and stray.answer is None
    return Outcome.NEW if state.ticket == UNWRITTEN or no_row else Outcome.CHANGED
