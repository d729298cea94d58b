"""Take the person out of everything that the mirror holds of a customer. What is owed and what was paid stays."""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from djstripe import models as djstripe

from finances.mirror.canonical import canonical, content_hash
from finances.mirror.held import held
from finances.mirror.impersonal import impersonal, texts_of_person
from finances.mirror.rebuild import owners_to_hold, put_right
from finances.mirror.rows import write_djstripe_rows, write_objects
from finances.mirror.states import Fetched
from finances.mirror.table import JsonText, table
from finances.mirror.types import TYPES
from finances.models import (
    BalanceTransaction,
    Charge,
    CreditNote,
    Customer,
    Dispute,
    FormerEmail,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    ObjectState,
    ObjectVersion,
    OwnAccount,
    Payment,
    PaymentMethod,
    PromotionCode,
    Refund,
    StripeObject,
    Subscription,
    SubscriptionItem,
    SubscriptionSchedule,
)
from finances.tickets import locked_in_order

Json = dict[str, Any]
AT_ONCE = 200
"""Objects of one transaction."""
METHODS = Q(object_id__startswith="pm_") | Q(object_id__startswith="card_") | Q(object_id__startswith="src_")


def objects_of(customer_id: str) -> dict[str, list[str]]:
    """Ids by type of what the mirror holds of a customer, methods that were detached since among them."""
    theirs = Q(customer_id=customer_id)
    charges = Charge.objects.filter(theirs)
    refunds, disputes = Refund.objects.filter(theirs), Dispute.objects.filter(theirs)
    invoices = Invoice.objects.filter(theirs)
    setups = djstripe.SetupIntent.objects.filter(stripe_data__customer=customer_id)
    moved = [rows.values("pk") for rows in (charges, refunds, disputes)]
    found: dict[str, list[str]] = {
        "customer": [customer_id],
        "promotion_code": _ids(PromotionCode.objects.filter(theirs)),
        "payment_method": _methods_of(customer_id, setups),
        "subscription": _ids(Subscription.objects.filter(theirs)),
        "subscription_schedule": _ids(SubscriptionSchedule.objects.filter(theirs)),
        "setup_intent": _ids(setups, "id"),
        "payment_intent": _ids(Payment.objects.filter(theirs)),
        "balance_transaction": [
            each for sources in moved for each in _ids(BalanceTransaction.objects.filter(source_id__in=sources))
        ],
        "charge": _ids(charges),
        "invoice": _ids(invoices),
        "invoice_payment": _ids(InvoicePayment.objects.filter(invoice_id__in=invoices.values("pk"))),
        "credit_note": _ids(CreditNote.objects.filter(theirs)),
        "refund": _ids(refunds),
        "dispute": _ids(disputes),
    }
    for object_id, type_name in StripeObject.objects.filter(theirs).values_list("id", "type"):
        found.setdefault(type_name, []).append(object_id)
    return {type_name: sorted(set(ids)) for type_name, ids in found.items() if ids}


def texts_of(objects: dict[str, list[str]]) -> set[str]:
    """Who the person is: what these objects say and said of it. Reads all of them, and all of their kept states."""
    found: set[str] = set()
    for type_name, ids in objects.items():
        for some in batched(ids, AT_ONCE, strict=False):
            for stripe_object in held(type_name, some).values():
                found |= texts_of_person(stripe_object)
            for state in ObjectVersion.objects.filter(object_id__in=some).values_list("stripe_data", flat=True):
                found |= texts_of_person(state)
    former = FormerEmail.objects.filter(customer_id__in=objects.get("customer", ()))
    return found | set(former.values_list("email", flat=True))


def mark_erased(objects: dict[str, list[str]], now: datetime) -> None:
    """From now on whatever is written of these is written without the person. Within a transaction."""
    states = table(ObjectState, "object_id")
    named = sorted((each, type_name) for type_name, ids in objects.items() for each in ids)
    # All of them by id, whatever their types, as every writer locks them: no two then wait in a circle.
    for some in batched(named, AT_ONCE, strict=False):
        states.insert_missing(
            states.row(object_id=each, type=type_name, ticket=0, content_hash=b"", seen_at=now)
            for each, type_name in some
        )
    for some in batched(named, AT_ONCE, strict=False):
        theirs = ObjectState.objects.filter(pk__in=[each for each, _ in some])
        list(locked_in_order(theirs).values_list("pk", flat=True))
        theirs.filter(erased_at=None).update(erased_at=now)


