"""What stands behind refunds and disputes: the charge, whose it was, and what it was for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finances.models import Charge, Customer, Dispute, Refund
from finances.reads.attempts import Purpose, purposes_of
from finances.reads.subscriptions import customers_named


@dataclass(frozen=True)
class Behind:
    """`charge`: None where it was never read."""

    charge: Charge | None
    customer: Customer | None
    purposes: list[Purpose]


def behind(
    rows: Sequence[Refund] | Sequence[Dispute], charges: Mapping[str, Charge] | None = None
) -> dict[str, Behind]:
    """By the row's id: two queries, however many rows; one more for the charges, where they are not at hand."""
    if charges is None:
        charges = Charge.objects.in_bulk({each.charge_id for each in rows} - {""})
    owners = {each.id: each.customer_id or customer_of(charges.get(each.charge_id)) for each in rows}
    customers = customers_named(owners.values())
    purposes = purposes_of(each.payment_intent_id for each in rows if each.payment_intent_id)
    return {
        each.id: Behind(
            charges.get(each.charge_id), customers.get(owners[each.id]), purposes.get(each.payment_intent_id, [])
        )
        for each in rows
    }


def customer_of(charge: Charge | None) -> str:
    return charge.customer_id if charge else ""
