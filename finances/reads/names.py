"""What people call an object, for pages that know only its id."""

from collections.abc import Iterable

from finances.models import Customer, Invoice


def names_of(object_ids: Iterable[str]) -> dict[str, str]:
    """A customer's name or e-mail, an invoice's number; ids without one are left out. At most two queries."""
    wanted = set(object_ids)
    customers = [each for each in wanted if each.startswith("cus_")]
    invoices = [each for each in wanted if each.startswith("in_")]
    names: dict[str, str] = {}
    if customers:
        for row in Customer.objects.filter(pk__in=customers).values("id", "name", "email"):
            names[row["id"]] = row["name"] or row["email"]
    if invoices:
        names |= dict(Invoice.objects.filter(pk__in=invoices).values_list("id", "number"))
    return {object_id: name for object_id, name in names.items() if name}
