"""What is indexed is what a query asks for."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such indexes"),
]


def test_no_table_of_ours_has_the_second_index_for_patterns_that_django_makes_by_itself():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes"
            " WHERE tablename LIKE 'paydesk\\_%%' AND indexdef LIKE '%%\\_pattern\\_ops)'"
        )

        found = [row[0] for row in cursor.fetchall()]

    assert found == [], "end the migration that made them with DropPatternIndexes"
