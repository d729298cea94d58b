import pytest
from django.db import transaction

from finances import audit
from finances.audit.digests import digest_of_personal
from finances.models import AuditEntry, AuditPersonal
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]


def recorded(**given) -> AuditEntry:
    return AuditEntry.objects.get(pk=audit.record("paydesk.test.made", **{"at": NOON, "actor": None} | given).pk)


def test_what_was_typed_stands_beside_and_the_entry_holds_its_salted_digest():
    one, other = recorded(personal={"words": "Ada"}), recorded(personal={"words": "Ada"})

    assert "Ada" not in str(one.__dict__)
    assert one.personal.body == {"words": "Ada"}
    assert one.personal_digest == digest_of_personal(one.personal.salt, {"words": "Ada"})
    assert one.personal_digest != other.personal_digest


def test_nothing_typed_is_no_row_beside(django_assert_num_queries):
    with django_assert_num_queries(1):
        audit.record("paydesk.test.made", at=NOON, actor=None, target="cus_1", personal={"reason": ""})

    assert not AuditPersonal.objects.exists()


def test_what_no_database_can_hold_does_not_stop_the_action():
    entry = recorded(target="cus_\x00" + "1" * 400, personal={"words": "a\x00b"})

    assert entry.personal.body == {"words": "a\N{REPLACEMENT CHARACTER}b"}
    assert len(entry.target) == 255
    assert entry.personal_digest == digest_of_personal(entry.personal.salt, entry.personal.body)


@pytest.mark.guarantee("B6")
def test_a_key_that_was_pasted_by_mistake_is_cut_down_to_what_it_is():
    key = "sk_test_" + "4eC39Hq" * 4

    entry = recorded(target=key, personal={"reason": f"with {key}"})

    assert (entry.target, entry.personal.body) == ("sk_test_…", {"reason": "with sk_test_…"})


def test_an_action_that_is_taken_back_leaves_no_entry():
    with transaction.atomic():
        audit.record("paydesk.test.made", at=NOON, actor=None, personal={"reason": "Ticket 48213"})
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()
    assert not AuditPersonal.objects.exists()


def test_no_e_mail_gets_into_an_entry_itself_which_stays_for_ever():
    entry = recorded(target="of ada@example.test", detail={"asked": ["<ada@example.test>"], "count": 2})

    assert (entry.target, entry.detail) == ("of …", {"asked": ["<…>"], "count": 2})
