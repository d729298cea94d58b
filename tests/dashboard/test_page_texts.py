"""Every text of every page is a message of gettext, or data. Pages are read in a language of brackets."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.urls import resolve
from django.utils import timezone

from dashboard.models import Note, SavedView
from dashboard.tables.payments import BRANDS
from dashboard.templatetags import lists
from finances import models
from finances.reads.sync_health import Facts
from finances.reads.webhooks import Conditions
from finances.resync import control
from finances.resync.request import request_resync
from finances.sandbox import Sandbox
from finances.watch.conditions import CONDITIONS, Kind
from finances.webhooks.catch_up import request_catch_up
from finances.webhooks.replay import request_replay
from finances.worker import drain
from tests.dashboard.pseudo_locale import LETTERS, Text, bracketed, texts_of
from tests.dashboard.test_permissions import reviewed
from tests.factories import a_credit_note
from tests.local_stripe import LocalStripe

pytestmark = pytest.mark.django_db

NOT_FOR_PEOPLE = {"healthz", "readyz", "console/jsi18n/"}
EXEMPT = {
    "Paydesk": "the product's name",
    "DE": "an example of a country, as Stripe writes it",
    "EUR": "an example of a currency",
    "Ada Lovelace": "an example of a name",
    "SHA": "SHA-256",
    "visa": "an example of a brand, as Stripe writes it",
    "cus_…, in_…, coupon:WELCOME25": "examples of targets",
    "ar": "a language's code",
    **dict.fromkeys(BRANDS.values(), "the brand of a card"),
}
# Data that stands in no column as it is written: ids and their beginnings, e-mails, events' types, zones, digests.
WRITTEN_OTHERWISE = re.compile(
    r"[\w.+-]+@[\w.-]+|\w+\*{4,}|\b[a-z_]+_[\w…]*|[\w-]*\d[\w…-]*|\b[a-z_]+(\.[a-z_*]+)+|\b[A-Z]{2,4}\b|\b(null|true|false)\b"
)
CODE = re.compile("[a-z]+")
"""A word of Stripe's, such as `refund`, that could as well be one of ours: data only in these elements and pages."""
CODES_STAND_IN = {"b", "i", "bdi", "th", "del", "ins", "@title"}
CODES_STAND_ON = ("paydesk/", "webhooks/")
PERMISSION = re.compile(r"[\w ]*\|[\w ]*\| Can [\w ]+")
"""As Django lists those of a role; its name stands in the database."""
SEPARATORS = re.compile(r"[,;:·|()“”\"'×→=/\n]| – | - ")

FILTERED = (
    *(
        "customers/?status=past_due&colour=red",
        "customers/?q=nobody1",
        "customers/?country=xx1&currency=eur&new=2026-01",
    ),
    *(
        "invoices/?status=past_due",
        "invoices/?sort=-total&age=overdue&amount_from=10&due_from=x",
        "invoices/?q=foo:bar",
    ),
    *("payments/?status=failed&reason=insufficient_funds", "subscriptions/?mrr=unknown", "disputes/?status=won"),
    *(
        "webhooks/?state=quarantined",
        "resyncs/plan/?target=all",
        "reconcile/plan/?target=all",
        "reconcile/plan/?target=sample",
        "webhooks/?type=invoice",
        "webhooks/?version=other&delay=3",
        "webhooks/?found=missed",
    ),
    *(
        "webhooks/replays/?state=quarantined",
        "products/?status=archived",
        "receivables/?age=open",
        "sync-health/?days=7",
    ),
    *("resyncs/plan/?target=all", "resyncs/plan/?target=invoice&since=2026-01-01&until=2026-02-01"),
    *(
        "resyncs/plan/?target=ids&ids=nonsense",
        "resyncs/plan/?target=ids&ids=cus_1%20cus_2",
        "invoices/?resync=these&q=in_",
    ),
    *(
        "go/?q=example.com",
        "go/?q=cus_unknown0000001",
        "go/?q=nobody1",
        "views/?list=invoices&now=status%3Dopen",
        "nowhere/",
    ),
)


