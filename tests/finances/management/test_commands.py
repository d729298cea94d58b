"""The commands as a person runs them: what they print and how they exit."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from finances import doctor, gateway
from finances.models import (
    CatchUp,
    Customer,
    Delivery,
    EventWatermark,
    Invoice,
    ResyncPart,
    ResyncRun,
    Subscription,
    WorkerHeartbeat,
)
from finances.sandbox.api.resources import SCOPES

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and everything printed."""
    printed = StringIO()
    try:
        call_command(*arguments, stdout=printed, stderr=printed)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def ada(stripe) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == "Ada Lovelace")


def test_resync_prints_the_run_and_ends(stripe):
    code, printed = run("resync", "product")

    queued = ResyncRun.objects.get()
    assert (code, queued.state) == (0, "queued")
    assert str(queued.id) in printed


def test_resync_wait_does_the_work_itself_when_no_worker_is_alive(stripe):
    code, printed = run("resync", ada(stripe), "--wait")

    assert code == 0
    assert "complete: " in printed
    assert Customer.objects.get(id=ada(stripe)).name == "Ada Lovelace"


def test_resync_wait_exits_3_when_a_part_is_missing(stripe):
    code, printed = run("resync", "cus_nobody", "--wait")

    assert code == 3
    assert "Stripe has no customer with this id." in printed


def test_resync_wait_exits_1_when_it_failed(no_pauses):
    code, printed = run("resync", "cus_ada", "--wait")

    assert code == 1
    assert "Stripe could not be reached" in printed


def test_resync_wait_exits_4_when_it_was_cancelled(stripe, monkeypatch):
    WorkerHeartbeat.objects.create(worker="elsewhere", started_at=datetime.now(UTC), seen_at=datetime.now(UTC))
    monkeypatch.setattr(
        "finances.management.commands.resync.time.sleep", lambda seconds: ResyncRun.objects.update(state="cancelled")
    )

    assert run("resync", "product", "--wait")[0] == 4


def test_resync_dry_run_says_what_would_be_read_and_reads_nothing(stripe):
    stripe.forget_calls()

    code, printed = run("resync", "all", "--dry-run")

    assert (code, printed) == (0, "all: 25 parts, about 0 objects that are here, 20 calls, 1 s\n")
    assert stripe.calls() == {}
    assert not ResyncRun.objects.exists()


def test_resync_dry_run_that_waits_prints_what_differs_and_writes_nothing(stripe):
    run("resync", "customer", "--wait")
    gone, changed = (it["id"] for it in stripe.all("/v1/customers")[1:3])
    stripe.delete(gone)
    stripe.patch(changed, name="Ada \x1b[31mKing")
    before = Customer.objects.get(id=changed).name

    code, printed = run("resync", "customer", "--dry-run", "--wait")

    assert code == 0
    assert f"{gone}: missing at Stripe\n" in printed
    assert f"{changed}: differs\n" in printed
    assert f"  name: here '{before}', at Stripe 'Ada \\x1b[31mKing'\n" in printed
    assert "1 differ, 0 missing here, 1 missing at Stripe, 0 not read" in printed
    assert printed.endswith("nothing was written\n")
    assert (Customer.objects.get(id=changed).name, Customer.objects.get(id=gone).deleted_at) == (before, None)


def test_resync_takes_several_ids_as_one_run(stripe):
    wanted = [it["id"] for it in stripe.all("/v1/customers")[:2]]

    code, printed = run("resync", *wanted, "--wait")

    assert (code, ResyncRun.objects.get().state) == (0, "complete")
    assert set(Customer.objects.values_list("id", flat=True)) == set(wanted)
    assert "ids:" in printed


def test_resync_takes_a_single_id_without_what_hangs_on_it(stripe):
    customer = stripe.all("/v1/customers")[0]["id"]
    stripe.forget_calls()

    code, printed = run("resync", customer, "--alone", "--wait")

    assert code == 0
    assert printed.startswith(f"{customer}: 1 part, about 1 object")
    assert not [call for call in stripe.calls() if "{id}" not in call and "account" not in call]  # no list


def test_the_reason_of_a_resync_is_kept_with_the_run(stripe):
    run("resync", "product", "--reason", "Ticket 7")

    assert ResyncRun.objects.get().reason == "Ticket 7"


