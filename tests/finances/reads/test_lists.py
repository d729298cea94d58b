"""What every list of Stripe's objects can be asked for."""

import pytest
from django.db import connection
from djstripe import models as djstripe

from finances.models import Customer
from finances.reads.lists import STORED, with_metadata


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such index")
@pytest.mark.django_db
def test_metadata_is_found_by_the_index_that_leaves_out_those_without_any():
    none = [djstripe.Customer(id=f"cus_{each}", livemode=False, metadata={}, stripe_data={}) for each in range(3000)]
    some = djstripe.Customer(id="cus_x", livemode=False, metadata={"plan": "pro"}, stripe_data={})
    djstripe.Customer.objects.bulk_create([*none, some])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE djstripe_customer")

    found = Customer.objects.filter(with_metadata(Customer, "plan", "pro"))

    assert "paydesk_customer_metadata" in found.explain()


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no such index")
@pytest.mark.django_db
def test_the_metadata_of_each_list_has_its_index():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_indexes WHERE indexname LIKE 'paydesk%metadata'")
        indexed = {table for (table,) in cursor.fetchall()}

    assert indexed == {model._meta.db_table for model in STORED.values()}
