"""`rebuild_read_model` by two processes: it finds, and puts right, what one does alone."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finances.mirror import rebuild
from finances.models import Charge, Customer, Invoice, InvoiceLine, Payment, Subscription, SubscriptionItem
from finances.models.mirrored import MirroredRow
from tests.finances.mirror.test_either_way import tables
from tests.finances.resync.resyncing import resync
from tests.finances.webhooks.conftest import address_of_database

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer"),
]


@pytest.fixture
def shared(monkeypatch) -> None:
    """Batches are small, so that both get some of each type. What is started by this process is told the tests'
    database, as any other is told its own."""
    monkeypatch.setattr(rebuild, "BATCH", 4)
    monkeypatch.setenv("DATABASE_URL", address_of_database())


def rebuilt(*arguments: str) -> tuple[int, list[str]]:
    """The exit code, and what is printed, the lines of the rows sorted."""
    printed = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("rebuild_read_model", *arguments, stdout=printed)
    *rows, last = printed.getvalue().splitlines()
    return int(end.value.code or 0), [*sorted(rows), last]


def spoil() -> None:
    """Columns of objects and parts, those that stand in others' rows, and rows that are missing or too many."""
    Invoice.objects.update(total=-1)
    Subscription.objects.update(mrr=None, status="parked")
    Payment.objects.update(refunded=True)
    Customer.objects.update(subscribing="none")
    SubscriptionItem.objects.all().delete()
    InvoiceLine.objects.filter(position=0).delete()
    Charge.objects.filter(pk__in=list(Charge.objects.values_list("pk", flat=True)[::2])).delete()
    Customer.objects.create(id="cus_of_nobody", livemode=False, created_at=Customer.objects.first().created_at)


def read_model() -> dict[str, object]:
    names = {
        model._meta.label for model in apps.get_app_config("paydesk").get_models() if issubclass(model, MirroredRow)
    }
    return {name: rows for name, rows in tables().items() if name in names}


def test_two_processes_find_and_put_right_what_one_does(stripe, shared):
    assert resync("all").state == "complete"
    right = read_model()
    spoil()

    by_one = rebuilt("--check", "--processes", "1")
    assert rebuilt("--check", "--processes", "2") == by_one
    with CaptureQueriesContext(connection) as here:
        code, printed = rebuilt("--processes", "2")

    assert (code, len(printed)) == (0, len(by_one[1]))
    assert read_model() == right
    assert rebuilt("--check", "--processes", "2") == (0, ["The read model is what dj-stripe's tables say."])
    assert not any('INSERT INTO "paydesk_invoice"' in query["sql"] for query in here.captured_queries)
