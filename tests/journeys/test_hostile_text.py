"""What customers type ends up in Stripe's fields. Through the mirror and onto every page it stays text."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from finances.worker import drain

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('name')</script>"
BREAKOUT = "\"'><img src=x onerror=alert(1)><!--"
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}moc.lived@adA"
TEMPLATE = "{{ request.user.password }}{% debug %}${7*7}"


class Tags(HTMLParser):
    """What a browser would make of a open_page: its elements, where links lead, and what stands in isolation."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.outside: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes) -> None:
        self.elements.append((tag, dict(attributes)))
        if tag in {"bdi", "title", "script"}:
            self._open.append(tag)

    def handle_endtag(self, tag) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data) -> None:
        if not self._open:
            self.outside.append(data)


@pytest.fixture
def places(stripe, read, client, admin, deliver) -> list[str]:
    """Every page on which this customer's words can stand, after they came in by a read, a webhook and a resync."""
    invoice = next(each for each in stripe.all("/v1/invoices") if each["status"] == "paid")
    customer_id, subscription_id = invoice["customer"], _subscription_of(stripe, invoice["customer"])
    read(customer_id)
    stripe.patch(
        customer_id,
        event="customer.updated",
        name=f"{SCRIPT}{OVERRIDE}",
        email=f"ada+{BREAKOUT}@evil.example",
        phone=TEMPLATE,
        description=f"{BREAKOUT}{TEMPLATE}",
        metadata={BREAKOUT: SCRIPT},
        address={"line1": SCRIPT, "city": BREAKOUT, "country": TEMPLATE},
    )
    stripe.patch(
        invoice["id"],
        number=SCRIPT,
        description=BREAKOUT,
        customer_name=SCRIPT,
        hosted_invoice_url="javascript:alert(document.cookie)",
        invoice_pdf="data:text/html,<script>alert(1)</script>",
        custom_fields=[{"name": SCRIPT, "value": BREAKOUT}],
        lines=invoice["lines"] | {"data": [line | {"description": SCRIPT} for line in invoice["lines"]["data"]]},
    )
    stripe.patch(subscription_id, description=BREAKOUT, metadata={SCRIPT: TEMPLATE})
    deliver(stripe.get("/v1/events", limit=1)["data"][0])
    client.force_login(admin)
    asked = client.post("/console/resyncs/", {"target": customer_id, "reason": f"{SCRIPT}{BREAKOUT}"})
    drain()
    return [
        "",
        "customers/",
        "customers/?q=%3Cscript%3E&status=%22%3E%3Cimg&currency=javascript:",
        f"customers/{customer_id}/",
        "subscriptions/",
        f"subscriptions/{subscription_id}/",
        "invoices/",
        f"invoices/{invoice['id']}/",
        "webhooks/?q=%22%3E%3Cscript%3E",
        "webhooks/",
        f"webhooks/{stripe.get('/v1/events', limit=1)['data'][0]['id']}/",
        "resyncs/",
        asked.headers["Location"].removeprefix("/console/"),
        "go/?q=%3Cscript%3Ealert",
        "audit/",
        "audit/?q=%22%3E%3Cscript%3Ealert(1)",
    ]


def _subscription_of(stripe, customer_id: str) -> str:
    return stripe.get("/v1/subscriptions", customer=customer_id, status="all")["data"][0]["id"]


@pytest.mark.guarantee("D4")
def test_hostile_text_is_text_on_every_page(places, open_page):
    seen = ""
    for place in places:
        shown = open_page(place)
        tags = Tags(shown)
        seen += shown

        for tag, attributes in tags.elements:
            assert not (tag == "img" and attributes.get("src") == "x"), place
            assert not any(name.startswith("on") for name in attributes), (place, tag, attributes)
            for address in (attributes.get(name) or "" for name in ("href", "src", "action", "hx-get")):
                assert not re.match(r"(?i)\s*(javascript|data|vbscript):", address), (place, address)
        # No script element without a source, but the data of charts.
        assert all(
            it.get("src") or it.get("type") == "application/json" for tag, it in tags.elements if tag == "script"
        )
        assert "49${" not in shown
        assert "pbkdf2" not in shown
    # It did reach the pages.
    for words in (SCRIPT, BREAKOUT, OVERRIDE, TEMPLATE):
        assert words in unescape(seen)


def test_a_change_of_direction_is_isolated_from_the_words_around_it(places, open_page):
    for place in places:
        # The admin's own lists and the payload are monospace lines of their own.
        if not place.startswith(("paydesk/", "webhooks/evt_")):
            loose = [text for text in Tags(open_page(place)).outside if OVERRIDE in text]
            assert loose == [], place


def test_a_link_that_is_none_is_not_offered(places, open_page):
    shown = open_page(next(place for place in places if place.startswith("invoices/in_")))

    assert "Payment page" not in shown
    assert "picture_as_pdf" not in shown
