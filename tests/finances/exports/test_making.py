"""Files that a worker makes, whatever is in them."""

from datetime import UTC, datetime, timedelta

import pytest

from finances.exports import making, out
from finances.exports.pruning import prune_exports
from finances.exports.request import MOST, TooMany, remove, request_export
from finances.models import AuditEntry, AuditPersonal, Export, ExportPiece
from finances.reads.exports import downloadable, file_of
from finances.tickets import LEASE
from tests.factories import a_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def person():
    return a_user("Finance")


@pytest.fixture
def made_by(monkeypatch):
    """Puts another maker in the place of the console's."""

    def put(maker):
        monkeypatch.setattr(making, "_makers", [maker])

    return put


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(out, "PIECE", 10)
    monkeypatch.setattr(out, "BREATH", 0)


def asked(person, conditions="status=open", **more) -> Export:
    given = {"format": "csv", "conditions": conditions, "zone": "UTC", "now": NOW, "by": person}
    return request_export("invoices", **given | more).export


def work(now=NOW, stop=lambda: False) -> int:
    return making.make_due(lambda: now, stop=stop)


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="paydesk.export").order_by("pk")
    return [each.action.removeprefix("paydesk.export.") for each in found]


def three_lines(export, file) -> None:
    file.expect(3)
    for number in range(3):
        file.write(b"line %d of it\n" % number)
        file.done(number + 1)


def test_what_was_asked_for_is_made_in_pieces_and_kept_for_a_day(person, made_by):
    made_by(three_lines)
    export = asked(person)

    assert work() == 1

    export.refresh_from_db()
    whole = b"line 0 of it\nline 1 of it\nline 2 of it\n"
    assert (export.state, export.total, export.rows, export.size) == ("complete", 3, 3, len(whole))
    assert export.expires_at == NOW + timedelta(hours=24)
    assert b"".join(file_of(export.pk)) == whole
    assert ExportPiece.objects.count() == 4
    assert actions() == ["requested", "complete"]
    assert AuditEntry.objects.latest("pk").detail == {
        "export": str(export.pk), "what": "invoices", "format": "csv", "rows": 3, "size": len(whole),
    }  # fmt: skip


def test_what_narrows_it_stands_where_it_can_be_erased(person):
    asked(person, "q=Ada")

    entry = AuditEntry.objects.get(action="paydesk.export.requested")
    assert "Ada" not in str(entry.detail)
    assert AuditPersonal.objects.get(entry=entry).body == {"conditions": "q=Ada"}


def test_the_same_of_the_same_person_is_made_once_at_a_time(person, made_by):
    made_by(three_lines)
    first = request_export("invoices", format="csv", conditions="", zone="UTC", now=NOW, by=person)
    again = request_export("invoices", format="csv", conditions="", zone="UTC", now=NOW, by=person)
    another = request_export("invoices", format="xlsx", conditions="", zone="UTC", now=NOW, by=person)
    others = request_export("invoices", format="csv", conditions="", zone="UTC", now=NOW, by=a_user("Finance"))

    assert (again.export, again.already_running) == (first.export, True)
    assert not another.already_running
    assert not others.already_running
    assert actions() == ["requested"] * 3

    work()
    assert not request_export("invoices", format="csv", conditions="", zone="UTC", now=NOW, by=person).already_running


def test_nobody_has_more_files_than_twenty(person):
    for each in range(MOST):
        asked(person, f"q={each}")

    with pytest.raises(TooMany):
        asked(person, "q=more")
    assert asked(person, "q=3")  # what is being made already is no further one
    assert Export.objects.count() == MOST


def test_one_whose_worker_died_is_begun_anew_by_another_when_its_lease_is_over(person, made_by):
    export = asked(person)

    def dies(export, file):
        file.write(b"half of what there is to say")
        raise SystemExit

    made_by(dies)
    with pytest.raises(SystemExit):
        work()
    assert ExportPiece.objects.exists()
    made_by(three_lines)
    assert work(NOW + LEASE - timedelta(seconds=1)) == 0

    assert work(NOW + LEASE + timedelta(seconds=1)) == 1
    export.refresh_from_db()
    assert (export.state, export.tries) == ("complete", 2)
    assert b"".join(file_of(export.pk)) == b"line 0 of it\nline 1 of it\nline 2 of it\n"


