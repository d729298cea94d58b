from django.db import models


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

    `ticket`: of the fetch whose answer stands in the tables; a write with an older one is dropped.
    `seen_at`: when that fetch began, which is what "fresh as of" means. `deleted_at`: a tombstone.
    `created_at`: at Stripe, as the object says; None where it does not. A tombstone keeps that of what it was.
    `unlinked`: something that the object names was not here when it was written, so a foreign key is empty; or nobody
    has looked yet. `erased_at`: since when nothing of it that says who its customer is may be kept.
    """

    object_id = models.CharField(primary_key=True, max_length=255)
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
