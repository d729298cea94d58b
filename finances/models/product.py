from django.db import models

from finances.models.mirrored import MirroredRow


class Product(MirroredRow):
    """What is sold; its name is what people call a plan."""

    name = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
