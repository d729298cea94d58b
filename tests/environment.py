"""The environment in which the tests' settings are read: secrets of the right form, made for this run.

A pytest plugin (`-p tests.environment`), since pytest-django reads the settings before any conftest.
"""

import os
import secrets
import tempfile

for variable in ("PAYDESK_DEMO", "DEBUG", "STRIPE_LIVE_MODE", "STRIPE_LIVE_SECRET_KEY", "STRIPE_API_BASE"):
    os.environ.pop(variable, None)
os.environ.update(
    {
        "SECRET_KEY": secrets.token_hex(32),
        "STRIPE_TEST_SECRET_KEY": "sk_test_" + secrets.token_hex(24),
        "DJSTRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(24),
        "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS": "",
        "VITE_STRIPE_PUBLISHABLE_KEY": "",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright's sync API runs a loop of its own
    }
)
if os.environ.get("PAYDESK_TEST_DATABASE") != "postgresql":
    os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp(prefix='paydesk-tests-')}/tests.sqlite3"
