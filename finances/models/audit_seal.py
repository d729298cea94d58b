from django.db import models

from finances.models.audit_entry import AuditEntry


class AuditSeal(models.Model):
    """A batch of audit entries, chained to the batch before it. A trigger refuses a change.

    `number`: 1, 2, 3 and so on. `digest`: SHA-256, hex, over its entries' digests and `previous`, that of the seal
    before, empty in the first. `through`: the highest id of an entry in this seal or one before. `took_all`: nothing
    else was committed then, so that an entry from long before it belongs in no later seal.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    through = models.BigIntegerField()
    took_all = models.BooleanField()
    # Unique: of two sealers at once one fails, and the chain never forks.
    previous = models.CharField(max_length=64, blank=True, unique=True)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealedEntry(models.Model):
    """Which seal an entry is in, and the entry's digest as it was then. A trigger refuses a change."""

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.PROTECT, related_name="sealed")
    seal = models.ForeignKey(AuditSeal, on_delete=models.PROTECT, related_name="members")
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"entry {self.entry_id} in seal {self.seal_id}"
