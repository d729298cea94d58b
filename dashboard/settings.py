"""One file, driven by the environment. A wrong value stops the start with a line that names its variable."""

import importlib.util
import ipaddress
import json
import os
import re
import secrets
import sys
import tempfile
import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django.conf.global_settings
from django.utils.translation import gettext_lazy
from environs import Env, EnvError

from finances.configuration import (
    KEPT_DAYS,
    MOST_CALLS,
    OUR_CALLS,
    PINNED_API_VERSION,
    problems,
    retention_problems,
)

BASE_DIR = Path(__file__).resolve().parent.parent


def stop(*lines: str) -> None:
    sys.stderr.write("".join(f"paydesk: {line}\n" for line in lines))
    raise SystemExit(1)


def is_address(url: str) -> bool:
    """Empty, or http(s) with a host and a port that is one."""
    try:
        parts = urlsplit(url)
        return not url or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False


def is_template(url: str) -> bool:
    """Empty, or an address with one `{id}` behind its host."""
    rest = url.partition("{id}")
    return not url or (
        bool(rest[1]) and is_address(url) and not set(rest[0] + rest[2]) & set("{}") and "{" not in urlsplit(url).netloc
    )


def demo_environment(directory: Path) -> dict[str, str]:
    """The demo's own secrets, made at its first start so that none stands in the code; variables that are set win."""
    directory.mkdir(parents=True, exist_ok=True)
    kept = directory / "secrets.json"
    if not kept.exists():
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "STRIPE_TEST_SECRET_KEY": "sk_test_" + secrets.token_hex(24),
            "DJSTRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(24),
        }
        # Whole or not at all: a start that is killed here leaves nothing that the next one could not read.
        with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as unfinished:
            json.dump(made, unfinished)
        Path(unfinished.name).replace(kept)
    return json.loads(kept.read_text()) | {
        "DATABASE_URL": f"sqlite:///{directory.resolve() / 'demo.sqlite3'}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{os.environ.get('SANDBOX_PORT', '12111')}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "NO_PROXY": "127.0.0.1,localhost",
        # As the simulated business keeps its application's tenants.
        "PAYDESK_SUBSCRIBER_KEY": "tenant",
        "PAYDESK_SUBSCRIBER_NAME": "Tenant",
    }


env = Env()
try:
    PAYDESK_DEMO = env.bool("PAYDESK_DEMO", False)
    DEMO_DIR = env.path("DEMO_DIR", BASE_DIR / "data" / "demo")
    if PAYDESK_DEMO:
        for variable, value in demo_environment(DEMO_DIR).items():
            os.environ.setdefault(variable, value)

    DEBUG = env.bool("DEBUG", False)
    SECRET_KEY = env.str("SECRET_KEY", "")
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
    STRIPE_LIVE_MODE = env.bool("STRIPE_LIVE_MODE", False)
    STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
    our_calls, our_calls_of_one = OUR_CALLS["live" if STRIPE_LIVE_MODE else "test"]
    CALLS_A_SECOND = env.int("PAYDESK_CALLS_A_SECOND", our_calls)
    CALLS_A_SECOND_OF_ONE_ENDPOINT = env.int(
        "PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT",
        min(CALLS_A_SECOND, our_calls_of_one) if STRIPE_LIVE_MODE else CALLS_A_SECOND,
    )
    DATABASES: dict[str, Any] = {
        "default": env.dj_db_url("DATABASE_URL", f"sqlite:///{BASE_DIR / 'data' / 'paydesk.sqlite3'}")
    }
    TASKS_BACKEND = env.str("TASKS_BACKEND", "database")
    CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", "")
    TIME_ZONE = env.str("PAYDESK_TIME_ZONE", "UTC")
    LANGUAGE_CODE = env.str("PAYDESK_LANGUAGE", "en")
    PREPARED_STATEMENTS = env.bool("PAYDESK_PREPARED_STATEMENTS", True)
    EXPORT_AT_ONCE_ROWS = env.int("PAYDESK_EXPORT_AT_ONCE_ROWS", 2_000)
    KEEP_EXPORTS_HOURS = env.int("PAYDESK_KEEP_EXPORTS_HOURS", 24)
    kept_days = {variable: env.int(variable, days) for variable, (days, _) in KEPT_DAYS.items()}
    proxies: list[str] = env.list("PAYDESK_TRUSTED_PROXIES", ["127.0.0.1", "::1"])
    people: list[str] = env.list("PAYDESK_ALERT_EMAILS", [])
    chat = env.str("PAYDESK_ALERT_CHAT_URL", "")
    CONSOLE_URL = env.str("PAYDESK_CONSOLE_URL", "").rstrip("/")
    SUBSCRIBER_URL = env.str("PAYDESK_SUBSCRIBER_URL", "")
    SUBSCRIBER_NAME = env.str("PAYDESK_SUBSCRIBER_NAME", "User")
    DJSTRIPE_SUBSCRIBER_CUSTOMER_KEY = env.str("PAYDESK_SUBSCRIBER_KEY", "djstripe_subscriber")
    DEFAULT_FROM_EMAIL = env.str("PAYDESK_EMAIL_FROM", "paydesk@localhost")
    mail: dict[str, Any] = {
        "host": env.str("EMAIL_HOST", ""),
        "port": env.int("EMAIL_PORT", 25),
        "username": env.str("EMAIL_HOST_USER", ""),
        "password": env.str("EMAIL_HOST_PASSWORD", ""),
        "use_tls": env.bool("EMAIL_USE_TLS", False),
        "use_ssl": env.bool("EMAIL_USE_SSL", False),
        "timeout": 5,  # seconds
    }
