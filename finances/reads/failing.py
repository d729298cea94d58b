"""Why events are not processed: those that wait or were put aside, grouped by what their reasons have in common."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from finances.models import Delivery
from finances.reads.webhooks import Conditions, deliveries_matching

MOST_READ = 1_000
"""Of each of the two states, the newest."""
MOST_GROUPS = 8
SHORTEST = 12
"""Characters: a beginning shorter than this would throw together what has nothing to do with one another."""
VARIABLE = re.compile(r"\S*[0-9_“\"`(].*", re.DOTALL)
ALL = Conditions()
FAILING = (Delivery.State.QUARANTINED, Delivery.State.WAITING)


@dataclass(frozen=True)
class FailureGroup:
    """`reason`: how the reasons begin, up to what varies; `whole`: they all say just that."""

    reason: str
    whole: bool
    quarantined: int
    waiting: int
    newest: datetime

    @property
    def count(self) -> int:
        return self.quarantined + self.waiting


@dataclass(frozen=True)
class Failing:
    """`groups`: the largest first, at most eight. `cut`: there are more than were read, or more groups."""

    groups: list[FailureGroup]
    cut: bool


def failing(conditions: Conditions = ALL, states: Iterable[Delivery.State] = FAILING) -> Failing:
    """Of the newest thousand that match in each of the two states. Two queries at most, each on the index of states;
    `conditions` with words in them cost one more each: resolve them first. `states`: those of the two in which there is
    anything."""
    found: dict[str, list[tuple[str, str, datetime]]] = {}
    cut = False
    for state in states:
        if conditions.state not in ("", state):
            continue
        matching = deliveries_matching(replace(conditions, state=state)).exclude(reason="")
        rows = matching.order_by("-received_at", "-event_id")
        read = list(rows.values_list("reason", "received_at")[: MOST_READ + 1])
        cut = cut or len(read) > MOST_READ
        for reason, received_at in read[:MOST_READ]:
            found.setdefault(beginning(reason), []).append((state, reason, received_at))
    groups = [
        FailureGroup(
            reason=start,
            whole=all(reason == start for _, reason, _ in those),
            quarantined=sum(state == Delivery.State.QUARANTINED for state, _, _ in those),
            waiting=sum(state == Delivery.State.WAITING for state, _, _ in those),
            newest=max(received_at for _, _, received_at in those),
        )
        for start, those in found.items()
    ]
    groups.sort(key=lambda group: (-group.count, group.reason))
    return Failing(groups[:MOST_GROUPS], cut or len(groups) > MOST_GROUPS)


def beginning(reason: str) -> str:
    """Up to the first word with a digit, an underscore, a quote or a bracket in it; all of it if that is too short."""
    start = VARIABLE.sub("", reason, count=1)
    return start.rstrip() if len(start.strip()) >= SHORTEST else reason
