"""An id of no known type, of the other mode, of another account, deleted or unreadable: a sentence of its own each, and
nothing is changed."""

from datetime import timedelta

import pytest

from finances.models import AuditEntry, Customer, ObjectState
from finances.resync import control
from finances.resync import run as running
from finances.resync.request import request_resync
from finances.resync.targets import UnknownTarget, pasted, references, type_and_id
from tests.finances.resync.resyncing import NOW, ada, compare, resync

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("ask", [resync, compare])
def test_of_the_other_mode(stripe, settings, monkeypatch, ask):
    customer = ada(stripe)
    settings.STRIPE_LIVE_MODE = True
    monkeypatch.setenv("STRIPE_LIVE_SECRET_KEY", "sk_live_" + "a" * 24)

    run = ask(customer)

    finding = run.findings.get()
    assert (run.state, run.done, finding.object_id) == ("partial", 0, customer)
    assert finding.problem == "This customer is of test mode; Paydesk reads live mode."
    assert "a Paydesk of test mode" in finding.advice
    assert not Customer.objects.exists()


@pytest.mark.parametrize("target", ["acct_1AnotherOne", "account:acct_1AnotherOne"])
def test_of_another_account(stripe, target):
    run = resync(target)

    assert (run.target, run.state) == ("account:acct_1AnotherOne", "partial")
    assert run.findings.get().problem == "This account is another one than the key's."


@pytest.mark.parametrize("ask", [resync, compare])
def test_deleted_before(stripe, ask):
    customer = ada(stripe)
    resync(customer)
    stripe.delete(customer)
    resync(customer)
    before = list(ObjectState.objects.order_by("object_id").values_list("object_id", "deleted_at", "content_hash"))

    run = ask(customer)

    assert (run.state, run.gone, run.changed) == ("complete", 0, 0)
    assert run.scope["deleted"] == [{"type": "customer", "id": customer, "since": NOW.isoformat()}]
    after = ObjectState.objects.order_by("object_id").values_list("object_id", "deleted_at", "content_hash")
    assert list(after) == before


@pytest.mark.parametrize("target", ["cs_test_a1B2c3D4", "bogus_12345"])
def test_of_no_known_type(target):
    with pytest.raises(UnknownTarget, match=f"^Not a Stripe id that Paydesk knows: {target}.$"):
        type_and_id(target)


def test_no_id_at_all():
    with pytest.raises(UnknownTarget, match=r"^“invocies” is neither a Stripe id .* nor one of: product"):
        type_and_id("invocies")


@pytest.mark.guarantee("B5")
@pytest.mark.parametrize("ask", [resync, compare])
@pytest.mark.parametrize("type_name", ["charge", "invoice", "credit_note", "coupon", "product"])
def test_under_the_name_of_another_type(stripe, ask, type_name):
    customer = ada(stripe)
    resync(customer)
    before = ObjectState.objects.filter(object_id=customer).values("type", "ticket", "deleted_at", "content_hash").get()

    run = ask(f"{type_name}:{customer}")

    noun = type_name.replace("_", " ")
    assert (run.state, run.done, run.gone, run.failed) == ("partial", 0, 0, 1)
    assert run.findings.get().problem == f"Stripe has no {noun} with this id."
    after = ObjectState.objects.filter(object_id=customer).values("type", "ticket", "deleted_at", "content_hash").get()
    assert after == before
    assert resync(customer).changed == 0


@pytest.mark.parametrize("key", ["sk_test_" + "a" * 24, "STRIPE_KEY=rk_live_" + "b" * 24, "sk_org_live_" + "c" * 24])
def test_a_key_is_not_repeated_and_is_to_be_rolled(key):
    for ask in (type_and_id, lambda text: references([text])):
        with pytest.raises(UnknownTarget) as refused:
            ask(key)
        assert str(refused.value) == (
            "This looks like a key, and is not repeated here: if it is one, roll it in Stripe's dashboard."
        )


def test_a_line_without_any_id_is_named_whole():
    assert pasted("Ada Lovelace") == ["Ada Lovelace"]
    assert pasted("cus_1, in_2\nnot known\n\ncus_1 what") == ["cus_1", "in_2", "not known", "what"]
    with pytest.raises(UnknownTarget, match=r"^Not a Stripe id that Paydesk knows: Ada Lovelace\.$"):
        references(["Ada Lovelace"])


def test_what_was_asked_for_and_what_came_of_it_is_in_the_audit_trail(stripe, admin):
    customer = ada(stripe)
    resync(customer)
    stripe.delete(customer)
    others = [it["id"] for it in stripe.all("/v1/customers")[:2]]

    run = resync("ids", ids=[customer, *others], by=admin, reason="Ticket 7")

    asked, ended = AuditEntry.objects.filter(target=run.target).order_by("id")
    assert asked.detail == {"run": str(run.pk), "ids": [customer, *others]}
    # Changed: their subscription, which Stripe cancelled with them.
    assert ended.detail == {
        "run": str(run.pk), "done": run.done, "changed": 1, "new": run.new, "gone": 1, "failed": 0,
    }  # fmt: skip


def test_after_a_long_pause_an_outage_is_waited_for_anew(stripe, settings, no_pauses, admin):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    run = request_resync("product", now=NOW).run
    running.run_due(lambda: NOW)
    control.pause(run.pk, now=NOW, by=admin)
    later = NOW + timedelta(hours=2)
    control.resume(run.pk, now=later, by=admin)

    running.run_due(lambda: later)

    run.refresh_from_db()
    assert run.state == "running"
