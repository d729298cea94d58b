"""Log-ins and changes of rights are in the trail, wherever they were done."""

import pytest
from django.contrib.auth.models import Group, Permission

from finances.models import AuditEntry
from tests.factories import a_user

pytestmark = [pytest.mark.django_db, pytest.mark.guarantee("D11")]


def entries(kind: str, **conditions) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__startswith=f"paydesk.{kind}.", **conditions).order_by("pk"))


def log_in(client, name: str, password: str):
    return client.post("/console/login/", {"username": name, "password": password})


def test_a_log_in_and_a_log_out_name_the_person_and_the_address(client, support):
    log_in(client, support.username, "correct-horse")
    client.post("/console/logout/")

    came, left = entries("access")
    assert [(each.action, each.actor) for each in (came, left)] == [
        ("paydesk.access.logged_in", support),
        ("paydesk.access.logged_out", support),
    ]
    assert came.personal.body == {"address": "127.0.0.1"}


def test_one_that_failed_keeps_what_was_typed_where_it_can_be_erased(client, support):
    log_in(client, "my secret password", "wrong")
    log_in(client, support.username, "wrong")

    first, second = entries("access")
    assert (first.action, first.actor, first.actor_name) == ("paydesk.access.failed", None, "")
    assert "secret" not in str(first.__dict__)
    assert second.personal.body["name"] == support.username
    assert "correct-horse" not in str([each.personal.body for each in (first, second)])
    assert "wrong" not in str([each.personal.body for each in (first, second)])


def test_a_role_that_an_admin_gives_or_takes_names_both_of_them(client, admin):
    other = a_user("Support")
    client.force_login(admin)
    finance = Group.objects.get(name="Finance")

    answer = client.post(
        f"/console/auth/user/{other.pk}/change/",
        {"username": other.username, "is_active": "on", "is_staff": "", "groups": [finance.pk]},
    )

    assert answer.status_code == 302
    told = entries("user", actor=admin)
    assert sorted((each.action, str(each.detail)) for each in told) == [
        ("paydesk.user.rights_changed", "{'is_staff': False}"),
        ("paydesk.user.role_given", "{'role': 'Finance'}"),
        ("paydesk.user.role_taken", "{'role': 'Support'}"),
    ]
    assert {each.target for each in told} == {f"user:{other.pk}"}
    assert {each.personal.body["person"] for each in told} == {other.username}


def test_an_account_that_is_made_or_gets_a_password_is_told_of(client, admin):
    client.force_login(admin)
    words = {"usable_password": "true", "password1": "battery-staple-9", "password2": "battery-staple-9"}
    client.post("/console/auth/user/add/", {"username": "new@paydesk.test", **words})
    other = a_user("Support")
    client.post(f"/console/auth/user/{other.pk}/password/", words)

    assert [each.action for each in entries("user", actor=admin)] == [
        "paydesk.user.made",
        "paydesk.user.password_set",
    ]


def test_what_a_command_does_is_told_of_without_a_person(support):
    before = len(entries("user"))

    support.is_superuser = True
    support.username = "chief@paydesk.test"
    support.save()
    support.user_permissions.add(Permission.objects.get(codename="view_payload"))
    Group.objects.get(name="Admin").user_set.add(support)
    support.groups.clear()

    told = entries("user")[before:]
    assert {each.actor for each in told} == {None}
    assert sorted((each.action.removeprefix("paydesk.user."), str(each.detail)) for each in told) == [
        ("renamed", "{}"),
        ("right_given", "{'right': 'view_payload'}"),
        ("rights_changed", "{'is_superuser': True}"),
        ("role_given", "{'role': 'Admin'}"),
        ("role_taken", "{'role': 'Admin'}"),
        ("role_taken", "{'role': 'Support'}"),
    ]


def test_a_change_that_is_taken_back_is_not_told_of(client, admin, monkeypatch):
    other = a_user("Support")
    client.force_login(admin)
    client.raise_request_exception = False
    monkeypatch.setattr("dashboard.admin.users.UserAdmin.log_change", lambda *_: 1 / 0)

    client.post(f"/console/auth/user/{other.pk}/change/", {"username": other.username, "is_active": "on"})

    assert not entries("user", actor=admin)
    assert other.groups.exists()


def test_what_a_role_may_do_from_now_on_is_told_of_the_role():
    role, right = Group.objects.get(name="Finance"), Permission.objects.get(codename="view_payload")
    role.permissions.remove(right)
    before = len(entries("role"))

    role.permissions.add(right)
    right.group_set.remove(role)
    role.permissions.add(right)
    held = sorted(role.permissions.values_list("codename", flat=True))
    role.permissions.clear()
    role.permissions.clear()

    told = entries("role")[before:]
    assert [(each.action, each.target, each.detail) for each in told] == [
        ("paydesk.role.right_given", "role:Finance", {"rights": ["view_payload"]}),
        ("paydesk.role.right_taken", "role:Finance", {"rights": ["view_payload"]}),
        ("paydesk.role.right_given", "role:Finance", {"rights": ["view_payload"]}),
        ("paydesk.role.right_taken", "role:Finance", {"rights": held}),
    ]