@pytest.mark.parametrize("is_named", [True, False])
def test_doctor_goes_on_where_the_key_may_not_read_the_account(stripe, monkeypatch, is_named):
    key = "rk_test_" + "a" * 24
    stripe.keys({key: {"scopes": [f"{noun}:read" for noun in SCOPES if noun != "accounts_kyc_basic"]}})
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)
    if not is_named:
        monkeypatch.setattr(gateway, "_named_account", lambda error: "")

    found = {each.subject: each for each in doctor._stripe()}

    assert found["Reading /v1/account"].ok is False
    assert "may not read accounts" in found["Reading /v1/account"].sentence
    assert found["Account"].ok is (True if is_named else None)
    assert found["Reading /v1/customers"].ok


def test_doctor_names_what_the_key_may_not_read(stripe, monkeypatch):
    run("resync", "customer", "--wait")
    key = "rk_test_" + "a" * 24
    stripe.keys({key: {"scopes": [f"{noun}:read" for noun in SCOPES if noun not in ("charge", "payment_method")]}})
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)
    run("resync", "payment_method", "--wait")

    code, printed = run("doctor")

    wrong = [line for line in printed.splitlines() if "may not read" in line]
    assert code == 1
    assert {line.partition(":")[0].removeprefix("WRONG  ") for line in wrong} == {
        "Reading /v1/charges",
        "Reading /v1/refunds",  # the same right
        "Scope payment_method",
    }
    assert "Give the restricted key read access to charges in Stripe's dashboard." in printed


def test_resync_of_nonsense_is_refused_before_anything_begins(stripe):
    with pytest.raises(CommandError, match="neither a Stripe id that Paydesk knows nor one of"):
        call_command("resync", "product", "staff")

    assert not ResyncRun.objects.exists()


def test_work_drain_ends_when_nothing_is_left_to_do(stripe):
    run("resync", ada(stripe))
    Delivery.objects.create(
        event_id="evt_1",
        event_type="customer.updated",
        object_id=ada(stripe),
        object_type="customer",
        payload={},
        created_at=datetime.now(UTC),
        received_at=datetime.now(UTC),
    )

    code, _ = run("work", "--drain")

    assert code == 0
    assert ResyncRun.objects.get().state == "complete"
    assert Delivery.objects.get().state == "processed"


def test_catch_up_puts_what_we_lack_into_the_inbox(stripe):
    stripe.patch(ada(stripe), name="Ada King", event="customer.updated")
    # The local Stripe stands at the beginning of the day, and keeps its events for 30 days from there.
    readable = datetime.now(UTC) - timedelta(days=30)
    events = [it for it in stripe.all("/v1/events") if it["created"] >= readable.timestamp()]

    code, printed = run("catch_up")

    assert code == 0
    assert Delivery.objects.count() == len(events)
    assert Delivery.objects.get(event_id=events[0]["id"]).attempts == 0
    assert f"missed: {events[0]['id']}" in printed
    assert run("catch_up")[1].count("missed") == 0


def test_catch_up_finds_an_outage_that_a_fresh_webhook_followed(stripe):
    stripe.patch(ada(stripe), name="Ada King", event="customer.updated")
    stripe.patch(ada_of(stripe, "Ada King"), name="Ada Byron", event="customer.updated")
    newest, missed = stripe.all("/v1/events")[:2]
    run("catch_up")
    Delivery.objects.exclude(event_id=newest["id"]).delete()

    run("catch_up")

    assert Delivery.objects.get(event_id=missed["id"]).state == "processed"


def test_catch_up_begins_a_little_before_what_is_whole_and_follows_since(stripe):
    whole_until = datetime.now(UTC) - timedelta(days=5)
    EventWatermark.objects.create(at=whole_until)

    code, printed = run("catch_up")
    _, of_all = run("catch_up", "--since", "2020-01-01")

    assert f"events since {whole_until - timedelta(minutes=10):%Y-%m-%d %H:%M} UTC; 0 were here.\n" in printed
    assert f"Stripe has {len(stripe.all('/v1/events'))} events since 2020-01-01 00:00 UTC;" in of_all
    assert (code, Delivery.objects.filter(state="received").count()) == (0, 0)


