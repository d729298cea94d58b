"""One dispute's page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from djstripe import models as djstripe

from finances.models import Charge, Customer, Delivery, Dispute, Payment
from finances.reads.attempts import Purpose, purposes_of
from finances.reads.stored import amount_at, at, id_at, list_at, stored, text_at, time_at
from finances.reads.timeline import objects_timeline


class Evidence(NamedTuple):
    """One field of the answer. `value`: a text, or the id of a file in Stripe."""

    field: str
    value: str
    is_file: bool


@dataclass(frozen=True)
class Movement:
    """A balance transaction inside of the dispute's JSON, in minor units of `currency`. Negative: withdrawn from us."""

    id: str
    category: str
    currency: str
    amount: int
    fee: int
    net: int
    created_at: datetime | None
    available_at: datetime | None


@dataclass(frozen=True)
class Case:
    """What only Stripe's JSON holds. `kind`: chargeback, inquiry, block, ...; `network_code`: the card network's own.

    `refundable`: a refund in full ends it; None where Stripe does not say.
    """

    kind: str
    network_code: str
    refundable: bool | None
    evidence: list[Evidence]
    movements: list[Movement]


@dataclass(frozen=True)
class DisputePage:
    dispute: Dispute
    customer: Customer | None
    charge: Charge | None
    payment: Payment | None
    purposes: list[Purpose]
    case: Case
    timeline: list[Delivery]


def dispute_page(dispute_id: str) -> DisputePage:
    """Seven queries, whatever it holds. Raises Dispute.DoesNotExist."""
    dispute = Dispute.objects.get(id=dispute_id)
    charge = Charge.objects.filter(id=dispute.charge_id).first()
    customer_id = dispute.customer_id or (charge.customer_id if charge else "")
    payment_id = dispute.payment_intent_id or (charge.payment_intent_id if charge else "")
    return DisputePage(
        dispute=dispute,
        customer=Customer.objects.filter(~Q(id=""), id=customer_id).first(),
        charge=charge,
        payment=Payment.objects.filter(id=payment_id).first(),
        purposes=purposes_of({payment_id} - {""}).get(payment_id, []),
        case=case(stored(djstripe.Dispute, dispute_id)),
        timeline=list(objects_timeline([dispute_id])),
    )


def case(dispute: dict[str, Any]) -> Case:
    """From Stripe's dispute, of any API version; what is missing is empty."""
    refundable = at(dispute, "is_charge_refundable")
    return Case(
        kind=text_at(dispute, "payment_method_details", "card", "case_type"),
        network_code=text_at(dispute, "payment_method_details", "card", "network_reason_code"),
        refundable=refundable if isinstance(refundable, bool) else None,
        evidence=evidence(at(dispute, "evidence")),
        movements=[movement(each) for each in list_at(dispute, "balance_transactions")],
    )


def evidence(given: Any) -> list[Evidence]:
    """The fields that are filled, by name. Stripe names a file by its id, or gives it whole where it was expanded."""
    found = []
    for name, value in sorted(given.items()) if isinstance(given, dict) else ():
        if text := value if isinstance(value, str) else id_at(value, "id"):
            found.append(Evidence(str(name), text, text.startswith("file_")))
    return found


def movement(it: dict[str, Any]) -> Movement:
    return Movement(
        id=text_at(it, "id"),
        category=text_at(it, "reporting_category") or text_at(it, "type"),
        currency=text_at(it, "currency"),
        amount=amount_at(it, "amount") or 0,
        fee=amount_at(it, "fee") or 0,
        net=amount_at(it, "net") or 0,
        created_at=time_at(it, "created"),
        available_at=time_at(it, "available_on"),
    )
