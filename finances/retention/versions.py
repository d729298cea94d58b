"""Earlier states of objects, of which the newest always stays."""

from datetime import datetime
from itertools import takewhile

from django.db import transaction

from finances.models import ObjectVersion, RetentionPlace
from finances.retention.batches import BATCH
from finances.tickets import locked

VERSIONS = "versions"


def remove_versions(before: datetime) -> int | None:
    """A batch of states that were followed by another one before then: how many; None when all of them are gone.

    What was so at `before` stays, and so does each later state: what a page shows as a change within the time that is
    kept has both of its sides. An object that did not change keeps what there is.

    A state is looked at once in its life, when its own time is over, and makes those before it go: the place up to
    which that was done is kept. Whoever looked for what may go would pass, each time, over every object's last state.
    """
    RetentionPlace.objects.get_or_create(kind=VERSIONS)
    with transaction.atomic():
        place = locked(RetentionPlace.objects.filter(kind=VERSIONS)).first()
        if place is None:  # another worker is at it
            return None
        later = ObjectVersion.objects.filter(id__gt=place.place).order_by("id")
        rows = list(later.values_list("id", "object_id", "ticket", "seen_at")[:BATCH])
        # As good as in the order of `seen_at`: what was written a little out of turn goes a little later.
        over = list(takewhile(lambda row: row[3] < before, rows))
        if not over:
            return None
        newest: dict[str, int] = {}
        for _, object_id, ticket, _ in over:
            newest[object_id] = max(ticket, newest.get(object_id, ticket))
        theirs = ObjectVersion.objects.filter(object_id__in=newest).values_list("id", "object_id", "ticket")
        followed = [pk for pk, object_id, ticket in theirs if ticket < newest[object_id]]
        ObjectVersion.objects.filter(id__in=followed).delete()
        RetentionPlace.objects.filter(pk=place.pk).update(place=over[-1][0])
    return len(followed)
