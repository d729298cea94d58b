"""Whoever gets past the triggers cannot change what was sealed without being named."""

from datetime import timedelta

import pytest
from django.db import connection

from finances import audit
from finances.audit import digests, sealing
from finances.audit.verifying import Known, verify
from finances.models import AuditEntry, AuditPersonal, AuditSeal, SealedEntry
from tests.append_only import behind_its_back
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]
LATER = NOON + timedelta(hours=5)


@pytest.fixture
def trail(monkeypatch) -> list[AuditEntry]:
    """Six entries, each with a reason, in three seals; the last seal found nothing left."""
    monkeypatch.setattr(sealing, "BATCH", 2)
    entries = [
        audit.record(
            "paydesk.test.made", at=NOON, actor=None, target=f"cus_{each}", detail={"n": each}, personal={"reason": "R"}
        )
        for each in range(6)
    ]
    sealing.seal_due(lambda: NOON)
    return entries


def broken(known: Known | None = None) -> tuple[int | None, int | None]:
    """Which seal and which entry are named."""
    found = verify(known)
    assert not found.holds
    return found.broken.seal, found.broken.entry


def test_a_trail_that_nobody_touched_holds(trail):
    found = verify()

    assert found.holds
    assert (found.seals, found.entries, found.erased, found.unsealed) == (3, 6, 0, 0)
    assert found.newest == AuditSeal.objects.get(number=3)


@pytest.mark.parametrize(
    "change", [{"action": "x"}, {"actor_name": "x"}, {"actor_id": 7}, {"target": "x"}, {"detail": {}}, {"at": LATER}]
)
def test_an_entry_that_was_changed_is_named(trail, change):
    with behind_its_back(connection):
        AuditEntry.objects.filter(pk=trail[3].pk).update(**change)

    assert broken() == (2, trail[3].pk)


def test_one_whose_digest_was_changed_with_it_breaks_its_seal(trail):
    with behind_its_back(connection):
        AuditEntry.objects.filter(pk=trail[3].pk).update(target="cus_other")
        digest = digests.digest_of_entry(AuditEntry.objects.get(pk=trail[3].pk))
        SealedEntry.objects.filter(pk=trail[3].pk).update(digest=digest)

    assert broken() == (2, None)


def test_a_seal_made_to_fit_breaks_the_next_one(trail):
    with behind_its_back(connection):
        SealedEntry.objects.filter(pk=trail[3].pk).delete()
        seal = AuditSeal.objects.get(number=2)
        members = SealedEntry.objects.filter(seal=2).values_list("entry_id", "digest")
        AuditSeal.objects.filter(number=2).update(digest=digests.digest_of_seal(seal, members))

    assert broken() == (3, None)


def test_an_entry_that_was_taken_out_is_named(trail):
    with behind_its_back(connection), connection.constraint_checks_disabled():
        AuditPersonal.objects.filter(pk=trail[2].pk).delete()
        SealedEntry.objects.filter(pk=trail[2].pk).delete()
        AuditEntry.objects.filter(pk=trail[2].pk)._raw_delete("default")

    assert broken() == (2, None)


@pytest.mark.parametrize("number", [1, 2])
def test_a_seal_that_was_taken_out_is_named(trail, number):
    with behind_its_back(connection):
        SealedEntry.objects.filter(seal=number).delete()
        AuditSeal.objects.filter(number=number).delete()

    assert broken() == (number, None)


def test_one_that_was_put_in_with_a_time_of_the_past_is_named_sealed_or_not(trail):
    sealing.seal_due(lambda: LATER)
    audit.record("paydesk.test.made", at=LATER, actor=None)
    sealing.seal_due(lambda: LATER)
    forged = audit.record("paydesk.test.made", at=NOON, actor=None)

    assert broken() == (None, forged.pk)
    sealing.seal_due(lambda: LATER)
    assert broken() == (5, forged.pk)


def test_one_below_all_that_is_looked_for_is_named_too(trail):
    forged = AuditEntry.objects.create(pk=trail[0].pk - 1, at=NOON - timedelta(days=3), action="paydesk.test.forged")

    assert broken() == (None, forged.pk)


def test_what_was_typed_may_be_gone_but_not_be_other(trail):
    AuditPersonal.objects.filter(pk=trail[1].pk).delete()
    assert verify().holds
    assert verify().erased == 1

    AuditPersonal.objects.create(entry=trail[1], salt="salt", body={"reason": "Another"})
    assert broken() == (1, trail[1].pk)


def test_an_end_that_was_cut_off_shows_only_to_whoever_noted_the_newest_digest(trail):
    noted = Known(3, AuditSeal.objects.get(number=3).digest)
    with behind_its_back(connection):
        SealedEntry.objects.filter(seal=3).delete()
        AuditSeal.objects.filter(number=3).delete()
        AuditPersonal.objects.filter(pk__in=[each.pk for each in trail[4:]]).delete()
        AuditEntry.objects.filter(pk__in=[each.pk for each in trail[4:]])._raw_delete("default")

    assert verify().holds
    assert broken(noted) == (3, None)

    audit.record("paydesk.test.made", at=LATER, actor=None)
    sealing.seal_due(lambda: LATER)
    assert broken(noted) == (3, None)
