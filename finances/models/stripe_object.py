from collections.abc import Iterable

from django.db import models

CHOSEN = ("product", "price", "coupon")
"""Types whose ids people may choose: Stripe takes `gold` for one of each. All other ids Stripe makes itself, and none
is of two types."""
type Reference = tuple[str, str]
"""A type and an id."""
KEY_LENGTH = 255 + len("product:")


def state_key(type_name: str, object_id: str) -> str:
    """By what an object's state and its versions are kept: Stripe's id where Stripe made it, else `product:gold`."""
    return f"{type_name}:{object_id}" if type_name in CHOSEN else object_id


def about(references: Iterable[Reference]) -> models.Q:
    """Rows with an `object_type` and an `object_id` that are about one of these."""
    ids: dict[str, list[str]] = {}
    for type_name, object_id in references:
        ids.setdefault(type_name if type_name in CHOSEN else "", []).append(object_id)
    found = models.Q(object_id__in=ids.pop("", [])) & ~models.Q(object_type__in=CHOSEN)
    for type_name, chosen in ids.items():
        found |= models.Q(object_type=type_name, object_id__in=chosen)
    return found


class StripeObject(models.Model):
    """A Stripe object of a type that dj-stripe has no model for, as Stripe answered it.

    `customer_id`: of the customer that it names, where it does.
    """

    id = models.CharField(primary_key=True, max_length=255)
    type = models.CharField(max_length=64, db_index=True)
    livemode = models.BooleanField(default=False)
    account_id = models.CharField(max_length=255, blank=True)
    customer_id = models.CharField(max_length=255, blank=True, default="", db_default="", db_index=True)
    stripe_data = models.JSONField()

    def __str__(self) -> str:
        return self.id


class ObjectState(models.Model):
    """What the mirror last knew of an object: one row an object, of every type.

    `object_id`: its `state_key`, which is Stripe's id unless people may choose that.
    `ticket`: of the fetch whose answer stands in the tables; a write with an older one is dropped.
    `seen_at`: when that fetch began, which is what "fresh as of" means. `deleted_at`: a tombstone.
    `created_at`: at Stripe, as the object says; None where it does not. A tombstone keeps that of what it was.
    `unlinked`: something that the object names was not here when it was written, so a foreign key is empty; or nobody
    has looked yet. `erased_at`: since when nothing of it that says who its customer is may be kept.
    """

    object_id = models.CharField(primary_key=True, max_length=KEY_LENGTH)
    type = models.CharField(max_length=64)
    ticket = models.BigIntegerField()
    content_hash = models.BinaryField(max_length=32)
    seen_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(null=True)
    unlinked = models.BooleanField(default=True, db_default=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        # None of `ticket` and `seen_at`: they move with each look at an object, and a row of which no index has to be
        # written anew stays where it is.
        indexes = [
            # What is here, by creation: counted and paged through without a look at the rows themselves.
            models.Index(
                fields=["type", "created_at", "object_id"],
                condition=models.Q(deleted_at__isnull=True),
                name="paydesk_state_creation",
            ),
            models.Index(
                fields=["deleted_at", "type", "created_at"],
                condition=models.Q(deleted_at__isnull=False),
                name="paydesk_state_deletion",
            ),
            models.Index(
                fields=["object_id"],
                condition=models.Q(erased_at__isnull=False),
                name="paydesk_state_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.object_id
