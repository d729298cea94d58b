from django.db import models

from finances.models.mirrored import MirroredRow


class TaxRate(MirroredRow):
    """A tax that was set up by hand. `percentage`: 19 means 19 %. `inclusive`: the price holds it already."""

    display_name = models.TextField(blank=True)
    percentage = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    inclusive = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    country = models.CharField(max_length=2, blank=True)
    jurisdiction = models.TextField(blank=True)
    created_at = models.DateTimeField()
