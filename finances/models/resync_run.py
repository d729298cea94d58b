import uuid

from django.conf import settings
from django.db import models

from finances.models.stripe_object import CHOSEN


class ResyncRun(models.Model):
    """One resync, or one comparison with Stripe that writes nothing; readable while it runs and after: who, when, how
    far, why it stopped. Its work stands in its parts.

    `total`: objects, an estimate until the end (Stripe's lists have no counts); `calls_planned`: an estimate too.
    `target`: a Stripe id, a type, `all`, or what names a longer scope; `scope`: what more it is, for people and for the
    plan ("since", "until": ISO times of creation; "ids": those that were pasted in; "pages": of a sample; "deleted":
    objects that were asked for and were known to be deleted, with since when). `urgent`: somebody waits for it, so it
    goes before the others. `slowed`: how often Stripe said 429 and we waited.
    At most one run of a kind that has not ended for a target.
    """

    class Kind(models.TextChoices):
        RESYNC = "resync"
        COMPARE = "compare"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        PAUSED = "paused"
        COMPLETE = "complete"
        PARTIAL = "partial"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED = (State.QUEUED, State.RUNNING, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.RESYNC, db_default=Kind.RESYNC)
    target = models.CharField(max_length=255)
    scope = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    urgent = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="resync_runs", db_index=False
    )
    reason = models.TextField(blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    calls_planned = models.PositiveIntegerField(default=0, db_default=0)
    slowed = models.PositiveIntegerField(default=0, db_default=0)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "target"],
                condition=models.Q(state__in=["queued", "running", "paused"]),
                name="paydesk_one_run_a_target",
            )
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="paydesk_run_newest"),
            # Each process asks for the newest of everything, pages for the newest sample.
            models.Index(fields=["target", "-created_at", "-id"], name="paydesk_run_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.target} ({self.state})"


class ResyncPart(models.Model):
    """A piece of a run that one worker does at a time: one object, a few by id, or a list between two times.

    `stage`: those of a lower one come first, since what they bring is pointed at. `needed_at`: of one that only stages
    from there on wait for; None: all that are higher. `place`: where another worker goes
    on: {} at the beginning; what is in it is the step's own business. `tries`: so many failed; the next is not before
    `next_try_at`. `problem`: of the last failure, in a sentence.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    OPEN = (State.QUEUED, State.RUNNING)

    run = models.ForeignKey(ResyncRun, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    stage = models.PositiveSmallIntegerField()
    needed_at = models.PositiveSmallIntegerField(null=True)
    step = models.JSONField()
    place = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    lease_until = models.DateTimeField(null=True)
    claim = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="paydesk_part_once")]
        indexes = [
            models.Index(
                fields=["run", "stage", "number"],
                condition=models.Q(state__in=["queued", "running"]),
                name="paydesk_part_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} part {self.number} ({self.state})"


class ResyncFinding(models.Model):
    """What a run found about one object: that it changed (and how), is new, is gone, or could not be read (and why).

    Of a comparison: that it differs, is missing here, or is missing at Stripe.

    `differences`: list of {"field", "before", "after"}; a side that has no value lacks its key.
    `problem` and `advice`: of a failure, and what a person can do about it, a sentence each. Of what a comparison
    found, `problem` says that the rows themselves are wrong, which reading the object does not mend by itself.
    `stands`: of a comparison, until a later one has read the object, or a resync has looked at its rows and written
    there what Stripe says, at `taken_over_at`.
    """

    class Kind(models.TextChoices):
        CHANGED = "changed"
        NEW = "new"
        GONE = "gone"
        FAILED = "failed"

    run = models.ForeignKey(ResyncRun, on_delete=models.CASCADE, related_name="findings", db_index=False)
    object_id = models.CharField(max_length=255)
    object_type = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    differences = models.JSONField(default=list)
    problem = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    stands = models.BooleanField(default=False, db_default=False)
    taken_over_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "object_id", "kind"],
                condition=~models.Q(object_type__in=CHOSEN),
                name="paydesk_finding_once",
            ),
            models.UniqueConstraint(
                fields=["run", "object_id", "object_type", "kind"],
                condition=models.Q(object_type__in=CHOSEN),
                name="paydesk_chosen_finding_once",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "kind", "-found_at", "-id"], name="paydesk_finding_of_run"),
            # What turned null lately, whichever run found it.
            models.Index(
                fields=["-found_at", "-id"], condition=models.Q(kind="changed"), name="paydesk_finding_changed"
            ),
            # Of the few that stand: a first import finds every object new.
            models.Index(fields=["object_id"], condition=models.Q(stands=True), name="paydesk_finding_stands"),
            models.Index(fields=["-found_at", "-id"], condition=models.Q(stands=True), name="paydesk_finding_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.object_id} {self.kind}"
