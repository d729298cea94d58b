"""What every list of Stripe's objects can be asked for: whose an object is, its metadata, how far it can be trusted."""

import json
import re
from datetime import datetime

import djstripe.models
from django.db import connection
from django.db.models import BooleanField, Exists, Func, Model, OuterRef, Q, QuerySet, TextField, Value
from djstripe.models.base import StripeModel

from finances.models import (
    CreditNote,
    Customer,
    Delivery,
    Dispute,
    FormerEmail,
    Invoice,
    InvoiceLine,
    ObjectState,
    Payment,
    Refund,
    StripeObject,
    Subscription,
    SubscriptionItem,
)
from finances.reads.drift import standing
from finances.reads.search import holding, search_words


def of_customers(column: str, condition: Q) -> Q:
    """Rows whose customer fulfils the condition. `column`: the customer's id in them; "id" is the customer itself."""
    return condition if column == "id" else Q(**{f"{column}__in": Customer.objects.filter(condition).values("id")})


def with_email(email: str) -> Q:
    """Customers that have this e-mail, in any case, or had it before. One query."""
    words = search_words(email)
    former = list(FormerEmail.objects.filter(email=" ".join(words)).values_list("customer_id", flat=True))
    now = _line("email", email)
    return now | Q(id__in=former) if former else now


def with_part_of_email(part: str) -> Q:
    return _line("email", part, whole=False)


def with_name(name: str) -> Q:
    """Customers with just this name, in any case and with or without its accents."""
    return _line("name", name)


def with_part_of_name(part: str) -> Q:
    return _line("name", part, whole=False)


def with_number(number: str) -> Q:
    """Invoices or credit notes with just this number, in any case."""
    return holding(search_words(number)) & Q(number__iexact=number.strip())


def with_part_of_number(part: str) -> Q:
    return holding(search_words(part)) & Q(number__icontains=part)


STORED: dict[type[Model], type[StripeModel]] = {
    Customer: djstripe.models.Customer,
    Subscription: djstripe.models.Subscription,
    Invoice: djstripe.models.Invoice,
    Payment: djstripe.models.PaymentIntent,
    Refund: djstripe.models.Refund,
    Dispute: djstripe.models.Dispute,
}
"""dj-stripe's models of the objects that lists show, where it has one: its `metadata` is Stripe's."""
KEPT_WHOLE: dict[type[Model], str] = {CreditNote: "credit_note"}
"""Stripe's types of the others, of which our own table has the JSON."""


def with_metadata_key(rows: type[Model], key: str) -> Q:
    """Objects, shown as `rows`, whose metadata has this key. No index tells which those are: each row is asked by
    itself, so that a page is full as soon as enough of them are met."""
    stored = STORED.get(rows)
    if stored is None:
        found = _without_a_model(rows).filter(stripe_data__metadata__has_key=key)
    else:
        found = stored.objects.filter(_some_metadata(), metadata__has_key=key)
    return Q(Exists(found.filter(id=OuterRef("id"))))


def with_metadata(rows: type[Model], key: str, value: str) -> Q:
    """Objects, shown as `rows`, whose metadata has this value under this key. None has an empty one: Stripe takes the
    key away instead."""
    if not value:
        return Q(pk__in=())
    stored = STORED.get(rows)
    if stored is None:
        said = _text_at("stripe_data", "metadata", key)
        found = _without_a_model(rows).annotate(said=said).filter(said=value)
    elif connection.vendor == "postgresql":
        found = stored.objects.filter(_some_metadata(), metadata__contains={key: value})
    else:
        found = stored.objects.annotate(said=_text_at("metadata", key)).filter(said=value)
    return Q(id__in=found.values("id"))


def _without_a_model(rows: type[Model]) -> QuerySet[StripeObject]:
    """The type has an index; the table holds every movement of a customer's balance, too."""
    return StripeObject.objects.filter(type=KEPT_WHOLE[rows])


def _some_metadata() -> Q:
    """Without those that have none, in the words of PostgreSQL's index, which leaves them out."""
    if connection.vendor != "postgresql":
        return Q()
    return Q(Func("metadata", template="%(expressions)s <> '{}'::jsonb", output_field=BooleanField()))


def _text_at(column: str, *path: str) -> Func:
    """A text of JSON. Django's transforms take a key that is a number for a place in a list."""
    if connection.vendor == "postgresql":
        return Func(column, *map(Value, path), function="jsonb_extract_path_text", output_field=TextField())
    place = "$" + "".join(f".{json.dumps(key)}" for key in path)
    return Func(column, Value(place), function="json_extract", output_field=TextField())


def read_before(moment: datetime) -> Q:
    """Last read from Stripe before then: of types whose ids Stripe makes, so that a state's key is the id."""
    return Q(Exists(ObjectState.objects.filter(object_id=OuterRef("id"), seen_at__lt=moment)))


def with_drift() -> Q:
    """Found to differ from Stripe, and not read since."""
    return Q(id__in=standing().values("object_id"))


def of_event(event_id: str) -> Q:
    return Q(id__in=Delivery.objects.filter(event_id=event_id).values("object_id"))


def of_subscriptions_with(column: str, **of_item: str) -> Q:
    """Of subscriptions with an item like this; `column`: the subscription's id."""
    items = SubscriptionItem.objects.filter(deleted_at=None, **of_item)
    return Q(**{f"{column}__in": items.values("subscription_id")})


def with_line(column: str, **of_line: str) -> Q:
    """Of invoices with a line like this; `column`: the invoice's id."""
    return Q(Exists(InvoiceLine.objects.filter(invoice_id=OuterRef(column), deleted_at=None, **of_line)))


def _line(name: str, text: str, *, whole: bool = True) -> Q:
    """Customers of whose search text this is one line, or stands in it. `holding` has the index, and does not tell an
    e-mail from a name."""
    words = search_words(text)
    if not words:
        return Q(pk__in=())
    said = " +".join(map(re.escape, words))
    said = f"{said}\n" if whole else f"[^\n]*{said}"
    return holding(words) & Q(search_text__regex=f"^{LINES[name]}{said}")


LINES = {"email": "", "name": "[^\n]*\n"}
"""What stands before each in the search text of a customer, as `finances.mirror.projections.customers` writes it."""
