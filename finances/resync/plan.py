"""What a run will read, piece by piece, before anything is read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from finances.gateway import LISTED_BY_CREATION, PATHS
from finances.mirror import pointing_at
from finances.models import (
    Charge,
    CreditNote,
    Invoice,
    InvoicePayment,
    ObjectState,
    Payment,
    Price,
    Refund,
    Subscription,
)
from finances.rate_budget import ALL, limit_of
from finances.reads.drift import drifted
from finances.resync.holdings import created_within
from finances.resync.sample import sample_steps
from finances.resync.slices import PAGE, slices
from finances.resync.steps import BESIDE, LINKING, LISTED, OF_EACH, STAGE, STAGES, Step, children_of, owners
from finances.resync.targets import (
    MOST_IDS,
    Reference,
    UnknownTarget,
    canonical,
    name_of,
    references,
    target_of,
    type_and_id,
)

__all__ = [
    "LISTED",
    "MOST_IDS",
    "OF_EACH",
    "Plan",
    "PlannedPart",
    "UnknownTarget",
    "make_plan",
    "parts_of",
    "target_of",
]

Json = dict[str, Any]

ONE = "/v1"
"""Any endpoint: each has the same limit."""
AT_ONCE = 50
"""Ids that one part reads one by one."""
FEW = 20
"""As many objects are read while somebody waits for them; more than that is work for when nobody does."""


class PlannedPart(NamedTuple):
    """What one worker reads at a time. Those of a lower `stage` come first, or from `needed_at` on have been done."""

    stage: int
    step: Step
    needed_at: int | None = None


class Plan(NamedTuple):
    """`target`: the one way to name it. `objects` and `calls`: estimates, from what is here: Stripe's lists have no
    counts. `along`: objects that come inside others, as an invoice's payments do, and are counted when they are read.
    `calls_at`: the calls by stage and endpoint. `scope`: what more than its target a run keeps of it. `urgent`: few
    enough for somebody to wait."""

    target: str
    parts: list[PlannedPart]
    objects: int
    calls: int
    scope: Json
    urgent: bool = False
    along: int = 0
    calls_at: Mapping[tuple[int, str], int] = MappingProxyType({})

    @property
    def takes(self) -> timedelta:
        """If nothing but our share of Stripe's rate limit slows it down, of all calls and of those of one endpoint."""
        stages: dict[int, list[int]] = {}
        beside = 0
        for (stage, endpoint), calls in self.calls_at.items():
            if endpoint == BESIDE and len(self.calls_at) > 1:
                beside += calls
            else:
                stages.setdefault(stage, []).append(calls)
        known = sum(sum(each) for each in stages.values()) + beside
        longest = [max(sum(each) / limit_of(ALL), max(each) / limit_of(ONE)) for each in stages.values()]
        seconds = max(sum(longest), beside / limit_of(ONE), known / limit_of(ALL))
        return timedelta(seconds=seconds + (self.calls - known) / limit_of(ALL))


