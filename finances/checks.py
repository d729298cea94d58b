"""System checks. Keys, modes and signing secrets are checked earlier (finances.configuration): they stop any start."""

from collections.abc import Iterable

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from finances.configuration import PINNED_API_VERSION


@register("paydesk")
def api_version_is_pinned(**_: object) -> Iterable[CheckMessage]:
    if settings.STRIPE_API_VERSION != PINNED_API_VERSION:
        yield Error(
            f"dj-stripe would call Stripe at {settings.STRIPE_API_VERSION}, Paydesk calls it at {PINNED_API_VERSION}.",
            hint="Take STRIPE_API_VERSION from finances.configuration.",
            id="paydesk.E001",
        )


@register("paydesk")
def database_is_supported(**_: object) -> Iterable[CheckMessage]:
    engine = settings.DATABASES["default"]["ENGINE"]
    if not engine.endswith(("postgresql", "sqlite3")):
        yield Error("Paydesk runs on PostgreSQL and SQLite.", hint="Change DATABASE_URL.", id="paydesk.E002")


@register("paydesk", deploy=True)
def demo_is_not_deployed(**_: object) -> Iterable[CheckMessage]:
    if settings.PAYDESK_DEMO:
        yield checks.Warning("PAYDESK_DEMO is on: its people have a known password.", id="paydesk.W001")
