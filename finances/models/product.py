from django.db import models

from finances.models.mirrored import MirroredRow


class Product(MirroredRow):
    """What is sold; its name is what people call a plan."""

    name = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True, default="", db_default="")


class Price(MirroredRow):
    """What a product costs.

    `unit_amount`: minor units of `currency`, with fractions; null for tiers. `tiers_mode`: graduated, volume or empty.
    `interval`: empty for what is sold once. `divide_by`: the size of a package, null where units are sold.
    """

    product_id = models.CharField(max_length=255, db_index=True)
    nickname = models.TextField(blank=True)
    lookup_key = models.CharField(max_length=255, blank=True)
    active = models.BooleanField(default=True)
    currency = models.CharField(max_length=3)
    unit_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    tiers_mode = models.CharField(max_length=16, blank=True)
    interval = models.CharField(max_length=8, blank=True)
    interval_count = models.PositiveIntegerField(default=1)
    usage_type = models.CharField(max_length=16, blank=True)
    divide_by = models.PositiveIntegerField(null=True)
    tax_behavior = models.CharField(max_length=16, blank=True)
    created_at = models.DateTimeField()
    search_text = models.TextField(blank=True, default="", db_default="")
