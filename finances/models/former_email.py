from django.db import models


class FormerEmail(models.Model):
    """An e-mail that a customer had before, so that whoever writes from the old one is found. Written by the mirror.

    `email`: folded, as a search spells it. `until`: when another one was first seen in its place.
    """

    customer_id = models.CharField(max_length=255)
    email = models.CharField(max_length=512)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email", "customer_id"], name="paydesk_former_email_once")]
        indexes = [models.Index(fields=["customer_id"], name="paydesk_former_email_customer")]

    def __str__(self) -> str:
        return f"of {self.customer_id}"
