"""What the answers are, computed from Stripe's own objects and by nothing of the product's."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.browser.conftest import ON_A_DAY
from tests.local_stripe import Json, LocalStripe

DECIMALS = {"jpy": 0, "kwd": 3}


def money(minor: int, currency: str) -> str:
    """`1,274.00 EUR`: what a page shows, in one line."""
    places = DECIMALS.get(currency, 2)
    return f"{Decimal(minor).scaleb(-places):,.{places}f} {currency.upper()}".replace("-", "−")


def in_a_cell(minor: int, currency: str) -> str:
    """The same where the currency stands in small letters behind it, and the space between is the style's."""
    return money(minor, currency).replace(" ", "")


def at(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def customer(stripe: LocalStripe, email: str) -> Json:
    return stripe.get("/v1/customers", email=email)["data"][0]


def subscription(stripe: LocalStripe, email: str) -> Json:
    return stripe.get("/v1/subscriptions", customer=customer(stripe, email)["id"], status="all")["data"][0]


def late(invoice: Json, *, more_than: int) -> bool:
    """So many days after it was due, at noon of the day of these tests; without a due date, after it was finalised."""
    since = invoice["due_date"] or invoice["status_transitions"]["finalized_at"]
    return invoice["status"] == "open" and ON_A_DAY - at(since) > timedelta(days=more_than)


def charged(stripe: LocalStripe, subscription: Json) -> str:
    """`Visa 4242`: the method that Stripe will charge, by the order of places in which Stripe looks."""
    owner = stripe.get(f"/v1/customers/{subscription['customer']}")
    method_id = subscription["default_payment_method"] or owner["invoice_settings"]["default_payment_method"]
    card = stripe.get(f"/v1/payment_methods/{method_id}")["card"]
    return f"{card['brand'].title()} {card['last4']}"
