"""Rows that something else wrote into dj-stripe's tables: an application beside us that uses dj-stripe's own sync."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from finances.incidents import log_incident
from finances.mirror.canonical import content_hash
from finances.mirror.held import held, rows_of
from finances.mirror.neighbours import discounts_of_customers, value_again
from finances.mirror.rebuild import owners_to_hold, put_right
from finances.mirror.states import lock_state_of
from finances.mirror.types import TYPE_OF_MODEL, TYPES
from finances.models import ObjectState, state_key

logger = logging.getLogger(__name__)


def watch_djstripe() -> None:
    """From now on what is saved through dj-stripe's models reaches the read model. The mirror's own writes send no
    signal: they bring their read model along."""
    for type_name, entry in TYPES.items():
        if entry.model and entry.project:
            for signal in (post_save, post_delete):
                signal.connect(_after_commit, sender=entry.model, dispatch_uid=f"paydesk {type_name}")


def _after_commit(sender: Any, instance: Any, *, raw: bool = False, **more: Any) -> None:
    """Not within the other's transaction: it holds the row, and would wait for the object's state while the mirror,
    which takes them in the other order, waits for the row."""
    if raw:  # a fixture: rebuild_read_model comes after it
        return
    type_name, object_id = TYPE_OF_MODEL[sender], instance.id
    transaction.on_commit(lambda: _quietly(type_name, object_id))


def _quietly(type_name: str, object_id: str) -> None:
    try:
        adopt(type_name, object_id, now=timezone.now())
    except Exception as error:
        # The other's work is done and committed. `rebuild_read_model --check` finds what is left.
        log_incident(logger, f"{object_id}: written by dj-stripe, and not taken into the read model", error)


def adopt(type_name: str, object_id: str, *, now: datetime) -> None:
    """Make the read model say of one object what dj-stripe's row says; one without a row goes.

    Nobody took a ticket before what was written was read, so the object's ticket stays as it is, and whatever is read
    from Stripe after it counts as newer. Its hash goes, so that whatever Stripe answers next is written whole. What
    Stripe said is gone stays marked as gone.
    """
    with transaction.atomic():
        state = lock_state_of(object_id, type_name, now, beside=owners_to_hold(type_name, [object_id]))
        discounts_before = discounts_of_customers([object_id]) if type_name == "customer" else {}
        put_right(type_name, [object_id])
        if type_name == "customer":
            value_again([object_id], discounts_before)
        stored = held(type_name, [object_id]).get(object_id)
        content = content_hash(stored) if stored else b""
        if state.deleted_at:
            if stored and stored.get("deleted") is not True:
                rows_of(type_name).filter(id=object_id).update(stripe_data=stored | {"deleted": True})
        elif state.content_hash != content:
            # No answer equals it: dj-stripe leaves an invoice's known lines as they are, and those past the tenth out.
            state_row = ObjectState.objects.filter(object_id=state_key(type_name, object_id))
            state_row.update(content_hash=b"", unlinked=True)
