"""The only writer of Stripe's data: one object, or a page of a hundred at a time, guarded against stale writes."""

from finances.mirror.fitting import DoesNotFit
from finances.mirror.linking import link, pointing_at
from finances.mirror.states import Fetched, Outcome, Written
from finances.mirror.types import TYPES, type_of_id
from finances.mirror.writing import known_account_id, owner_account_id, read_and_write, write

__all__ = [
    "TYPES",
    "DoesNotFit",
    "Fetched",
    "Outcome",
    "Written",
    "known_account_id",
    "link",
    "owner_account_id",
    "pointing_at",
    "read_and_write",
    "type_of_id",
    "write",
]
