"""Very many rows of what families have few or none of: without them a list would be explained over a small table, where
everything is fast.

A row that is there is taken again and again; a copy differs in its key, its time and what it hangs on, each of another
row. That is enough to say what a plan reads, and not what a page shows: of Stripe's JSON a copy has the id alone.
What people make by hand is not among them, products, prices, coupons, tax rates, nor payouts, which are a few a day:
nobody has so many that to read all of them takes long.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
from django.utils import timezone
from djstripe import models as djstripe

from dashboard.models import Note
from finances import models as paydesk

MANY = 13_000  # more than a node may read: `tests.scale.plans.MOST_READ`
MOULDS = 1_000  # at most
BACK = "now() - n * interval '1 hour'"
COMPARED = "(SELECT id FROM paydesk_resyncrun WHERE kind = 'compare' AND target = 'invoice')"
ACTIONS = "ARRAY['paydesk.customer.viewed', 'paydesk.resync.requested', 'paydesk.search.made']"
METADATA = "CASE WHEN n % 10 = 0 THEN jsonb_build_object('campaign', (n % 500)::text) ELSE '{}' END"


class Crowd(NamedTuple):
    """`values`: of columns that are not the mould's, as SQL that may name `n` (from 1), `mould` and `owner`, which is
    the row of `owner` in the n-th place."""

    model: Any
    values: Mapping[str, str]
    owner: Any = None


def _of_stripe(model: Any, owner: Any, **values: str) -> Crowd:
    """dj-stripe's row of the same id, for what is ours alone."""
    own = {
        "djstripe_id": "1000000 + n",
        "id": "owner.id",
        "metadata": METADATA,
        "stripe_data": "jsonb_build_object('id', owner.id)",
    }
    return Crowd(model, own | values, owner)


def _of_charge(model: Any, prefix: str, **values: str) -> Crowd:
    ids = {"charge_id": "owner.id", "payment_intent_id": "owner.payment_intent_id", "customer_id": "owner.customer_id"}
    own = {"id": f"'{prefix}_' || md5('{prefix}' || n)", "created_at": BACK}
    return Crowd(model, own | ids | values, paydesk.Charge)


def _state(type_name: str, owner: Any) -> Crowd:
    own = {"object_id": "owner.id", "type": f"'{type_name}'", "created_at": "owner.created_at", "erased_at": "NULL"}
    return Crowd(paydesk.ObjectState, own | {"deleted_at": "NULL"}, owner)


