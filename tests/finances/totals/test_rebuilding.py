"""All totals anew, or what that would change."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from finances.models import DailyRevenue, DirtyDay, TotalsZone
from finances.totals.rebuilding import TotalDrift, rebuild_totals
from finances.totals.settling import settle_due
from tests.factories import a_charge, a_customer, a_payment, a_refund, an_invoice

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def _summed(db) -> None:
    for ago in (0, 1, 40):
        an_invoice(a_customer(), paid_at=NOON - timedelta(days=ago))
    a_refund(a_charge(a_payment(a_customer(), created_at=NOON)), created_at=NOON)
    settle_due()


@pytest.mark.usefixtures("_summed")
def test_what_is_right_is_no_drift():
    assert list(rebuild_totals(check_only=True)) == []
    assert list(rebuild_totals()) == []


def spoil() -> list[TotalDrift]:
    """One wrong, one missing, one too much."""
    newest = DailyRevenue.objects.filter(day=NOON.date())
    newest.update(amount=7)
    DailyRevenue.objects.filter(day=NOON.date() - timedelta(days=1)).delete()
    DailyRevenue.objects.create(day=NOON.date() - timedelta(days=9), currency="jpy", count=1, amount=1)
    return [
        TotalDrift("DailyRevenue", "2026-11-11 jpy", []),
        TotalDrift("DailyRevenue", "2026-11-19 eur", []),
        TotalDrift("DailyRevenue", "2026-11-20 eur", ["amount"]),
    ]


@pytest.mark.usefixtures("_summed")
def test_a_check_names_what_differs_and_changes_nothing():
    wrong = spoil()

    assert list(rebuild_totals(check_only=True)) == wrong
    assert list(rebuild_totals(check_only=True)) == wrong


@pytest.mark.usefixtures("_summed")
def test_a_rebuild_puts_it_right():
    wrong = spoil()

    assert list(rebuild_totals()) == wrong
    assert list(rebuild_totals()) == []


@pytest.mark.usefixtures("_summed")
def test_a_day_that_waits_to_be_summed_is_no_drift():
    an_invoice(a_customer(), paid_at=NOON)

    assert list(rebuild_totals(check_only=True)) == []
    assert DirtyDay.objects.exists()


@pytest.mark.usefixtures("_summed")
def test_totals_by_the_days_of_another_zone_are_read_by_nobody_and_no_drift():
    TotalsZone.objects.update(name="Asia/Kathmandu")
    spoil()

    assert list(rebuild_totals(check_only=True)) == []
    assert list(rebuild_totals()) == []
    assert TotalsZone.objects.get().name == "UTC"


def test_the_command_does_the_totals_too(stripe):
    with pytest.raises(SystemExit):
        call_command("resync", "all", "--wait", stdout=StringIO())
    settle_due()
    said = StringIO()
    DailyRevenue.objects.filter(pk=DailyRevenue.objects.order_by("day").first().pk).update(count=99)

    with pytest.raises(SystemExit) as checked:
        call_command("rebuild_read_model", "--check", stdout=said)
    with pytest.raises(SystemExit) as rebuilt:
        call_command("rebuild_read_model", stdout=StringIO())
    with pytest.raises(SystemExit) as checked_again:
        call_command("rebuild_read_model", "--check", stdout=StringIO())

    assert [each.value.code for each in (checked, rebuilt, checked_again)] == [1, 0, 0]
    assert ": count\n1 rows differ." in said.getvalue()