@pytest.fixture
def console(settings, monkeypatch, admin, support) -> Iterator[None]:
    """A small business as its console shows it, read and worked on in the language of brackets."""
    monkeypatch.setattr(lists, "_empty_fields", {})  # else in English, as an earlier test drew them
    sandbox = Sandbox(customers=24, months=8, seed=7)
    settings.STRIPE_API_BASE = sandbox.start(port=0)
    stripe = LocalStripe(settings.STRIPE_API_BASE)
    with bracketed():
        read_and_compare(stripe, admin)
        have_events(admin)
        leave_words(admin)
        yield
    sandbox.stop()


def read_and_compare(stripe: LocalStripe, admin: User) -> None:
    def ask(target: str, **more: Any) -> models.ResyncRun:
        return request_resync(target, now=timezone.now(), by=admin, **more).run

    ask("all")
    drain()
    first, second, *_others = models.Customer.objects.order_by("pk")
    stripe.patch(first.pk, phone="+49 30 5550 1187", balance=-1500)
    ask("customer", kind=models.ResyncRun.Kind.COMPARE, reason="")
    ask(second.pk)
    drain()
    ask(first.pk)
    drain()
    control.pause(ask("price").pk, now=timezone.now(), by=admin)
    control.cancel(ask("product").pk, now=timezone.now(), by=admin)
    ask("payout")


def have_events(admin: User) -> None:
    request_catch_up(now=timezone.now(), by=admin)
    drain()
    rows, now = models.Delivery.objects.order_by("pk"), timezone.now()
    entry = {"at": now.isoformat(), "signed_with": "previous", "age": 3, "from": "192.0.2.7"}
    for number, state in enumerate(models.Delivery.State.values):
        few = [row.pk for row in rows[number * 3 : number * 3 + 3]]
        rows.filter(pk__in=few).update(state=state, attempts=number, arrivals=[entry], next_try_at=now)
    facts = Facts(now=now, quarantined=3, other_mode=2, refused={"wrong signature": 200}, unread="")
    for kind in (Kind.QUARANTINE, Kind.WRONG_MODE, Kind.REFUSED):
        sentence = CONDITIONS[kind](facts, True)
        models.Incident.objects.create(kind=kind, sentence=sentence, opened_at=now - timedelta(hours=1))
    models.RefusedPosts.objects.create(minute=now, reason="wrong signature", count=7)
    request_replay(Conditions(state="quarantined"), now=now, by=admin, reason="")


def leave_words(admin: User) -> None:
    now, customer = timezone.now(), models.Customer.objects.order_by("pk")[0].pk
    note = {"about_id": customer, "customer_id": customer, "author": admin, "author_name": admin.username}
    Note.objects.create(**note, body="Pays by hand", written_at=now)
    Note.objects.create(**note, written_at=now, deleted_at=now, deleted_by_name=admin.username)
    a_credit_note(models.Invoice.objects.order_by("pk")[0])
    SavedView.objects.create(list="invoices", name="Mine", conditions="status=open", owner=admin, saved_at=now)
    for state in models.Export.State.values:
        models.Export.objects.create(
            key=state,
            requested_by=admin,
            list="invoices",
            format="csv",
            conditions="q=in_1",
            asked_at=now,
            state=state,
            zone="UTC",
        )