# In an order in which what they hang on is there.
CROWDS = (
    _of_charge(paydesk.Refund, "re"),
    _of_charge(
        paydesk.Dispute,
        "dp",
        status="CASE WHEN n % 50 = 0 THEN 'needs_response' ELSE 'lost' END",
        evidence_due_at="CASE WHEN n % 50 = 0 THEN now() + n * interval '1 minute' END",
    ),
    Crowd(
        paydesk.CreditNote,
        {
            "id": "'cn_' || md5('cn' || n)",
            "number": "'CN-' || n",
            "status": "CASE WHEN n % 20 = 0 THEN 'void' ELSE 'issued' END",
            "currency": "(ARRAY['eur', 'usd', 'jpy'])[1 + n % 3]",
            "reason": "CASE WHEN n % 50 = 0 THEN 'duplicate' ELSE 'order_change' END",
            "refund_amount": "CASE WHEN n % 3 = 0 THEN n ELSE 0 END",
            "total": "n",
            "invoice_id": "owner.id",
            "customer_id": "owner.customer_id",
            "created_at": BACK,
        },
        paydesk.Invoice,
    ),
    _state("refund", paydesk.Refund),
    _state("dispute", paydesk.Dispute),
    _state("credit_note", paydesk.CreditNote),
    Crowd(
        paydesk.Discount,
        {"id": "'di_' || md5('di' || n)", "subscription_id": "owner.id", "customer_id": "owner.customer_id"},
        paydesk.Subscription,
    ),
    Crowd(
        paydesk.SubscriptionSchedule,
        {
            "id": "'sub_sched_' || md5('sched' || n)",
            "subscription_id": "owner.id",
            "customer_id": "owner.customer_id",
        },
        paydesk.Subscription,
    ),
    Crowd(
        paydesk.StripeObject,
        {
            "id": "'cbtxn_' || md5('cbtxn' || n)",
            "type": "'customer_balance_transaction'",
            "customer_id": "owner.id",
            "stripe_data": "jsonb_build_object('id', 'cbtxn_' || md5('cbtxn' || n), 'customer', owner.id)",
        },
        paydesk.Customer,
    ),
    Crowd(
        paydesk.ObjectVersion,
        {
            "id": "1000000 + n",
            "object_id": "owner.id",
            "ticket": "1000000 + n",
            "stripe_data": "jsonb_build_object('id', owner.id, 'object', 'customer')",
        },
        paydesk.Customer,
    ),
    Crowd(
        paydesk.FormerEmail,
        {"id": "1000000 + n", "customer_id": "owner.id", "email": "'before.' || owner.email"},
        paydesk.Customer,
    ),
    Crowd(paydesk.PromotionCode, {"id": "'promo_zz' || n", "code": "'CODE' || n", "created_at": BACK}),
    _of_stripe(djstripe.Customer, paydesk.Customer),
    _of_stripe(djstripe.Subscription, paydesk.Subscription),
    _of_stripe(djstripe.SubscriptionSchedule, paydesk.SubscriptionSchedule),
    _of_stripe(djstripe.Invoice, paydesk.Invoice, charge_id="NULL", payment_intent_id="NULL"),
    _of_stripe(djstripe.PaymentIntent, paydesk.Payment),
    _of_stripe(djstripe.Charge, paydesk.Charge),
    _of_stripe(djstripe.Refund, paydesk.Refund),
    _of_stripe(djstripe.Dispute, paydesk.Dispute),
    _of_stripe(djstripe.PromotionCode, paydesk.PromotionCode),
    Crowd(
        paydesk.AuditEntry,
        {
            "id": "1000000 + n",
            "at": "now() - n * interval '1 minute'",
            "actor_name": "'person' || n % 20",
            "action": f"({ACTIONS})[1 + n % 3]",
            "target": "owner.id",
            "detail": "'{}'",
        },
        paydesk.Customer,
    ),
    Crowd(paydesk.SealedEntry, {"entry_id": "owner.id", "digest": "md5('entry' || n)"}, paydesk.AuditEntry),
    Crowd(
        paydesk.ResyncRun,
        {
            "id": "md5('run' || n)::uuid",
            "kind": "(ARRAY['resync', 'compare'])[1 + n % 2]",
            "target": "owner.id",
            "state": "'complete'",
            "created_at": BACK,
        },
        paydesk.Customer,
    ),
    Crowd(paydesk.ResyncPart, {"id": "1000000 + n", "number": "1000000 + n", "run_id": "owner.id"}, paydesk.ResyncRun),
    Crowd(
        paydesk.ResyncFinding,
        {
            "id": "1000000 + n",
            "object_id": "owner.id",
            "object_type": "'invoice'",
            "kind": "'changed'",
            "found_at": BACK,
            "stands": "false",
            "run_id": "(SELECT id FROM paydesk_resyncrun WHERE target = 'all')",
        },
        paydesk.Invoice,
    ),
    Crowd(
        paydesk.ResyncFinding,
        {
            "id": "2000000 + n",
            "object_id": "owner.id",
            "object_type": "'invoice'",
            "kind": "'changed'",
            "found_at": BACK,
            "stands": "n % 50 = 0",
            "run_id": COMPARED,
        },
        paydesk.Invoice,
    ),
    Crowd(paydesk.CatchUp, {"id": "1000000 + n", "created_at": BACK}),
    Crowd(paydesk.RefusedPosts, {"id": "1000000 + n", "minute": "now() - n * interval '1 minute'"}),
    Crowd(paydesk.Incident, {"id": "1000000 + n", "opened_at": BACK, "closed_at": BACK}),
    Crowd(paydesk.Replay, {"id": "md5('replay' || n)::uuid", "asked_at": BACK}),
    Crowd(
        paydesk.ReplayedDelivery, {"id": "1000000 + n", "delivery_id": "owner.event_id"}, paydesk.Delivery
    ),
    Crowd(Note, {"id": "1000000 + n", "customer_id": "owner.id", "about_id": "owner.id"}, paydesk.Customer),
)  # fmt: skip


