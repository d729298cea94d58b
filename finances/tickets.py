"""Tickets order fetches, leases and claims fence off workers.

A ticket is taken before a fetch begins, outside any transaction. Later tickets see later states, so of two answers the
one with the newer ticket is the newer state, and the mirror needs no lock over the network.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Model, QuerySet

LEASE = timedelta(seconds=45)


def take_ticket() -> int:
    """The next ticket, greater than every one taken before it, on any worker.

    PostgreSQL: a sequence, which never waits. SQLite: a counter row, since it has one writer anyway.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval('paydesk_ticket_sequence')")
        else:
            cursor.execute(
                "INSERT INTO paydesk_ticket (id, last) VALUES (1, 1) "
                "ON CONFLICT (id) DO UPDATE SET last = paydesk_ticket.last + 1 RETURNING last"
            )
        return cursor.fetchone()[0]


def locked[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows, locked until the transaction ends; those that another worker holds are passed over, not waited for.

    SQLite cannot, and need not: its writers come one after the other.
    """
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)


def locked_in_order[Row: Model](rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows, locked by their keys' order until the transaction ends; those of another worker are waited for."""
    return rows.select_for_update().order_by("pk")


def lease_end(now: datetime) -> datetime:
    """Until when a claim made now holds. A worker that works longer renews it; one that died is overtaken after it."""
    return now + LEASE
