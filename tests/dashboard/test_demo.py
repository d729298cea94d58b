"""The demo throws its database away at each start; nobody else's."""

import pytest
from django.db import connection

from dashboard import demo
from finances.models import AuditEntry, Customer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_database_with_other_people_is_left_alone(admin, django_user_model):
    django_user_model.objects.create_user("ines@fjordlicht.example")

    with pytest.raises(demo.NotOurs, match="DATABASE_URL: names a database with data that is not the demo's"):
        demo.clear_a_borrowed_database()

    assert django_user_model.objects.count() == 2


def test_a_database_with_tables_and_nobody_in_it_may_be_somebodys_too():
    with pytest.raises(demo.NotOurs):
        demo.clear_a_borrowed_database()


def test_a_database_that_only_the_demo_used_is_made_anew(admin, stripe, django_user_model, monkeypatch):
    Customer.objects.create(id="cus_old", created_at="2026-01-01T00:00Z")
    assert AuditEntry.objects.exists()

    with monkeypatch.context() as patched:
        patched.setattr(demo, "make_tables", lambda: None)
        patched.setattr(connection.ops, "sql_flush", type(connection.ops).sql_flush.__get__(connection.ops))  # as it is
        demo.clear_a_borrowed_database()

    demo.make_tables()
    assert not AuditEntry.objects.exists()
    assert not Customer.objects.exists()
    assert not django_user_model.objects.exists()


def test_a_port_that_is_taken_is_named_with_the_variable_that_moves_it(live_server):
    with pytest.raises(demo.PortTaken, match=rf"port {live_server.thread.port} is taken; .* PORT="):
        demo.check_ports(("PORT", live_server.thread.port))
