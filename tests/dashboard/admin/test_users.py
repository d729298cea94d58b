import secrets

import pytest
from django.contrib.auth.models import Group, User

pytestmark = pytest.mark.django_db


def test_whoever_an_admin_adds_can_log_in_once_they_have_a_role(client, admin):
    client.force_login(admin)
    password = secrets.token_urlsafe(16)
    fields = {
        "username": "ines@fjordlicht.example",
        "usable_password": "true",
        "password1": password,
        "password2": password,
    }

    client.post("/console/auth/user/add/", fields)

    added = User.objects.get(username="ines@fjordlicht.example")
    added.groups.add(Group.objects.get(name="Support"))
    client.logout()
    client.post("/console/login/", {"username": added.username, "password": password})
    assert client.get("/console/customers/").status_code == 200
