import pytest
from django.core.management import call_command
from django.db import connection

from finances import audit
from finances.models import AuditEntry, AuditSeal
from tests.append_only import behind_its_back
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]


def verified(capsys, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", *arguments)
    return ended.value.code, *capsys.readouterr()


def test_a_whole_trail_is_0_with_a_digest_to_note_and_leaves_an_entry(capsys):
    audit.record("paydesk.test.made", at=NOON, actor=None)

    code, out, err = verified(capsys)

    newest = AuditSeal.objects.get()
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Entries read: 1, in 1 seals; not sealed yet: 0."
    assert out.splitlines()[-1] == f"1:{newest.digest}"
    assert AuditEntry.objects.get(action="paydesk.audit.verified").detail["entries"] == 1
    assert verified(capsys, "--known", out.splitlines()[-1])[0] == 0


def test_a_broken_one_is_1_and_names_the_entry(capsys):
    entry = audit.record("paydesk.test.made", at=NOON, actor=None)
    verified(capsys)
    with behind_its_back(connection):
        AuditEntry.objects.filter(pk=entry.pk).update(target="cus_other")

    code, _, err = verified(capsys)

    assert (code, err) == (1, f"BROKEN: Entry {entry.pk} was changed.\n")
    assert AuditEntry.objects.get(action="paydesk.audit.broken").detail["entry"] == entry.pk


def test_a_missing_trigger_is_1(capsys):
    with behind_its_back(connection):
        code, _, err = verified(capsys)

    assert code == 1
    assert "the trigger paydesk_auditentry_no_update does not stand" in err


def test_a_digest_that_was_noted_and_is_no_more_is_1(capsys):
    audit.record("paydesk.test.made", at=NOON, actor=None)

    assert verified(capsys, "--known", "1:" + "0" * 64)[0] == 1
    assert verified(capsys, "--known", "7:" + "0" * 64)[0] == 1
