from django.db import models


class Incident(models.Model):
    """Something that is wrong with the sync, from when it was seen until it was over. At most one open one of a kind.

    `sentence`: what is wrong, for people, ids and counts only.
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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(closed_at=None), name="paydesk_one_incident_a_kind"
            )
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="paydesk_incident_newest")]

    def __str__(self) -> str:
        return f"{self.kind} since {self.opened_at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """One message about an incident's beginning or its end, by one way; at most one each.

    Made in the transaction that opens or closes the incident, sent after it. `tries` is also the fence: whoever raises
    it may send, nobody else before `next_try_at`. `problem`: the type of the last error, never its text.
    """

    class Moment(models.TextChoices):
        BEGIN = "begin"
        END = "end"

    class Way(models.TextChoices):
        EMAIL = "email"
        CHAT = "chat"

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="alerts", db_index=False)
    moment = models.CharField(max_length=8, choices=Moment.choices)
    way = models.CharField(max_length=8, choices=Way.choices)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "moment", "way"], name="paydesk_told_once")]

    def __str__(self) -> str:
        return f"{self.moment} of {self.incident_id} by {self.way}"
