from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what to which target, and why. Appended in the transaction of the action; never changed.

    `action`: a namespaced code such as `paydesk.resync.requested`; its wording lives in the console.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=100)
    target = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="paydesk_audit_newest")]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