def test_catch_up_waits_for_the_comparison_that_runs(stripe):
    CatchUp.objects.create(cause="schedule", since=datetime.now(UTC), created_at=datetime.now(UTC))

    _, printed = run("catch_up")

    assert printed.startswith("Another comparison is running; this one begins when it ends.\nStripe has ")
    assert list(CatchUp.objects.order_by("pk").values_list("cause", "state")) == [
        ("schedule", "complete"),
        ("command", "complete"),
    ]


def test_catch_up_says_what_stripe_said_and_exits_1(no_pauses):
    with pytest.raises(CommandError, match="Stripe could not be reached"):
        call_command("catch_up")


def test_catch_up_warns_of_what_stripe_no_longer_has(stripe):
    EventWatermark.objects.create(at=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))

    code, printed = run("catch_up")

    assert code == 0
    assert "Stripe no longer has the events from 2026-01-02 03:04 to " in printed
    assert "`resync all` reads what they were about." in printed


def ada_of(stripe, name: str) -> str:
    return next(it["id"] for it in stripe.all("/v1/customers") if it["name"] == name)


def test_drain_waits_for_what_a_worker_that_died_still_holds(stripe):
    run("resync", "product")
    ResyncRun.objects.update(state="running")
    ResyncPart.objects.update(state="running", claim=1, lease_until=datetime.now(UTC) + timedelta(seconds=1))

    run("work", "--drain")

    assert ResyncRun.objects.get().state == "complete"


def test_doctor_says_so_when_the_tables_are_missing(stripe, monkeypatch):
    def missing(now: datetime) -> None:
        raise ProgrammingError

    monkeypatch.setattr("finances.doctor._work", missing)

    code, printed = run("doctor")

    assert code == 1
    assert "WRONG  Database: it does not answer as it should (ProgrammingError)" in printed


def test_rebuild_check_is_silent_about_what_is_right(stripe):
    run("resync", "all", "--wait")

    assert run("rebuild_read_model", "--check") == (0, "The read model is what dj-stripe's tables say.\n")


def test_rebuild_check_reports_and_rebuild_puts_right(stripe):
    run("resync", "all", "--wait")
    stripe.delete(ada_id())
    run("resync", ada_id(), "--wait")
    Customer.objects.filter(id=ada_id()).update(name="somebody else")
    lost = Invoice.objects.first().id
    Invoice.objects.filter(id=lost).delete()
    Subscription.objects.create(id="sub_nowhere", customer_id="cus_x", status="active", created_at=datetime.now(UTC))

    code, printed = run("rebuild_read_model", "--check")

    assert code == 1
    assert f"Customer {ada_id()}: name\n" in printed
    assert f"Invoice {lost}: the whole row\n" in printed
    assert "Subscription sub_nowhere: the whole row\n" in printed
    assert "3 rows differ." in printed
    assert run("rebuild_read_model")[0] == 0
    assert run("rebuild_read_model", "--check")[0] == 0
    assert Customer.objects.get(id=ada_id()).deleted_at


def ada_id() -> str:
    return Customer.objects.get(email="ada@analytical.example").id


def test_doctor_says_what_is_right_and_what_is_missing(stripe):
    code, printed = run("doctor")

    assert code == 1
    assert "ok     STRIPE_TEST_SECRET_KEY: set, right form and mode" in printed
    assert "ok     Reading /v1/invoices: allowed" in printed
    assert "WRONG  Worker: none is alive: start `manage.py work`" in printed
    assert "WRONG  Data: nothing has been read: `resync all`" in printed


def test_doctor_is_content_when_everything_is_right(stripe):
    run("resync", "product", "--wait")
    WorkerHeartbeat.objects.create(worker="here", started_at=datetime.now(UTC), seen_at=datetime.now(UTC))

    code, printed = run("doctor")

    assert (code, "WRONG" in printed) == (0, False), printed


def test_doctor_names_the_variable_of_a_refused_key_and_never_the_key(stripe, monkeypatch):
    key = "sk_test_" + "_" * 24
    monkeypatch.setenv("STRIPE_TEST_SECRET_KEY", key)

    code, printed = run("doctor")

    assert code == 1
    assert "WRONG  STRIPE_TEST_SECRET_KEY: Stripe refuses the key in STRIPE_TEST_SECRET_KEY." in printed
    assert key not in printed


def test_doctor_says_that_stripe_cannot_be_reached(no_pauses):
    code, printed = run("doctor")

    assert code == 1
    assert "Stripe could not be reached. Check this machine's network" in printed