def tables() -> list[str]:
    return sorted({crowd.model._meta.db_table for crowd in CROWDS})


def write_crowds(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers: every day is summed at the end
        for crowd in CROWDS:
            connection.execute(_copies(crowd))


def _copies(crowd: Crowd) -> str:
    meta = crowd.model._meta
    columns = [field.column for field in meta.concrete_fields]
    values = [crowd.values.get(column, f'mould."{column}"') for column in columns]
    key = "id" if "id" in crowd.values else meta.pk.column  # dj-stripe's own are numbers
    owner = ""
    if crowd.owner:
        whose = crowd.owner._meta
        owner = (
            f"JOIN (SELECT *, row_number() OVER (ORDER BY {whose.pk.column}) AS nth FROM {whose.db_table}) owner"
            " ON owner.nth = n"
        )
    names = ", ".join(f'"{column}"' for column in columns)
    return f"""
        WITH moulds AS (SELECT *, row_number() OVER (ORDER BY {meta.pk.column}) AS nth FROM {meta.db_table}
            ORDER BY {meta.pk.column} LIMIT {MOULDS})
        INSERT INTO {meta.db_table} ({names}) OVERRIDING SYSTEM VALUE SELECT {", ".join(values)}
        FROM generate_series(1, {MANY}) n
        JOIN moulds mould ON mould.nth = 1 + n % (SELECT count(*) FROM moulds) {owner}
        WHERE NOT EXISTS (SELECT FROM {meta.db_table} kept WHERE kept.{key} = {crowd.values[key]})
    """


def make_one_of_each() -> None:
    """Of what no business brings by itself."""
    now = timezone.now()
    before = now - timedelta(days=30)
    customer = paydesk.Customer.objects.order_by("pk")[0]
    of_customer = {"customer_id": customer.pk}
    paydesk.CreditNote.objects.create(id="cn_1", status="issued", currency="eur", total=100, created_at=before)
    # The second is so late that nothing is asked of what the first took.
    seals = paydesk.AuditSeal.objects
    first = seals.create(number=1, sealed_at=before, count=MANY, through=1_000_000 + MANY, took_all=True)
    seals.create(number=2, sealed_at=now, count=0, through=first.through, took_all=True, previous="of the first")
    entry = paydesk.AuditEntry.objects.order_by("pk")[0]
    paydesk.SealedEntry.objects.create(entry=entry, seal=first)
    paydesk.FormerEmail.objects.create(**of_customer, email="before@example.com", until=before)
    paydesk.ResyncRun.objects.create(kind="compare", target="invoice", state="complete", created_at=now)
    paydesk.CatchUp.objects.create(state="complete", cause="schedule", since=before, created_at=now, finished_at=now)
    paydesk.RefusedPosts.objects.create(minute=now)
    paydesk.Incident.objects.create(kind="lag", opened_at=before, closed_at=before)
    replay = paydesk.Replay.objects.create(state="complete", asked_at=before, spread=True)
    paydesk.ReplayedDelivery.objects.create(
        replay=replay, delivery=paydesk.Delivery.objects.order_by("pk").last(), state="processed", at=before
    )
    Note.objects.create(**of_customer, about_id=customer.pk, body="Called.", written_at=before)
