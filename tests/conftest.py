import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from hypothesis import HealthCheck, settings

from dashboard.demo import QuietHandler
from finances.reads import crowds
from finances.sandbox import Sandbox
from tests import append_only
from tests.local_stripe import LocalStripe

# How long an example takes says what else the machine does. Examples of one test share its local Stripe and its people.
NOT_WRONG = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
EXAMPLES = 100 if os.environ.get("PAYDESK_TEST_FULL") == "1" else 25
settings.register_profile("any_machine", max_examples=EXAMPLES, deadline=None, suppress_health_check=NOT_WRONG)
settings.load_profile("any_machine")

HERE = Path(__file__).parent
WITH_A_DATABASE_OF_THEIR_OWN = (HERE / "browser", HERE / "processes", HERE / "scale")
AS_THE_DEMO = (HERE / "dashboard", HERE / "journeys")
READ_FROM_STRIPE = {"stripe", "busy_stripe"}


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what cannot show another thing on another database, as pytest-django lets it reach none, and what the demo
    does on SQLite while a browser walks through it."""
    for item in items:
        asks_for_one = "django_db_setup" in item.fixturenames or {"django_db", "postgresql"} & item.keywords.keys()
        if not asks_for_one and not any(item.path.is_relative_to(place) for place in WITH_A_DATABASE_OF_THEIR_OWN):
            item.add_marker("without_database")
        elif READ_FROM_STRIPE & set(item.fixturenames) or any(item.path.is_relative_to(place) for place in AS_THE_DEMO):
            item.add_marker("as_the_demo")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> Iterator[None]:
    """Tables in two steps, dj-stripe's from its models: its migrations cost 76 s, and refer to auth's tables."""
    django_settings.MIGRATION_MODULES = {"djstripe": None}
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        database["TEST"]["NAME"] = f"{database['NAME']}.test"  # a file, as threads and processes need it
    with django_db_blocker.unblock():
        name = connection.creation._create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        original = database["NAME"]
        database["NAME"] = name
        call_command("migrate", "auth", verbosity=0)
        call_command("migrate", run_syncdb=True, verbosity=0)
        append_only.let_a_flush_through(connection)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        if connection.vendor == "postgresql":
            connection.close_pool()
        connection.creation.destroy_test_db(original, verbosity=0)


@pytest.fixture(autouse=True)
def _plain_http(settings) -> None:
    """Tests speak HTTP without TLS, need no collected static files, and hash passwords fast."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = None
    settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture(autouse=True)
def _no_stripe_elsewhere(settings) -> None:
    """A test that forgets its local Stripe reaches a closed port, never Stripe."""
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _read_once(monkeypatch) -> None:
    """As most deployments are: everything was read from Stripe once, and the process knows it."""
    monkeypatch.setattr("finances.reads.first_import._whole", {"all"})


@pytest.fixture(autouse=True)
def _nothing_was_counted() -> None:
    crowds.forget()


@pytest.fixture
def before_the_first_import(monkeypatch) -> None:
    """No process knows that everything was ever read."""
    monkeypatch.setattr("finances.reads.first_import._whole", set())


@pytest.fixture
def stripe(settings) -> Iterator[LocalStripe]:
    """A local Stripe of its own for the test: a small business, over real HTTP."""
    sandbox = Sandbox(customers=12, months=3, seed=7)
    address = sandbox.start(port=0)
    settings.STRIPE_API_BASE = address
    yield LocalStripe(address)
    sandbox.stop()


@pytest.fixture(scope="session")
def _busy_sandbox() -> Iterator[str]:
    sandbox = Sandbox(customers=150, months=24, seed=7)
    yield sandbox.start(port=0)
    sandbox.stop()


@pytest.fixture
def busy_stripe(settings, _busy_sandbox) -> LocalStripe:
    """A business that has everything, two years of it. All tests share it: to be read, not to be changed."""
    settings.STRIPE_API_BASE = _busy_sandbox
    return LocalStripe(_busy_sandbox)


def _person(django_user_model, name: str, group: str | None):
    person = django_user_model.objects.create_user(f"{name}@paydesk.test", password="correct-horse", is_staff=True)
    if group:
        person.groups.add(Group.objects.get(name=group))
    return person


@pytest.fixture
def support(db, django_user_model):
    return _person(django_user_model, "support", "Support")


@pytest.fixture
def finance(db, django_user_model):
    return _person(django_user_model, "finance", "Finance")


@pytest.fixture
def admin(db, django_user_model):
    return _person(django_user_model, "admin", "Admin")


@pytest.fixture
def served(transactional_db) -> Iterator[str]:
    """The address of the console, served as the demo serves it; by TLS or not as the test's settings say."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_pauses(monkeypatch) -> None:
    """The gateway's pauses between its tries take no time."""
    monkeypatch.setattr("finances.gateway.time.sleep", lambda seconds: None)
