"""What people call an object, for pages that know only its id."""

from collections.abc import Iterable

from django.db.models import Value

from finances.models import Customer, Invoice


def names_of(object_ids: Iterable[str]) -> dict[str, str]:
    """A customer's name or e-mail, an invoice's number; ids without one are left out. One query at most."""
    wanted = set(object_ids)
    customers = [each for each in wanted if each.startswith("cus_")]
    invoices = [each for each in wanted if each.startswith("in_")]
    if not customers and not invoices:
        return {}
    people = Customer.objects.filter(pk__in=customers).order_by().values_list("id", "name", "email")
    bills = Invoice.objects.filter(pk__in=invoices).order_by().values_list("id", "number", Value(""))
    rows = people.union(bills, all=True)
    return {object_id: name or otherwise for object_id, name, otherwise in rows if name or otherwise}
