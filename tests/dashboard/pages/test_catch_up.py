import pytest

from finances.models import CatchUp

pytestmark = pytest.mark.django_db


def ask(client) -> str:
    return client.post("/console/webhooks/catch-up/", follow=True).content.decode()


def test_the_button_asks_for_one_comparison_and_says_when_one_goes_on(client, admin):
    client.force_login(admin)

    first, second = ask(client), ask(client)

    assert CatchUp.objects.get().requested_by == admin
    assert "compares Stripe’s list of events with ours now" in first
    assert "no second one was begun" in second


@pytest.mark.parametrize("role", ["support", "finance"])
def test_without_the_right_there_is_no_button_and_no_comparison(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert client.post("/console/webhooks/catch-up/").status_code == 403
    assert "webhooks/catch-up/" not in client.get("/console/webhooks/").content.decode()
    assert not CatchUp.objects.exists()
