from django.db import models
from django.db.models.functions import Now


class ProductUse(models.Model):
    """Who subscribes to a product now, or to one of its prices: `price_id` is empty for the product as a whole.

    What is counted is defined in `finances.metrics.catalogue`, which alone reads it; kept by `finances.totals`. What
    nobody subscribes to has no row. `mrr`: [currency, minor units a month as text], a row a currency.
    """

    product_id = models.CharField(max_length=255)
    price_id = models.CharField(max_length=255, blank=True)
    subscriptions = models.PositiveIntegerField(default=0)
    subscribers = models.PositiveIntegerField(default=0)
    trials = models.PositiveIntegerField(default=0)
    uncounted = models.PositiveIntegerField(default=0)
    mrr = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product_id", "price_id"], name="paydesk_product_use_once")]

    def __str__(self) -> str:
        return self.price_id or self.product_id


class DirtyProduct(models.Model):
    """A mark: a subscription to this product was written, changed or removed. As `DirtyDay` is one of a day: made by
    triggers, only ever inserted, and deleted by whoever counts the product anew."""

    product_id = models.CharField(max_length=255)
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["product_id"], name="paydesk_dirty_product")]

    def __str__(self) -> str:
        return self.product_id
