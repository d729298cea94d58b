"""What a worker removes each hour: everything whose time is over, as far as a setting gives it one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from finances.retention.batches import in_batches
from finances.retention.deliveries import (
    empty_payloads,
    empty_payloads_of_the_erased,
    remove_comparisons,
    remove_deliveries,
)
from finances.retention.versions import remove_versions


def prune_due(clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> dict[str, int]:
    """Until nothing is left or `stop` says so; the next call goes on there. How much went, by what it was."""
    now = clock()
    kept = {
        "payloads": (empty_payloads, settings.KEEP_PAYLOADS_DAYS),
        "deliveries": (remove_deliveries, settings.KEEP_DELIVERIES_DAYS),
        "versions": (remove_versions, settings.KEEP_VERSIONS_DAYS),
    }
    removed = {
        what: in_batches(partial(remove, now - timedelta(days=days)), stop=stop)
        for what, (remove, days) in kept.items()
        if days  # 0: for ever
    }
    in_batches(empty_payloads_of_the_erased, stop=stop)
    return removed | {"comparisons": in_batches(partial(remove_comparisons, now), stop=stop)}
