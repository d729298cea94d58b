"""Stripe's answers against what the tables hold, field by field. It writes nothing, not even how fresh a row is.

Ours is what stands in the rows, not what we remember of the last write: a row that something else has changed is found,
and so is a read-model row that does not say what the answer stored beside it says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from finances.differences import differences
from finances.gateway import Gateway
from finances.mirror import Outcome
from finances.mirror.astray import Standing, standing
from finances.mirror.canonical import content_hash
from finances.mirror.erased import without_erased_persons_of
from finances.mirror.types import embedded
from finances.models import ObjectState, Reference, ResyncFinding, ResyncRun, about, state_key
from finances.stripe_problems import NoSuchObject

Json = dict[str, Any]
Kind = ResyncFinding.Kind

LINKS: dict[str, tuple[str, ...]] = {
    "invoice": ("hosted_invoice_url", "invoice_pdf"),
    "charge": ("receipt_url",),
}
"""Addresses that Stripe signs anew each time that they are read."""

COUNTERS: dict[str, tuple[str, ...]] = {"customer": ("next_invoice_sequence",)}
"""What Stripe counts on with each invoice without sending an event about the object: it is never up to date here."""

TELLING = ("name", "email", "number", "code", "type", "status", "amount", "total", "balance", "currency", "customer")
"""What tells people which object it is, where only one side has it."""

NOT_BY_US = gettext_lazy("What is stored is not what Paydesk wrote last: something else has changed the row.")
TAKEN_AWAY = gettext_lazy("Paydesk wrote this object once: something else has taken its row away.")
OTHER_COLUMNS = gettext_lazy("Paydesk's own columns do not say what the answer stored beside them says.")

KINDS = {Outcome.CHANGED: Kind.CHANGED, Outcome.NEW: Kind.NEW, Outcome.GONE: Kind.GONE}


@dataclass(frozen=True)
class Compared:
    """One object. `outcome`: NEW is missing here, GONE is missing at Stripe (which said so), CHANGED differs, UNKNOWN
    is on neither side; STALE: it was read from Stripe once more while we compared, so this says nothing.

    `data`: Stripe's answer, a stub where it has none; `before`: ours, None where we have none. `differences`: as
    `finances.differences` gives them, those of the read model's columns too; of an object that only one side has, what
    tells which it is. With "currency", where a number may be an amount. `remark`: that the rows are not what Paydesk
    left there, in a sentence; then a reading that finds the last answer again mends nothing.
    """

    type: str
    id: str
    outcome: Outcome
    data: Json
    before: Json | None = None
    differences: tuple[Json, ...] = ()
    remark: str = ""


def compare_page(type_name: str, objects: Sequence[Json], *, now: datetime) -> list[Compared]:
    """A page of one type, `now` being when the reading of it began; then what came along in it: payments of invoices.

    {"id", "deleted": True} stands for an object that Stripe has no more. A dozen queries a type, however many objects.
    """
    by_type: dict[str, dict[str, Json]] = {type_name: {it["id"]: it for it in objects}}
    for it in objects:
        for part in embedded(it):
            by_type.setdefault(part["object"], {}).setdefault(part["id"], part)
    return [each for name, theirs in by_type.items() for each in _compare(name, theirs, now)]


def compare_one(gateway: Gateway, type_name: str, object_id: str, *, now: datetime) -> list[Compared]:
    """One object, read directly; it comes first in the answer.

    That Stripe has no such object is an answer too; other StripeProblems are raised.
    """
    try:
        data = gateway.retrieve(type_name, object_id)
    except NoSuchObject:
        data = {"id": object_id, "object": type_name, "deleted": True}
    return compare_page(type_name, [data], now=now)


def _compare(type_name: str, theirs: dict[str, Json], now: datetime) -> list[Compared]:
    ours = standing(type_name, theirs)
    # Last: who wrote while we were reading the rows has moved its state on by now.
    ids = {state_key(type_name, each): each for each in theirs}
    states = {ids[key]: state for key, state in ObjectState.objects.in_bulk(list(ids)).items()}
    theirs = without_erased_persons_of(theirs, states)
    return [_compared(type_name, it, ours[object_id], states.get(object_id), now) for object_id, it in theirs.items()]


def _compared(type_name: str, it: Json, ours: Standing, state: ObjectState | None, now: datetime) -> Compared:
    outcome, found, remark = Outcome.SAME, [], ""
    known = state is not None and state.deleted_at is None
    if it.get("deleted") is True:
        if ours.alive or ours.in_columns:
            outcome, found = Outcome.GONE, _telling(ours.answer or {}, "before")
            remark = "" if known else str(NOT_BY_US)
        elif ours.answer is None:
            outcome = Outcome.UNKNOWN
    elif ours.answer is None:
        outcome, found, remark = Outcome.NEW, _telling(it, "after"), str(TAKEN_AWAY) if known else ""
    else:
        in_answer = [each for each in differences(ours.answer, it) if not _is_left_out(type_name, each)]
        found = [_with_currency(each, it) for each in in_answer] + list(ours.in_columns)
        outcome = Outcome.CHANGED if found else Outcome.SAME
        if in_answer and state and ours.alive and bytes(state.content_hash) != content_hash(ours.answer):
            remark = str(NOT_BY_US)
        elif ours.in_columns:
            remark = str(OTHER_COLUMNS)
    if outcome in KINDS and state and state.seen_at > now:
        outcome, found, remark = Outcome.STALE, [], ""
    return Compared(type_name, it["id"], outcome, it, ours.answer, tuple(found), remark)


def _is_left_out(type_name: str, difference: Json) -> bool:
    """Not an address that appears or goes: that says something."""
    both = isinstance(difference.get("before"), str) and isinstance(difference.get("after"), str)
    field = difference["field"]
    return field in COUNTERS.get(type_name, ()) or (both and field in LINKS.get(type_name, ()))


def _telling(it: Json, side: str) -> list[Json]:
    named = [{"field": name, side: it[name]} for name in TELLING if isinstance(it.get(name), str | int)]
    card = it.get("card")
    if isinstance(card, dict):
        named += [{"field": f"card.{name}", side: card[name]} for name in ("brand", "last4") if name in card]
    return [_with_currency(each, it) for each in named]


def _with_currency(difference: Json, it: Json) -> Json:
    currency = it.get("currency")
    numbers = any(isinstance(difference.get(side), int) for side in ("before", "after"))
    return {**difference, "currency": currency} if numbers and isinstance(currency, str) else difference


def note_taken_over(references: Iterable[Reference], now: datetime) -> None:
    """A resync has looked at the rows of these and left Stripe's answer there: what was found stands no longer."""
    standing_ones = ResyncFinding.objects.filter(about(references), stands=True)
    standing_ones.update(stands=False, taken_over_at=now)


def keep_compared(run: ResyncRun, compared: Iterable[Compared], now: datetime) -> None:
    """The findings of a page; `now` as above. What older comparisons said of these objects stands no longer.

    To be called within the transaction that keeps the run's place and counts.
    """
    compared = [each for each in compared if each.outcome != Outcome.STALE]
    older = ResyncFinding.objects.filter(about((each.type, each.id) for each in compared), stands=True)
    older.exclude(run=run).update(stands=False)
    ResyncFinding.objects.bulk_create(
        [
            ResyncFinding(
                run=run,
                object_id=each.id,
                object_type=each.type,
                kind=KINDS[each.outcome],
                differences=list(each.differences),
                problem=each.remark,
                stands=True,
                found_at=now,
            )
            for each in compared
            if each.outcome in KINDS
        ],
        ignore_conflicts=True,
    )
