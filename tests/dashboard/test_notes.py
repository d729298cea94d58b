"""Internal notes: who may write, change and delete them, and what stays of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard import notes
from dashboard.models import Note
from finances.models import AuditEntry
from tests.factories import a_customer, a_note, a_subscription, a_user, an_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    return a_customer(name="Nordlicht")


@pytest.fixture
def desk(client, support):
    client.force_login(support)
    return client


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="paydesk.note").order_by("id").values_list("action", flat=True)
    )


def test_a_note_stands_on_the_page_with_who_and_when(desk, support, customer) -> None:
    answer = desk.post("/console/notes/", {"about": customer.id, "body": "Pays by hand.\r\nDo not cancel."})

    assert answer["Location"] == f"/console/customers/{customer.id}/#notes"
    note = Note.objects.get()
    assert (note.body, note.author, note.author_name) == ("Pays by hand.\nDo not cancel.", support, support.username)
    page = desk.get(f"/console/customers/{customer.id}/").content.decode()
    assert "Pays by hand." in page
    assert f"<bdi>{support.username}</bdi>" in page
    entry = AuditEntry.objects.get(action="paydesk.note.written")
    assert (entry.target, entry.detail) == (customer.id, {"note": note.pk})


@pytest.mark.parametrize("make", [a_subscription, an_invoice])
def test_a_note_about_what_is_theirs_stands_on_both_pages(desk, customer, make) -> None:
    thing = make(customer)
    folder = "subscriptions" if make is a_subscription else "invoices"

    desk.post("/console/notes/", {"about": thing.id, "body": "Wants PO 7781-B on it."})

    for address in (f"/console/{folder}/{thing.id}/", f"/console/customers/{customer.id}/"):
        assert "Wants PO 7781-B on it." in desk.get(address).content.decode()


def test_hostile_words_are_words(desk, customer) -> None:
    desk.post("/console/notes/", {"about": customer.id, "body": "<script>alert(1)</script>\x00{{ title }}"})

    page = desk.get(f"/console/customers/{customer.id}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\N{REPLACEMENT CHARACTER}{{ title }}" in page


def test_a_key_that_was_pasted_by_mistake_is_not_kept(desk, customer) -> None:
    key = "sk_live_" + "a1B2" * 8

    desk.post("/console/notes/", {"about": customer.id, "body": f"They sent us {key}"})

    assert key not in Note.objects.get().body


@pytest.mark.parametrize(
    ("body", "says"), [("  ", "The note is empty."), ("x" * 4001, "The note has 4,001 characters")]
)
def test_a_note_that_cannot_be_kept_says_why(desk, customer, body: str, says: str) -> None:
    answer = desk.post("/console/notes/", {"about": customer.id, "body": body}, follow=True)

    assert says in answer.content.decode()
    assert not Note.objects.exists()


@pytest.mark.parametrize("about", ["cus_never_read", "sub_never_read", "in_never_read"])
def test_nobody_writes_about_what_is_not_here(desk, about: str) -> None:
    desk.post("/console/notes/", {"about": about, "body": "Hello"})

    assert not Note.objects.exists()


@pytest.mark.parametrize("about", ["", "evt_1", "pi_1", "nonsense"])
def test_there_is_nothing_to_write_about_other_things(desk, about: str) -> None:
    assert desk.post("/console/notes/", {"about": about, "body": "Hello"}).status_code == 403


def test_the_author_changes_it_for_an_hour_and_that_is_said(desk, support, customer) -> None:
    note = a_note(customer, support, written_at=timezone.now() - timedelta(minutes=50))

    desk.post(f"/console/notes/{note.pk}/", {"action": "change", "body": "Pays at once."})

    note.refresh_from_db()
    assert note.body == "Pays at once."
    assert note.changed_at
    assert actions() == ["paydesk.note.changed"]


@pytest.mark.parametrize("whose", ["another’s", "an old one", "a deleted one"])
def test_nobody_else_and_nothing_older_is_changed_and_what_was_typed_is_not_lost(
    desk, support, customer, whose
) -> None:
    now = timezone.now()
    note = {
        "another’s": lambda: a_note(customer, written_at=now),
        "an old one": lambda: a_note(customer, support, written_at=now - timedelta(minutes=61)),
        "a deleted one": lambda: a_note(customer, support, written_at=now, body="", deleted_at=now),
    }[whose]()
    before = note.body

    answer = desk.post(f"/console/notes/{note.pk}/", {"action": "change", "body": "Something else"}).content.decode()

    assert "A note can be changed by its author, for an hour." in answer
    note.refresh_from_db()
    assert note.body == before
    assert actions() == []


def test_a_deleted_note_loses_its_words_and_leaves_a_trace(desk, support, customer) -> None:
    note = a_note(customer, support, written_at=timezone.now() - timedelta(days=3), body="A secret")

    desk.post(f"/console/notes/{note.pk}/", {"action": "delete"})

    note.refresh_from_db()
    assert (note.body, note.deleted_by_name) == ("", support.username)
    page = desk.get(f"/console/customers/{customer.id}/").content.decode()
    assert "A secret" not in page
    assert f"A note by <bdi>{support.username}</bdi> was deleted by <bdi>{support.username}</bdi>." in page
    assert actions() == ["paydesk.note.deleted"]


def test_another_persons_note_is_deleted_by_an_admin_only(client, desk, customer, admin) -> None:
    note = a_note(customer)
    desk.post(f"/console/notes/{note.pk}/", {"action": "delete"})
    note.refresh_from_db()
    assert note.deleted_at is None

    client.force_login(admin)
    client.post(f"/console/notes/{note.pk}/", {"action": "delete"})

    note.refresh_from_db()
    assert note.deleted_by_name == admin.username


def test_deleting_twice_is_one_deletion(desk, support, customer) -> None:
    note = a_note(customer, support)

    for _ in range(2):
        desk.post(f"/console/notes/{note.pk}/", {"action": "delete"})

    assert actions() == ["paydesk.note.deleted"]


def test_notes_stay_when_their_author_leaves(desk, customer) -> None:
    author = a_user("Support")
    a_note(customer, author)

    author.delete()

    assert f"<bdi>{author.username}</bdi>" in desk.get(f"/console/customers/{customer.id}/").content.decode()


def test_who_may_not_see_what_it_is_about_does_not_find_the_note(client, customer) -> None:
    person = a_user()
    from django.contrib.auth.models import Permission

    person.user_permissions.set(Permission.objects.filter(codename__in=["view_note", "add_note"]))
    client.force_login(person)
    note = a_note(customer)

    assert client.get(f"/console/notes/{note.pk}/").status_code == 404
    assert client.post("/console/notes/", {"about": customer.id, "body": "x"}).status_code == 403


def test_a_failing_audit_keeps_the_note_from_being_written(desk, support, customer, monkeypatch) -> None:
    def fails(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(notes.audit, "record", fails)

    with pytest.raises(RuntimeError):
        notes.write(customer.id, "Words", by=support, now=timezone.now())

    assert not Note.objects.exists()