def addresses() -> Iterator[str]:
    """Of every page, and of a few of each kind of object."""
    few: dict[str, tuple[type[Model], int]] = {
        "customers": (models.Customer, 12),
        "subscriptions": (models.Subscription, 10),
        "invoices": (models.Invoice, 16),
        "payments": (models.Payment, 12),
        "disputes": (models.Dispute, 9),
        "products": (models.Product, 5),
        "discounts": (models.Coupon, 5),
        "webhooks": (models.Delivery, 20),
        "webhooks/replays": (models.Replay, 3),
        "resyncs": (models.ResyncRun, 9),
        "reconcile": (models.ResyncRun, 9),
        "notes": (Note, 3),
    }
    yield from (
        route.removeprefix("console/") for route in reviewed() if route.startswith("console/") and "<" not in route
    )
    yield from FILTERED
    for path, (model, most) in few.items():
        yield from (f"{path}/{row.pk}/" for row in model._default_manager.order_by("pk")[:most])
    for path, model in (
        ("customers", models.Customer),
        ("subscriptions", models.Subscription),
        ("invoices", models.Invoice),
    ):
        yield from (f"{path}/{row.pk}/?as-of=" for row in model.objects.order_by("pk")[:2])
    for name in ("BalanceTransaction", "CreditNote", "Payout", "PromotionCode", "TaxRate"):
        row = getattr(models, name).objects.order_by("pk").first()
        yield from (f"paydesk/{name.lower()}/{row.pk}/{page}/" for page in ("change", "history")) if row else ()
    for user in User.objects.all()[:1]:
        yield from (f"auth/user/{user.pk}/{page}/" for page in ("change", "history", "password"))
    yield from (f"auth/group/{group.pk}/{page}/" for group in Group.objects.all()[:1] for page in ("change", "history"))


def known_data() -> set[str]:
    """Every text of every row, and of the JSON in it."""
    data: set[str] = set()

    def take(value: Any) -> None:
        match value:
            case str():
                data.add(" ".join(value.split()))
            case dict():
                data.update(value)
                for each in value.values():
                    take(each)
            case list():
                for each in value:
                    take(each)

    for label in ("paydesk", "paydesk_console", "auth", "contenttypes"):
        for model in apps.get_app_config(label).get_models():
            for row in model._default_manager.all().values():
                take(list(row.values()))
    return data


def is_data(text: Text, data: set[str]) -> bool:
    if text.element in ("code", "pre", "textarea") or text.words.strip('"') in data or text.words in EXEMPT:
        return True
    pieces = SEPARATORS.split(_without_sentences(PERMISSION.sub(" ", text.words), data))
    return all(map(partial(_is_known, data=data), pieces))


def _without_sentences(words: str, data: set[str]) -> str:
    """Written in data, and with the signs in them at which `SEPARATORS` would part them."""
    for each in sorted((each for each in data if len(each) > 8 and each in words), key=len, reverse=True):
        words = words.replace(each, " ") if SEPARATORS.search(each) else words
    return words


def _is_known(piece: str, data: set[str]) -> bool:
    return _bare(piece) in data or _bare(_without_names(WRITTEN_OTHERWISE.sub(" ", piece))) in data | {""}


def _without_names(words: str) -> str:
    for name in EXEMPT:
        words = re.sub(rf"\b{re.escape(name)}\b", " ", words)
    return words if LETTERS.search(words) else ""


def _bare(words: str) -> str:
    return " ".join(words.split()).strip(" .!?…–—−+*#><")


def test_every_text_is_a_message_or_data(console, client, admin) -> None:
    client.force_login(admin)
    bare: dict[str, str] = {}
    seen: set[str] = set()
    data = known_data()
    words = {each for each in data if not CODE.fullmatch(each)}

    for address in dict.fromkeys(addresses()):
        answer = client.get(f"/console/{address}", follow=True)
        if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
            continue
        codes = address.startswith(CODES_STAND_ON)
        seen.add(answer.request["PATH_INFO"])
        for text in texts_of(answer.content.decode()):
            if text.words not in bare and not is_data(text, data if codes or text.element in CODES_STAND_IN else words):
                bare[text.words] = f"{text.words!r} in <{text.element}> of /console/{address}"

    assert not bare, "\n".join(bare.values())
    visited = {resolve(path).route for path in seen if not path.startswith("/console/nowhere")}
    for_admin = {route for route, methods in reviewed().items() if methods["GET"][-1] == "200"} - NOT_FOR_PEOPLE
    assert {route for route in for_admin if "^" not in route} <= visited
