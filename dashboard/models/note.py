from django.conf import settings
from django.db import models


class Note(models.Model):
    """What somebody of the staff wrote about a customer, or about a subscription or an invoice of theirs.

    It is the console's own: Stripe knows nothing of it, and no resync touches it. `about_id`: of what it is about;
    `customer_id`: whose page shows it too. `author_name`: the log-in name as it was then. Once it is deleted `body` is
    empty and the row stays as a trace, with `deleted_by_name`; that is empty where the customer was erased.
    """

    about_id = models.CharField(max_length=255)
    customer_id = models.CharField(max_length=255)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    author_name = models.CharField(max_length=150)
    body = models.TextField(blank=True)
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        default_permissions = ("view", "add", "delete")
        indexes = [
            models.Index(fields=["customer_id", "-written_at", "-id"], name="paydesk_note_customer"),
            models.Index(fields=["about_id", "-written_at", "-id"], name="paydesk_note_about"),
        ]

    def __str__(self) -> str:
        return f"about {self.about_id}"
