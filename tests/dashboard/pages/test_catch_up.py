import pytest
from django.utils import timezone

from finances.models import CatchUp, WorkerHeartbeat

pytestmark = pytest.mark.django_db


def ask(client) -> str:
    return client.post("/console/webhooks/catch-up/", follow=True).content.decode()


def test_the_button_asks_for_one_comparison_and_says_when_one_goes_on(client, admin):
    client.force_login(admin)
    WorkerHeartbeat.objects.create(worker="here", started_at=timezone.now(), seen_at=timezone.now())

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


def test_without_a_worker_it_is_kept_and_nobody_is_told_that_it_goes_on(client, admin):
    client.force_login(admin)

    answer = ask(client)

    assert "no worker is alive to do it" in answer
    assert "compares Stripe’s list" not in answer
    assert CatchUp.objects.count() == 1


def test_whoever_comes_back_from_a_log_in_gets_the_list_and_no_comparison(client, admin):
    client.force_login(admin)

    answer = client.get("/console/webhooks/catch-up/")

    assert (answer.status_code, answer["Location"]) == (302, "/console/webhooks/")
    assert not CatchUp.objects.exists()
