"""Every address x every kind of person x GET and POST, held against a reviewed table (permission_table.txt)."""

import uuid
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from dashboard.models import SavedView
from finances.models import Export, Replay, ResyncRun
from tests.dashboard.resolver import routes
from tests.factories import (
    NOON,
    a_balance_transaction,
    a_charge,
    a_coupon,
    a_credit_note,
    a_customer,
    a_delivery,
    a_dispute,
    a_note,
    a_payment,
    a_payout,
    a_product,
    a_promotion_code,
    a_subscription,
    a_tax_rate,
    a_user,
    an_invoice,
)

TABLE = Path(__file__).with_name("permission_table.txt")
PEOPLE = ("anonymous", "inactive", "no group", "support", "finance", "admin")
WEBHOOK = "api/finances/stripe/webhook/"

pytestmark = pytest.mark.django_db


def reviewed() -> dict[str, dict[str, list[str]]]:
    """route -> method -> what each of PEOPLE gets, in that order."""
    table: dict[str, dict[str, list[str]]] = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            route, method, *answers = line.split()
            table.setdefault("" if route == "(root)" else route, {})[method] = answers
    return table


@pytest.fixture
def people():
    clients = {name: Client() for name in PEOPLE}
    for name, role in (("no group", ""), ("support", "Support"), ("finance", "Finance"), ("admin", "Admin")):
        clients[name].force_login(a_user(role))
    left = a_user("Admin")
    clients["inactive"].force_login(left)
    left.is_active = False
    left.save()
    return clients


@pytest.fixture
def addresses():
    """route -> an address that it answers, about something that exists."""
    customer = a_customer()
    payment = a_payment(customer)
    charge = a_charge(payment)
    user, group = a_user("Support"), Group.objects.get(name="Support")
    run = ResyncRun.objects.create(id=uuid.UUID(int=1), target="customer", state="complete", created_at=NOON)
    compared = ResyncRun.objects.create(kind="compare", target="customer", state="complete", created_at=NOON)
    keys = {
        "console/customers/<str:id>/": customer.pk,
        "console/subscriptions/<str:id>/": a_subscription(customer).pk,
        "console/invoices/<str:id>/": an_invoice(customer).pk,
        "console/payments/<str:id>/": payment.pk,
        "console/disputes/<str:id>/": a_dispute(charge).pk,
        "console/products/<any_id:id>/": a_product().pk,
        "console/discounts/<any_id:id>/": a_coupon().pk,
        "console/webhooks/<str:event_id>/": a_delivery().pk,
        "console/webhooks/replays/<uuid:id>/": Replay.objects.create(id=uuid.UUID(int=2), asked_at=NOON).pk,
        "console/notes/<int:id>/": a_note(customer).pk,
        "console/views/<int:id>/": SavedView.objects.create(
            list="invoices", name="Somebody’s own", owner=a_user("Finance"), saved_at=NOON
        ).pk,
        "console/resyncs/<uuid:id>/": run.pk,
        "console/reconcile/<uuid:id>/": compared.pk,
        "console/exports/<uuid:id>/": Export.objects.create(requested_by=user, list="invoices", asked_at=NOON).pk,
        "console/auth/user/": user.pk,
        "console/auth/group/": group.pk,
        "console/paydesk/balancetransaction/": a_balance_transaction().pk,
        "console/paydesk/creditnote/": a_credit_note(an_invoice(customer)).pk,
        "console/paydesk/payout/": a_payout().pk,
        "console/paydesk/promotioncode/": a_promotion_code(a_coupon()).pk,
        "console/paydesk/taxrate/": a_tax_rate().pk,
    }

    def address(route: str) -> str:
        if route.startswith("console/r/"):
            return f"/console/r/{ContentType.objects.get_for_model(user).pk}/{user.pk}/"
        if route == "console/go/":
            return "/console/go/?q=nothing"
        if route.startswith("console/^"):
            return "/console/auth/" if "app_label" in route else "/console/nowhere/"
        if route.endswith("(?P<url>.*)$"):
            return "/console/nowhere/"
        key = next((key for start, key in keys.items() if route.startswith(start)), "")
        head, bracket, tail = route.partition("<")
        return f"/{head}{key}{tail.partition('>')[2]}" if bracket else f"/{route}"

    return address


def told(response) -> str:
    """`login` for being sent to log in, else the status."""
    sent_to_log_in = response.status_code == 302 and "/login/" in response.headers["Location"]
    return "login" if sent_to_log_in else str(response.status_code)


@pytest.mark.guarantee("D1")
def test_each_address_answers_each_person_as_the_table_says(people, addresses):
    table = reviewed()
    unknown = [route for route in routes() if route not in table]
    assert not unknown, f"These addresses are not in {TABLE.name}; say there who may open them: {unknown}"
    gone = set(table) - set(routes())
    assert not gone, f"{TABLE.name} speaks of addresses that are no more: {gone}"

    differing = []
    for route, methods in table.items():
        if "logout" in route:
            continue
        for method, expected in methods.items():
            send = [getattr(people[name], method.lower()) for name in PEOPLE]
            answers = [told(each(addresses(route), follow=False)) for each in send]
            if answers != expected:
                differing.append(f"{route or '(root)'} {method}: {answers}, the table says {expected}")
    assert not differing, "\n".join(differing)


def test_logging_out_is_a_post_and_ends_the_session(people):
    assert people["support"].get("/console/logout/").status_code == 405

    assert people["support"].post("/console/logout/").status_code == 200

    assert told(people["support"].get("/console/")) == "login"


@pytest.mark.guarantee("D2")
def test_every_post_but_stripes_needs_a_token(addresses):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(a_user("Admin"))

    accepted = [route for route in routes() if careful.post(addresses(route)).status_code != 403]

    assert accepted == [WEBHOOK]


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(client, support):
    client.force_login(support)
    assert client.get("/console/").status_code == 200

    support.groups.clear()

    assert client.get("/console/").status_code == 403


def test_each_role_holds_what_the_code_says_however_often_it_is_put_in_place(admin):
    from django.apps import apps

    from dashboard.permissions import ROLES, put_roles_in_place

    Group.objects.get(name="Support").permissions.clear()
    for _ in range(2):
        put_roles_in_place(sender=apps.get_app_config("paydesk"), using="default")

    held = {
        group.name: {f"{each.content_type.app_label}.{each.codename}" for each in group.permissions.all()}
        for group in Group.objects.all()
    }
    assert held == ROLES