def test_a_worker_that_was_thought_dead_writes_no_more(person, made_by):
    export = asked(person)
    later = NOW + LEASE + timedelta(seconds=1)

    def slow(_export, file):
        file.write(b"of the slow one, ")
        made_by(three_lines)
        assert work(later) == 1
        file.write(b"which goes on")

    made_by(slow)
    work()

    export.refresh_from_db()
    assert b"".join(file_of(export.pk)) == b"line 0 of it\nline 1 of it\nline 2 of it\n"
    assert actions() == ["requested", "complete"]


def test_nor_does_it_while_the_other_is_still_at_it(person, made_by):
    export, wrote_on = asked(person), []

    def slow(_export, file):
        assert making.claim_next(NOW + LEASE + timedelta(seconds=1)) is not None
        file.write(b"of the slow one, which goes on")
        wrote_on.append(True)

    made_by(slow)
    work()

    export.refresh_from_db()
    assert (export.state, export.claim) == ("running", 2)
    assert not ExportPiece.objects.exists()
    assert not wrote_on


def test_a_worker_that_is_asked_to_stop_hands_it_back(person, made_by):
    export = asked(person)
    stopping = []

    def stopped_in_between(export, file):
        file.write(b"a beginning of it")
        stopping.append(True)
        file.write(b"and so on")

    made_by(stopped_in_between)
    work(stop=lambda: bool(stopping))

    export.refresh_from_db()
    assert (export.state, export.tries, export.lease_until) == ("queued", 0, None)


def test_a_surprise_is_tried_again_a_few_times_and_then_said_to_be_one(person, made_by):
    export, now = asked(person), NOW

    def fails(export, file):
        file.write(b"a beginning of it")
        raise ValueError("Ada Lovelace")

    made_by(fails)
    for _ in range(making.MOST_TRIES + 1):
        work(now)
        assert work(now) == 0
        now += making.PAUSE + timedelta(seconds=1)

    export.refresh_from_db()
    assert export.state == "failed"
    assert export.problem == "It was begun 4 times and never came to its end. Narrow the list and ask again."
    assert not ExportPiece.objects.exists()
    assert actions() == ["requested", "failed"]


def test_what_is_refused_is_not_tried_again(person, made_by):
    export = asked(person)

    def refuses(export, file):
        raise making.Refused("You no longer have the right to see this list.")

    made_by(refuses)
    work()

    export.refresh_from_db()
    assert (export.state, export.tries) == ("failed", 1)
    assert export.problem == "You no longer have the right to see this list."


def test_one_that_is_removed_while_it_is_made_stops_and_leaves_nothing(person, made_by):
    asked(person)

    def removed_in_between(export, file):
        file.write(b"a beginning of it")
        remove(Export.objects.get(pk=export.pk), now=NOW, by=person)
        file.write(b"and so on and on")

    made_by(removed_in_between)
    work()

    assert not Export.objects.exists()
    assert not ExportPiece.objects.exists()
    assert actions() == ["requested", "removed"]


def test_a_file_goes_when_its_time_is_over_and_the_row_a_month_later(person, made_by, settings):
    settings.KEEP_EXPORTS_HOURS = 2
    made_by(three_lines)
    export = asked(person)
    work()

    assert prune_exports(NOW + timedelta(minutes=119)) == 0
    export.refresh_from_db()
    assert downloadable(export, NOW + timedelta(minutes=119))
    assert not downloadable(export, NOW + timedelta(minutes=120))
    assert prune_exports(NOW + timedelta(minutes=120)) == 1

    assert not ExportPiece.objects.exists()
    assert Export.objects.get().state == "expired"
    prune_exports(NOW + timedelta(days=31))
    assert not Export.objects.exists()


def test_one_that_nobody_made_yet_is_not_pruned(person):
    asked(person)

    prune_exports(NOW + timedelta(days=31))

    assert Export.objects.get().state == "queued"


def test_with_an_account_go_its_files(person, made_by):
    made_by(three_lines)
    asked(person)
    work()

    person.delete()

    assert not ExportPiece.objects.exists()