except EnvError as error:
    # environs names the variable first; what follows may repeat the value, and the value may be a secret.
    stop(str(error).partition('"')[2].partition('"')[0] + ": has a value that cannot be read")
except (ValueError, KeyError):
    stop("DATABASE_URL: is not the address of a database (postgres://user@host/name or sqlite:///path)")

TASK_BACKENDS = {
    "database": "django_tasks_db.DatabaseBackend",
    "celery": "django_tasks_celery.CeleryBackend",
    "immediate": "django.tasks.backends.immediate.ImmediateBackend",
}

wrong = problems(os.environ, live=STRIPE_LIVE_MODE, local_api_allowed=PAYDESK_DEMO or DEBUG)
stops = [str(problem) for problem in wrong]
if PAYDESK_DEMO and STRIPE_LIVE_MODE:
    stops.append("STRIPE_LIVE_MODE: is on, and the demo runs in test mode only")
if not DATABASES["default"]["ENGINE"].endswith(("postgresql", "sqlite3")):
    stops.append("DATABASE_URL: Paydesk runs on PostgreSQL and SQLite")
if not SECRET_KEY:
    stops.insert(0, "SECRET_KEY: is empty; give it 50 or more random characters")
if TIME_ZONE not in zoneinfo.available_timezones():
    stops.append("PAYDESK_TIME_ZONE: is not a time zone such as Europe/Berlin")
if LANGUAGE_CODE not in dict(django.conf.global_settings.LANGUAGES):
    stops.append("PAYDESK_LANGUAGE: is not the code of a language that Django knows, such as de or pt-br")
try:
    # gunicorn.conf.py reads the same variable, for X-Forwarded-Proto. "*" would let anybody say who he is.
    TRUSTED_PROXIES = [ipaddress.ip_network(proxy.strip()) for proxy in proxies if proxy.strip()]
except ValueError:
    stops.append("PAYDESK_TRUSTED_PROXIES: takes addresses or networks, such as 10.0.0.7,10.1.0.0/16")
if not 0 <= EXPORT_AT_ONCE_ROWS <= 50_000:
    stops.append("PAYDESK_EXPORT_AT_ONCE_ROWS: takes a number of rows from 0 to 50000")
if not 1 <= KEEP_EXPORTS_HOURS <= 8_760:
    stops.append("PAYDESK_KEEP_EXPORTS_HOURS: takes a number of hours from 1 to 8760")
stops += [str(problem) for problem in retention_problems(kept_days)]
KEEP_PAYLOADS_DAYS, KEEP_VERSIONS_DAYS, KEEP_DELIVERIES_DAYS = kept_days.values()
if not 1 <= CALLS_A_SECOND <= MOST_CALLS:
    stops.append(f"PAYDESK_CALLS_A_SECOND: takes a number of calls from 1 to {MOST_CALLS}")
elif not 1 <= CALLS_A_SECOND_OF_ONE_ENDPOINT <= CALLS_A_SECOND:
    stops.append("PAYDESK_CALLS_A_SECOND_OF_ONE_ENDPOINT: takes a number from 1 to that of PAYDESK_CALLS_A_SECOND")
if TASKS_BACKEND not in TASK_BACKENDS:
    stops.append(f"TASKS_BACKEND: takes one of {', '.join(TASK_BACKENDS)}")
elif TASKS_BACKEND == "celery" and not importlib.util.find_spec("django_tasks_celery"):
    stops.append("TASKS_BACKEND: celery needs the package django-tasks-celery, which is not installed")