def erase(objects: dict[str, list[str]], now: datetime) -> Iterator[int]:
    """Rows, columns and kept states of these, some hundred objects a transaction; how many so far, after each.

    Doing it twice does no harm. Nothing is deleted but former e-mails, and states that differed in the person alone.
    """
    done = 0
    FormerEmail.objects.filter(customer_id__in=objects.get("customer", ())).delete()
    for type_name in (each for each in TYPES if each in objects):
        for some in batched(objects[type_name], AT_ONCE, strict=False):
            _erase(type_name, list(some), now)
            done += len(some)
            yield done


def _erase(type_name: str, ids: list[str], now: datetime) -> None:
    with transaction.atomic():
        beside = owners_to_hold(type_name, ids)
        list(locked_in_order(ObjectState.objects.filter(pk__in=[*ids, *beside])).values_list("pk", flat=True))
        owner_id = OwnAccount.objects.values_list("account_id", flat=True).first()
        left = {each: impersonal(stored) for each, stored in held(type_name, ids).items()}
        write_objects(type_name, [Fetched(type_name, it, 0, now) for it in left.values()], owner_id)
        if type_name == "invoice":
            _erase_parts(djstripe.LineItem, InvoiceLine.objects.filter(invoice_id__in=ids), owner_id)
        if type_name == "subscription":
            _erase_parts(djstripe.SubscriptionItem, SubscriptionItem.objects.filter(subscription_id__in=ids), owner_id)
        if TYPES[type_name].project:
            put_right(type_name, ids)
        # Of what is marked as gone the hash is of what Stripe said then, a stub.
        for state in ObjectState.objects.filter(pk__in=left, deleted_at=None).exclude(content_hash=b""):
            ObjectState.objects.filter(pk=state.pk).update(content_hash=content_hash(left[state.pk]))
        _erase_states(ids)


def _erase_parts(model: Any, parts: QuerySet[Any], owner_id: str | None) -> None:
    stored = model._base_manager.filter(id__in=parts.values("pk")).values_list("stripe_data", flat=True)
    left = [impersonal(part) for part in stored]
    write_djstripe_rows(model, [(part, JsonText(canonical(part))) for part in left], owner_id)


def _erase_states(ids: list[str]) -> None:
    before: tuple[str, Json | None] = ("", None)
    changed, surplus = [], []
    for version in ObjectVersion.objects.filter(object_id__in=ids).order_by("object_id", "ticket"):
        left = impersonal(version.stripe_data)
        if before == (version.object_id, left):
            surplus.append(version.pk)
        elif left != version.stripe_data:
            version.stripe_data = left
            changed.append(version)
        before = (version.object_id, left)
    ObjectVersion.objects.bulk_update(changed, ["stripe_data"], batch_size=100)
    ObjectVersion.objects.filter(pk__in=surplus).delete()


def _methods_of(customer_id: str, setups: QuerySet[Any]) -> list[str]:
    """Also those that Stripe has detached, as it does when a customer is deleted."""
    theirs = Q(customer_id=customer_id)
    named: set[str] = set(_ids(PaymentMethod.objects.filter(theirs)))
    for rows, column in (
        (Customer.objects.filter(pk=customer_id), "default_payment_method_id"),
        (Subscription.objects.filter(theirs), "default_payment_method_id"),
        (Charge.objects.filter(theirs), "payment_method_id"),
        (Payment.objects.filter(theirs), "payment_method_id"),
        (setups, "stripe_data__payment_method"),
        (ObjectVersion.objects.filter(METHODS, stripe_data__customer=customer_id), "object_id"),
    ):
        named.update(each for each in rows.values_list(column, flat=True).distinct() if isinstance(each, str) and each)
    others = PaymentMethod.objects.filter(pk__in=named).exclude(customer_id__in=["", customer_id])
    return sorted(named - set(others.values_list("pk", flat=True)))


def _ids(rows: QuerySet[Any], column: str = "pk") -> list[str]:
    return list(rows.values_list(column, flat=True))
