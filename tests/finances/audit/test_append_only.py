"""What is in the audit trail stays as it is; a person's words in it can be taken away, never changed."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from finances import audit
from finances.audit import sealing
from finances.audit.verifying import missing_triggers
from finances.models import AuditEntry, AuditPersonal, AuditSeal, SealedEntry
from tests.append_only import behind_its_back
from tests.factories import NOON, a_user

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]
KEPT = (AuditEntry, AuditSeal, SealedEntry)


@pytest.fixture
def entry(admin) -> AuditEntry:
    """With a reason, and sealed."""
    made = audit.record("paydesk.test.made", at=NOON, actor=admin, target="cus_1", personal={"reason": "Ticket 48213"})
    sealing.seal_due(lambda: NOON)
    return made


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paydesk_auditentry SET action = 'paydesk.other'",
        "DELETE FROM paydesk_auditentry",
        "UPDATE paydesk_auditseal SET digest = 'other'",
        "DELETE FROM paydesk_auditseal",
        "UPDATE paydesk_sealedentry SET digest = 'other'",
        "DELETE FROM paydesk_sealedentry",
        "UPDATE paydesk_auditpersonal SET salt = 'other'",
    ],
)
def test_the_database_refuses_a_change(entry, statement):
    assert refused(statement)


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has neither TRUNCATE nor replicas")
@pytest.mark.parametrize("table", [model._meta.db_table for model in KEPT])
def test_the_database_refuses_to_empty_a_table_and_a_session_that_plays_a_replica_too(entry, table):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or what is still to be checked would be the reason
    assert refused(f"TRUNCATE {table} CASCADE")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    assert refused(f"DELETE FROM {table}")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no REPLACE")
def test_sqlite_refuses_to_replace_a_row(entry):
    assert refused(
        "INSERT OR REPLACE INTO paydesk_auditentry (id, at, actor_name, action, target, detail, personal_digest) "
        "SELECT id, at, '', 'paydesk.other', target, detail, '' FROM paydesk_auditentry"
    )
    assert refused(
        "INSERT OR REPLACE INTO paydesk_auditpersonal (entry_id, salt, body) "
        "SELECT entry_id, 'salt', body FROM paydesk_auditpersonal"
    )


def test_what_was_typed_can_be_erased_and_the_entry_stays(entry):
    AuditPersonal.objects.filter(entry=entry).delete()

    entry = AuditEntry.objects.get(pk=entry.pk)
    assert not hasattr(entry, "personal")
    assert "48213" not in str(entry.__dict__)


def test_a_person_who_is_deleted_is_still_named(entry):
    leaver = a_user("Admin")
    made = audit.record("paydesk.test.made", at=NOON, actor=leaver)

    User.objects.get(pk=leaver.pk).delete()

    kept = AuditEntry.objects.select_related("actor").get(pk=made.pk)
    assert (kept.actor_id, kept.actor, kept.actor_name) == (leaver.pk, None, leaver.username)


def test_a_trigger_that_was_taken_away_is_noticed():
    assert missing_triggers() == []
    with behind_its_back(connection):
        assert "paydesk_auditentry_no_update" in missing_triggers()
    assert missing_triggers() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no INSERT OR REPLACE")
def test_no_seal_is_replaced_by_the_one_that_it_follows(entry):
    assert refused(
        "INSERT OR REPLACE INTO paydesk_auditseal (number, sealed_at, count, through, took_all, previous, digest) "
        "SELECT 99, sealed_at, count, through, took_all, previous, 'forged' FROM paydesk_auditseal WHERE number = 1"
    )
    assert list(AuditSeal.objects.values_list("number", flat=True)) == [1]


def test_a_trigger_of_the_same_name_that_refuses_nothing_is_missing():
    name = "paydesk_auditentry_no_update"
    assert missing_triggers() == []

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION paydesk_let() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN NEW; END $$"
            )
            cursor.execute(f"DROP TRIGGER {name} ON paydesk_auditentry")
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON paydesk_auditentry FOR EACH ROW EXECUTE FUNCTION paydesk_let()"
            )
            cursor.execute(f"ALTER TABLE paydesk_auditentry ENABLE ALWAYS TRIGGER {name}")
        else:
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON paydesk_auditentry BEGIN SELECT 1; END")

    assert missing_triggers() == [name]
