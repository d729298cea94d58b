from django.db import models


class Incident(models.Model):
    """Something that is wrong with the sync, from when it was seen until it was over. At most one open one of a kind.

    `sentence`: what is wrong, for people, ids and counts only. `told_at`, `end_told_at`: when the alert of its
    beginning and of its end had gone out; `tell_problem`: why one did not.
    """

    class Kind(models.TextChoices):
        LAG = "lag"
        SILENCE = "silence"
        QUARANTINE = "quarantine"
        NO_WEBHOOKS = "no_webhooks"
        GAP = "gap"
        WRONG_MODE = "wrong_mode"
        REFUSED = "refused"
        STRIPE = "stripe"

    kind = models.CharField(max_length=32, choices=Kind.choices)
    sentence = models.TextField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    end_told_at = models.DateTimeField(null=True)
    tell_problem = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(closed_at=None), name="paydesk_one_incident_a_kind"
            )
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="paydesk_incident_newest")]

    def __str__(self) -> str:
        return f"{self.kind} since {self.opened_at:%Y-%m-%d %H:%M}"
