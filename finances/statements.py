"""Statements whose values PostgreSQL gets beside them, as it has them itself."""

from typing import Any

import psycopg
from django.db import connection


def server_side_cursor() -> Any:
    """Of PostgreSQL alone. Django's own cursor writes the values into the text of each statement, which the server then
    has to read and plan anew; these are read once a connection, from their second time on, where
    PAYDESK_PREPARED_STATEMENTS allows it. It counts and times its statements as Django's does."""
    connection.ensure_connection()
    return connection._prepare_cursor(psycopg.Cursor(connection.connection))  # type: ignore[attr-defined]
