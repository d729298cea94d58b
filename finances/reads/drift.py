"""What comparisons with Stripe found different, and nothing has read from Stripe since."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from finances.models import CHOSEN, ObjectState, ResyncFinding, state_key
from finances.reads.keyset import capped_count
from finances.reads.names import names_of

MOST = 10_000
MOST_SHOWN = 50


def standing() -> QuerySet[ResyncFinding]:
    """Findings of the newest comparison of each object, but for objects that were mended since.

    Whatever reads an object, a webhook or a resync, leaves its answer in the tables. Where the rows themselves are
    wrong (`problem` says so), it may find the last answer again and leave them as they are: these stand until they are
    taken over.
    """
    read_since = ObjectState.objects.filter(object_id=OuterRef("state_key"), seen_at__gt=OuterRef("found_at"))
    chosen = (When(object_type=each, then=Concat(Value(state_key(each, "")), "object_id")) for each in CHOSEN)
    keyed = ResyncFinding.objects.alias(state_key=Case(*chosen, default="object_id", output_field=CharField()))
    return keyed.filter(~Q(Exists(read_since), problem=""), stands=True)


def drifted(most: int = MOST) -> list[tuple[str, str]]:
    """(type, id), the newest first, each once. One query."""
    newest = standing().order_by("-found_at", "-id")
    return list(dict.fromkeys(newest.values_list("object_type", "object_id")[:most]))


@dataclass(frozen=True)
class Drift:
    """`count`: capped as lists are. `newest`: fifty at most, with their runs. `names`: by id, where people have one."""

    count: int
    newest: Sequence[ResyncFinding]
    names: dict[str, str]


def drift() -> Drift:
    """Four queries at most."""
    newest = list(standing().select_related("run").order_by("-found_at", "-id")[:MOST_SHOWN])
    count = len(newest) if len(newest) < MOST_SHOWN else capped_count(standing())
    return Drift(count, newest, names_of(each.object_id for each in newest))