ALERT_EMAILS = [person.strip() for person in people if person.strip()]
if any(not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", each) for each in ALERT_EMAILS):
    stops.append("PAYDESK_ALERT_EMAILS: takes e-mail addresses, separated by commas")
elif ALERT_EMAILS and not mail["host"]:
    stops.append("EMAIL_HOST: is empty, and PAYDESK_ALERT_EMAILS asks for mail")
if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", DEFAULT_FROM_EMAIL):
    stops.append("PAYDESK_EMAIL_FROM: is not an e-mail address")
if mail["use_tls"] and mail["use_ssl"]:
    stops.append("EMAIL_USE_SSL: and EMAIL_USE_TLS exclude one another")
if not 0 < mail["port"] < 65536:
    stops.append("EMAIL_PORT: is not a port")
# The address itself is a secret: whoever knows it may write in the team's chat. `watch.ways` reads it when it is used.
ALERT_CHAT = bool(chat)
if not is_address(chat):
    stops.append("PAYDESK_ALERT_CHAT_URL: is not an address such as https://chat.example.com/hooks/...")
if not is_address(CONSOLE_URL):
    stops.append("PAYDESK_CONSOLE_URL: is not an address such as https://paydesk.example.com")
if not is_template(SUBSCRIBER_URL):
    stops.append("PAYDESK_SUBSCRIBER_URL: is not an address with {id} in it, such as https://example.com/users/{id}/")
if stops:
    stop(*stops)

# --- Django ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",  # before django.contrib.admin, whose templates it replaces
    "dashboard.apps.DashboardConfig",
    "finances.apps.FinancesConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "django_tasks_db",
    "djstripe",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dashboard.stripe_first.StripeFirstMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.one_language.OneLanguageMiddleware",
    "dashboard.viewer_times.ViewerTimesMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/console/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
USE_TZ = True
# One language for everybody: what workers write, reasons and incidents, is read by all of them.
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Manifest storage needs collectstatic; the demo serves straight from the sources.
WHITENOISE_USE_FINDERS = PAYDESK_DEMO or DEBUG
if not WHITENOISE_USE_FINDERS:
    STATIC_ROOT = BASE_DIR / "staticfiles"
    STORAGES = django.conf.global_settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }

# --- Database: a pool for PostgreSQL (a new connection for each webhook costs two thirds of the throughput) ----------
database = DATABASES["default"]
if database["ENGINE"].endswith("sqlite3"):
    Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    from finances.deadlines import Connection, look_at

    database["CONN_MAX_AGE"] = 0
    # All in seconds: a webhook is answered with 503 within 2 s of finding no database, not after the pool's 30.
    # Compiling a plan takes 100 ms and more, and every page here reads little: what is estimated dear ends early.
    # Nor has a disk an arm any more: with PostgreSQL's 4 for a page out of order it reads whole tables instead.
    database["OPTIONS"] = (
        {"options": "-c jit=off -c random_page_cost=1.1"}
        | database.get("OPTIONS", {})
        | {
            "pool": {
                "min_size": 1,
                "max_size": 20,
                "timeout": 1,
                # Or the pool would look for a database that was away only after pauses of up to minutes.
                "reconnect_timeout": 0,
                "connection_class": Connection,
                "check": look_at,  # a connection that died with the server is replaced, not handed out
            },
            "connect_timeout": 2,
            # How often a server-side statement is sent whole before the server keeps it: None, always.
            "prepare_threshold": 1 if PREPARED_STATEMENTS else None,
        }
    )

# --- Security -------------------------------------------------------------------------------------------------------
# unsafe-eval is Alpine's, which draws Unfold's shell; its CSP build breaks the screen. No inline script anywhere.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
    "frame-ancestors": ["'none'"],
}
https = not (PAYDESK_DEMO or DEBUG)  # the demo and a developer's machine have no certificate
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # seconds
SECURE_SSL_REDIRECT = https
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes

# SQLite leaves out an index's columns that are only carried along: they make counts cheap, nothing else.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

# --- Tasks ----------------------------------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": TASK_BACKENDS[TASKS_BACKEND], "QUEUES": []}}

# --- Mail, for alerts -------------------------------------------------------------------------------------------------
MAILERS = {"default": {"OPTIONS": mail | {"host": mail["host"] or "localhost"}}}

# --- Stripe. The keys stay in the environment: the gateway reads them for each call, dj-stripe gets none ------------
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPE_API_VERSION = PINNED_API_VERSION
# dj-stripe's migrations cost 76 s of CPU; a database that is thrown away gets its tables from the models instead.
if PAYDESK_DEMO:
    MIGRATION_MODULES = {"djstripe": None}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # stripe's own logger writes request parameters and answers
    "loggers": {
        "stripe": {"level": "CRITICAL"},
        "finances": {"level": "INFO"},
        "django.tasks": {"level": "WARNING"},
    },
}

# --- Unfold: the shell around every page ------------------------------------------------------------------------------
INDIGO = {
    "50": "oklch(96.2% .018 272.314)",
    "100": "oklch(93% .034 272.788)",
    "200": "oklch(87% .065 274.039)",
    "300": "oklch(78.5% .115 274.713)",
    "400": "oklch(72% .15 276)",
    # A lighter step than Tailwind's: Unfold writes the active sidebar item in it on dark; the usual one reaches 3.4.
    "500": "oklch(67% .17 277)",
    "600": "oklch(51.1% .262 276.966)",
    "700": "oklch(45.7% .24 277.023)",
    "800": "oklch(39.8% .195 277.366)",
    "900": "oklch(35.9% .144 278.697)",
    "950": "oklch(25.7% .09 281.288)",
}
UNFOLD = {
    "SITE_TITLE": "Paydesk",
    "SITE_HEADER": "Paydesk",
    "SITE_SUBHEADER": gettext_lazy("Stripe, as we know it"),
    "SITE_SYMBOL": "point_of_sale",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "dashboard.navigation.favicon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": INDIGO},
    "STYLES": ["dashboard.navigation.stylesheet"],
    "SCRIPTS": ["dashboard.navigation.script"],
    "ENVIRONMENT": "dashboard.navigation.environment",
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": "dashboard.navigation.sidebar"},
}
