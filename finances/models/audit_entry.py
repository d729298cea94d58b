from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """Who did what to which target, and why. Appended in the transaction of the action; a trigger refuses a change.

    `action`: a namespaced code such as `paydesk.resync.requested`; its wording lives in the console. `actor_name`: the
    log-in name as it was then; empty for a command or a worker. `personal_digest`: of the side row, hex; empty
    without one.
    """

    at = models.DateTimeField()
    # A constraint that sets to null would have to change an entry when a user goes, and a trigger refuses that.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=150, blank=True, db_default="", default="")
    action = models.CharField(max_length=100)
    target = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)
    personal_digest = models.CharField(max_length=64, blank=True, db_default="", default="")

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="paydesk_audit_newest"),
            models.Index(fields=["actor_name", "-at", "-id"], name="paydesk_audit_actor"),
            models.Index(fields=["action", "-at", "-id"], name="paydesk_audit_action"),
            models.Index(fields=["target", "-at", "-id"], name="paydesk_audit_target"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class AuditPersonal(models.Model):
    """What a person typed: a reason, words to search for. May be deleted, which erases it; a trigger refuses a change.

    The entry holds only its digest, and the salt goes with the row: without it nobody can try words against the digest.
    """

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="personal")
    salt = models.CharField(max_length=64)
    body = models.JSONField()

    def __str__(self) -> str:
        return f"of entry {self.entry_id}"
