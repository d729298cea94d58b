from django.db import models
from django.db.models.functions import Upper

from finances.models.mirrored import MirroredRow


class Coupon(MirroredRow):
    """`percent_off` or `amount_off` (minor units of `currency`); `duration`: once, repeating or forever."""

    name = models.TextField(blank=True)
    percent_off = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    amount_off = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    duration = models.CharField(max_length=16)
    duration_in_months = models.PositiveIntegerField(null=True)
    max_redemptions = models.PositiveIntegerField(null=True)
    times_redeemed = models.PositiveIntegerField(default=0)
    redeem_by = models.DateTimeField(null=True)
    valid = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True, default="", db_default="")


class PromotionCode(MirroredRow):
    """A word that customers type to get a coupon. `customer_id`: the only one who may, where there is one."""

    code = models.CharField(max_length=500)
    coupon_id = models.CharField(max_length=255, db_index=True)
    customer_id = models.CharField(max_length=255, blank=True)
    active = models.BooleanField(default=True)
    max_redemptions = models.PositiveIntegerField(null=True)
    times_redeemed = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        # A business may give each customer one of their own.
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_promo_code_newest"),
            models.Index(Upper("code"), name="paydesk_promo_code_typed"),
        ]


class Discount(MirroredRow):
    """A coupon at work: on a customer, on a subscription, or on one of its items. A part of that object's JSON.

    `subscription_id` is empty for one that is on the customer, and so for all of their invoices.
    `position`: discounts on the same thing are taken off in this order. `ends_at`: null for ever.
    """

    coupon_id = models.CharField(max_length=255, db_index=True)
    promotion_code_id = models.CharField(max_length=255, blank=True)
    customer_id = models.CharField(max_length=255, blank=True, db_index=True)
    subscription_id = models.CharField(max_length=255, blank=True, db_index=True)
    subscription_item_id = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
