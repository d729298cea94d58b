"""Entries from before: what was typed moves to a row beside, nothing else changes; and back."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from finances.audit import sealing
from finances.audit.verifying import missing_triggers, verify
from finances.models import AuditEntry
from tests.factories import NOON

BEFORE = [("paydesk", "0007_trusted_resyncs")]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.guarantee("D11")]


def entry_of_then():
    return MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("paydesk", "AuditEntry")


@pytest.fixture
def then():
    call_command("migrate", *BEFORE[0], verbosity=0)
    yield entry_of_then().objects
    call_command("migrate", "paydesk", verbosity=0)


def test_a_reason_of_before_is_kept_beside_its_entry_and_comes_back(then):
    person = a_user_of_then()
    asked = then.create(
        at=NOON, actor_id=person.pk, action="paydesk.resync.requested", detail={"reason": "T", "run": "r"}
    )
    ended = then.create(at=NOON, action="paydesk.resync.complete", target="cus_1", detail={"done": 2})

    call_command("migrate", "paydesk", verbosity=0)

    entry = AuditEntry.objects.get(pk=asked.pk)
    assert (entry.detail, entry.personal.body, entry.actor_name) == ({"run": "r"}, {"reason": "T"}, person.username)
    assert (AuditEntry.objects.get(pk=ended.pk).detail, AuditEntry.objects.get(pk=ended.pk).actor_name) == (
        {"done": 2},
        "",
    )
    sealing.seal_due(lambda: NOON)
    assert verify().holds
    assert missing_triggers() == []

    call_command("migrate", *BEFORE[0], verbosity=0)

    assert then.get(pk=asked.pk).detail == {"reason": "T", "run": "r"}
    assert then.get(pk=asked.pk).actor_id == person.pk
    assert then.get(pk=ended.pk).detail == {"done": 2}


def a_user_of_then():
    """Made without a word to the trail, whose tables are those of then."""
    from django.contrib.auth.models import User

    return User.objects.bulk_create([User(username="ines@paydesk.test")])[0]
