from django.db import models
from django.db.models.functions import Now

from finances.models.mirrored import minor_units


class DailyTotal(models.Model):
    """Sums over the rows of one day, which is the account's (`TotalsZone`). A day without rows has no row here.

    Kept by `finances.totals`; what is summed stands with the number that it is for, in `finances.metrics`. Read them
    through `finances.metrics.daily` only, which knows what of them is right.
    """

    account_id = models.CharField(max_length=255, blank=True)
    day = models.DateField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.day}"


def _once(name: str, *fields: str) -> list[models.BaseConstraint]:
    return [models.UniqueConstraint(fields=["day", "account_id", *fields], name=f"paydesk_daily_{name}_once")]


class DailyRevenue(DailyTotal):
    """Of the `count` invoices that were paid on a day: `amount`, what was paid, in minor units."""

    currency = models.CharField(max_length=3)
    count = models.PositiveIntegerField()
    amount = minor_units()

    class Meta:
        constraints = _once("revenue", "currency")


class DailyProductRevenue(DailyTotal):
    """Of the lines of the same invoices that name a product: their `amount`, in minor units; `count` lines."""

    currency = models.CharField(max_length=3)
    product_id = models.CharField(max_length=255)
    count = models.PositiveIntegerField()
    amount = minor_units()

    class Meta:
        constraints = _once("product_revenue", "currency", "product_id")


class DailyRefunds(DailyTotal):
    """Of the `count` refunds made on a day that succeeded: `amount`, in minor units."""

    currency = models.CharField(max_length=3)
    count = models.PositiveIntegerField()
    amount = minor_units()

    class Meta:
        constraints = _once("refunds", "currency")


class DailyAttempts(DailyTotal):
    """Of the `count` charges made on a day: `amount`, what was attempted, in minor units. `reason`: of failed ones."""

    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField()
    amount = minor_units()

    class Meta:
        constraints = _once("attempts", "currency", "status", "reason")


class DailyRecurring(DailyTotal):
    """Subscriptions that began to be paid for on a day, or with `ended` stopped. `amount`: minor units a month, of the
    `valued` ones of them."""

    currency = models.CharField(max_length=3)
    ended = models.BooleanField()
    count = models.PositiveIntegerField()
    valued = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=28, decimal_places=6)

    class Meta:
        constraints = _once("recurring", "currency", "ended")


class DailySubscribers(DailyTotal):
    """Customers who began to pay on a day, for the first time or again, and those who stopped."""

    new = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = _once("subscribers")


class DirtyDay(models.Model):
    """A mark: on this day, in UTC, a row of this kind was written, changed or removed. The database's own triggers make
    it (`finances.totals.triggers`), in the transaction that writes; whoever sums the day anew deletes it.

    Nothing is ever updated here, and a day may be marked many times: writers never wait for one another.
    """

    class Kind(models.TextChoices):
        REVENUE = "revenue"
        REFUNDS = "refunds"
        ATTEMPTS = "attempts"
        SUBSCRIPTIONS = "subscriptions"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    day = models.DateField()
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["kind", "day"], name="paydesk_dirty_day")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"


class TotalsZone(models.Model):
    """The zone by whose days the totals were summed: one row, none where nothing was. Locked by whoever sums."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