def make_plan(
    target: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    ids: Iterable[str] = (),
    now: datetime | None = None,
    random: Random | None = None,
) -> Plan:
    """The plan for a Stripe id (the object and its children), `type:id`, a type, `all`, `drifted` or `sample`.

    `ids`: some objects instead of a target, as they were pasted in, without their children; target is "" then.
    `since`, `until`: of a type or of all, by creation. `now` and `random`: of a sample. Raises UnknownTarget, in the
    user's words, and nothing that looks like a key stands in them.
    """
    chosen = references([*ids])
    bounded = since is not None or until is not None
    if chosen:
        if bounded:
            raise UnknownTarget("A range of creation goes with a type or with all, not with ids.")
        return _of_objects(
            name_of(chosen), chosen, {"ids": [canonical(f"{type_name}:{object_id}") for type_name, object_id in chosen]}
        )
    if target == "ids":
        raise UnknownTarget("No ids were given.")
    if target == "all" or target in LISTED:
        return _of_types(target, since, until)
    if bounded:
        raise UnknownTarget("A range of creation goes with a type or with all, not with one object.")
    if target == "drifted":
        return _of_drifted()
    if target == "sample":
        if now is None:
            raise UnknownTarget("A sample is chosen by the time of the day.")
        return _of_sample(now, random or Random())
    target = canonical(target)
    type_name, object_id = type_and_id(target)
    children = children_of(type_name, object_id)
    parts = [PlannedPart(0, {"type": type_name, "id": object_id})]
    parts += [PlannedPart(1 + STAGE[step["type"]], step) for step in children]
    held = _children_here(type_name, object_id)
    calls = 1 + sum(max(1, -(-held.get(step["type"], 0) // PAGE)) for step in children)
    return Plan(target, parts, 1 + sum(held.values()), calls, {}, urgent=True)


def _of_types(target: str, since: datetime | None, until: datetime | None) -> Plan:
    if since and until and since >= until:
        raise UnknownTarget("The range of creation ends before it begins.")
    types = [each for stage in STAGES for each in stage] if target == "all" else [target]
    created = {name: int(at.timestamp()) for name, at in (("gte", since), ("lt", until)) if at}
    parts, objects, along = [], 0, 0
    calls: Counter[tuple[int, str]] = Counter()
    for type_name in types:
        stage = STAGE[type_name]
        if step := OF_EACH.get(type_name):
            needed_at = LINKING if type_name == BESIDE and target == "all" else None
            parts.append(PlannedPart(stage, step | ({"within": created} if created else {}), needed_at))
            # At least one page an owner: Stripe lists these by no time of creation, so what is older is read too.
            calls[stage, step.get("part_of", type_name)] += max(1, owners(step).count())
            objects += created_within(ObjectState.objects.filter(type=type_name, deleted_at=None), created).count()
            continue
        for each in slices(type_name, since=since, until=until):
            parts.append(
                PlannedPart(stage, {"type": type_name, "filters": {"created": c} if (c := each.created) else {}})
            )
            objects += each.objects
            calls[stage, type_name] += each.calls
        if type_name == "invoice":
            along += created_within(
                ObjectState.objects.filter(type="invoice_payment", deleted_at=None), created
            ).count()
    if target in ("all", BESIDE):
        parts += [PlannedPart(LINKING, {"type": BESIDE, "links": each}) for each in pointing_at(BESIDE)]
    named, scope = target, {}
    for word, at in (("since", since), ("until", until)):
        if at:
            named += f" {word} {_written(at.astimezone(UTC))}"
            scope[word] = at.astimezone(UTC).isoformat()
    return Plan(named, parts, objects, calls.total(), scope, along=along, calls_at=calls)


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _of_objects(target: str, chosen: Sequence[Reference], scope: Json) -> Plan:
    # Such ones are asked for because what is here looks wrong: the rows are looked at, not what we remember of them.
    calls = Counter((STAGE[type_name], PATHS[type_name]) for type_name, _ in chosen)
    return Plan(
        target,
        parts_of(chosen),
        len(chosen),
        calls.total(),
        scope | {"repair": True},
        urgent=len(chosen) <= FEW,
        calls_at=calls,
    )


def parts_of(chosen: Sequence[Reference]) -> list[PlannedPart]:
    """Some objects by their ids, a few at a time, without what hangs on them."""
    by_type: dict[str, list[str]] = {}
    for type_name, object_id in chosen:
        by_type.setdefault(type_name, []).append(object_id)
    return [
        PlannedPart(STAGE[type_name], {"type": type_name, "ids": ids[start : start + AT_ONCE]})
        for type_name, ids in sorted(by_type.items(), key=lambda each: STAGE[each[0]])
        for start in range(0, len(ids), AT_ONCE)
    ]


def _of_drifted() -> Plan:
    known = drifted()
    found = [each for each in known if target_of(*each)]
    if known and not found:
        raise UnknownTarget("Stripe has no address for what differs: a resync of its customer reads it.")
    if not found:
        raise UnknownTarget("Nothing is known to differ from Stripe: compare first.")
    return _of_objects("drifted", found, {})


def _of_sample(now: datetime, random: Random) -> Plan:
    steps = sample_steps([each for each in LISTED if each in LISTED_BY_CREATION], now, random)
    if not steps:
        raise UnknownTarget("Nothing is here yet to take a sample of.")
    parts = [PlannedPart(0, step) for step in steps]
    return Plan("sample", parts, len(steps) * PAGE, len(steps), {"pages": len(steps)})


def _children_here(type_name: str, object_id: str) -> dict[str, int]:
    """By type, how many of its children are here."""
    if type_name == "customer":
        tables: dict[str, Any] = {
            "subscription": Subscription,
            "payment_intent": Payment,
            "charge": Charge,
            "invoice": Invoice,
            "credit_note": CreditNote,
            "refund": Refund,
        }
        return {name: model.objects.filter(customer_id=object_id).count() for name, model in tables.items()}
    if type_name == "subscription":
        return {"invoice": Invoice.objects.filter(subscription_id=object_id).count()}
    if type_name == "invoice":
        return {"invoice_payment": InvoicePayment.objects.filter(invoice_id=object_id).count()}
    if type_name == "product":
        return {"price": Price.objects.filter(product_id=object_id).count()}
    return {}
