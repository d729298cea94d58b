"""A wrong value stops the start with one line that names the variable, never its value."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

LIVE = "sk_live_" + "a1" * 16
TEST = "sk_test_" + "b2" * 16

GOOD = {
    "SECRET_KEY": "s" * 60,
    "STRIPE_TEST_SECRET_KEY": TEST,
    "DJSTRIPE_WEBHOOK_SECRET": "whsec_" + "c3" * 16,
    "DATABASE_URL": "sqlite:///:memory:",
}


def start(code: str = "import dashboard.settings", **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_right_environment_starts():
    assert start().returncode == 0


@pytest.mark.parametrize(
    ("changes", "variable", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY", "is empty"),
        ({"STRIPE_TEST_SECRET_KEY": ""}, "STRIPE_TEST_SECRET_KEY", "is empty"),
        ({"STRIPE_TEST_SECRET_KEY": LIVE}, "STRIPE_TEST_SECRET_KEY", "holds a live-mode key"),
        ({"STRIPE_LIVE_SECRET_KEY": TEST}, "STRIPE_LIVE_SECRET_KEY", "holds a test-mode key"),
        ({"STRIPE_LIVE_SECRET_KEY": LIVE.replace("sk", "pk")}, "STRIPE_LIVE_SECRET_KEY", "holds a publishable key"),
        ({"STRIPE_TEST_SECRET_KEY": "swordfish"}, "STRIPE_TEST_SECRET_KEY", "is not a Stripe key"),
        ({"STRIPE_LIVE_MODE": "True"}, "STRIPE_LIVE_SECRET_KEY", "is empty"),
        ({"STRIPE_LIVE_MODE": "perhaps"}, "STRIPE_LIVE_MODE", "has a value that cannot be read"),
        ({"DJSTRIPE_WEBHOOK_SECRET": ""}, "DJSTRIPE_WEBHOOK_SECRET", "is empty"),
        ({"DJSTRIPE_WEBHOOK_SECRET": "swordfish"}, "DJSTRIPE_WEBHOOK_SECRET", "is not a signing secret"),
        ({"VITE_STRIPE_PUBLISHABLE_KEY": "pk_live_x"}, "VITE_STRIPE_PUBLISHABLE_KEY", "does not begin with pk_test_"),
        ({"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE", "may be set only in the demo or with DEBUG"),
        ({"STRIPE_API_BASE": "swordfish", "DEBUG": "1"}, "STRIPE_API_BASE", "is not an address"),
        ({"DJSTRIPE_WEBHOOK_SECRET": "whsec_"}, "DJSTRIPE_WEBHOOK_SECRET", "is not a signing secret"),
        ({"DATABASE_URL": "mysql://root@127.0.0.1/x"}, "DATABASE_URL", "Paydesk runs on PostgreSQL and SQLite"),
        ({"TASKS_BACKEND": "celery"}, "TASKS_BACKEND", "celery needs the package"),
        ({"DATABASE_URL": "swordfish"}, "DATABASE_URL", ""),
        ({"TASKS_BACKEND": "swordfish"}, "TASKS_BACKEND", "takes one of"),
        ({"PAYDESK_TIME_ZONE": "Atlantis/Capital"}, "PAYDESK_TIME_ZONE", "is not a time zone"),
        ({"PAYDESK_LANGUAGE": "klingon"}, "PAYDESK_LANGUAGE", "is not the code of a language"),
        ({"PAYDESK_TRUSTED_PROXIES": "swordfish"}, "PAYDESK_TRUSTED_PROXIES", "takes addresses or networks"),
        ({"PAYDESK_TRUSTED_PROXIES": "*"}, "PAYDESK_TRUSTED_PROXIES", "takes addresses or networks"),
        ({"PAYDESK_TRUSTED_PROXIES": "10.0.0.7/8"}, "PAYDESK_TRUSTED_PROXIES", "takes addresses or networks"),
        ({"PAYDESK_KEEP_PAYLOADS_DAYS": "-9"}, "PAYDESK_KEEP_PAYLOADS_DAYS", "takes a number of days"),
        ({"PAYDESK_EXPORT_AT_ONCE_ROWS": "-1"}, "PAYDESK_EXPORT_AT_ONCE_ROWS", "takes a number of rows"),
        ({"PAYDESK_KEEP_EXPORTS_HOURS": "0"}, "PAYDESK_KEEP_EXPORTS_HOURS", "takes a number of hours"),
        ({"PAYDESK_KEEP_PAYLOADS_DAYS": "ninety"}, "PAYDESK_KEEP_PAYLOADS_DAYS", "has a value that cannot be read"),
        ({"PAYDESK_KEEP_VERSIONS_DAYS": "29"}, "PAYDESK_KEEP_VERSIONS_DAYS", "takes a number of days from 30 to 36500"),
        ({"PAYDESK_KEEP_DELIVERIES_DAYS": "31"}, "PAYDESK_KEEP_DELIVERIES_DAYS", "takes a number of days from 45"),
        ({"PAYDESK_CALLS_A_SECOND": "0"}, "PAYDESK_CALLS_A_SECOND", "takes a number of calls from 1"),
        ({"PAYDESK_CALLS_A_SECOND": "10001"}, "PAYDESK_CALLS_A_SECOND", "takes a number of calls from 1"),
        ({"PAYDESK_CALLS_A_SECOND": "many"}, "PAYDESK_CALLS_A_SECOND", "has a value that cannot be read"),
        (
            {"PAYDESK_CALLS_A_SECOND": "7", "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": "8"},
            "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT",
            "takes a number from 1 to that of PAYDESK_CALLS_A_SECOND",
        ),
        ({"PAYDESK_ALERT_EMAILS": "ops"}, "PAYDESK_ALERT_EMAILS", "takes e-mail addresses"),
        ({"PAYDESK_ALERT_EMAILS": "ops@example.test"}, "EMAIL_HOST", "is empty, and PAYDESK_ALERT_EMAILS asks"),
        ({"PAYDESK_EMAIL_FROM": "Pay Desk"}, "PAYDESK_EMAIL_FROM", "is not an e-mail address"),
        ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT", "has a value that cannot be read"),
        ({"EMAIL_PORT": "70000"}, "EMAIL_PORT", "is not a port"),
        ({"EMAIL_USE_TLS": "True", "EMAIL_USE_SSL": "True"}, "EMAIL_USE_SSL", "and EMAIL_USE_TLS exclude"),
        ({"PAYDESK_ALERT_CHAT_URL": "chat.corp.test/hooks/x"}, "PAYDESK_ALERT_CHAT_URL", "is not an address"),
        ({"PAYDESK_ALERT_CHAT_URL": "https://chat.corp.test:99999/x"}, "PAYDESK_ALERT_CHAT_URL", "is not an address"),
        ({"PAYDESK_CONSOLE_URL": "javascript:alert(1)"}, "PAYDESK_CONSOLE_URL", "is not an address"),
        *(
            ({"PAYDESK_SUBSCRIBER_URL": url}, "PAYDESK_SUBSCRIBER_URL", "is not an address with {id} in it")
            for url in (
                "javascript:alert({id})",
                "https://app.example.test/users/",
                "https://{id}.example.test/",
                "https://app.example.test/{id}/{name}",
                "https://app.example.test/{id}/{id}",
            )
        ),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_line_that_names_its_variable(changes, variable, words):
    stopped = start(**changes)

    lines = stopped.stderr.strip().splitlines()
    assert stopped.returncode == 1
    assert len(lines) == 1, stopped.stderr
    assert lines[0].startswith(f"paydesk: {variable}: {words}")
    assert not any(
        value and value in stopped.stderr
        for value in changes.values()
        if value not in {"True", "0", "1", "7", "8", "celery", "whsec_", "*"}
    )


def test_the_demo_does_not_start_in_live_mode(tmp_path):
    stopped = start(PAYDESK_DEMO="1", DEMO_DIR=str(tmp_path), STRIPE_LIVE_MODE="True", STRIPE_LIVE_SECRET_KEY=LIVE)

    assert "paydesk: STRIPE_LIVE_MODE: is on, and the demo runs in test mode only" in stopped.stderr


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({}, "15 15"),
        ({"PAYDESK_CALLS_A_SECOND": "60"}, "60 60"),
        ({"STRIPE_LIVE_MODE": "True"}, "40 20"),
        ({"STRIPE_LIVE_MODE": "True", "PAYDESK_CALLS_A_SECOND": "12"}, "12 12"),
        ({"STRIPE_LIVE_MODE": "True", "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT": "5"}, "40 5"),
    ],
)
def test_the_rate_budget_is_a_part_of_what_stripe_allows_unless_it_is_set(changes, calls):
    code = "from dashboard import settings as it; print(it.CALLS_A_SECOND, it.CALLS_A_SECOND_OF_ONE_ENDPOINT)"

    assert start(code, STRIPE_LIVE_SECRET_KEY=LIVE, **changes).stdout.strip() == calls


def test_each_time_of_keeping_may_be_for_ever():
    variables = ("PAYLOADS", "VERSIONS", "DELIVERIES")
    code = f"from dashboard import settings as it; print({', '.join(f'it.KEEP_{name}_DAYS' for name in variables)})"

    assert start(code).stdout.split() == ["90", "1095", "0"]
    assert start(code, **{f"PAYDESK_KEEP_{name}_DAYS": "0" for name in variables}).stdout.split() == ["0"] * 3


def test_a_restricted_key_is_enough():
    assert start(STRIPE_TEST_SECRET_KEY=TEST.replace("sk_", "rk_")).returncode == 0


def test_in_live_mode_the_test_key_may_be_missing():
    assert start(STRIPE_LIVE_MODE="True", STRIPE_LIVE_SECRET_KEY=LIVE, STRIPE_TEST_SECRET_KEY="").returncode == 0
