"""The only importer of `stripe`: raw answers of its API, at the pinned version, GET only.

Raw, because stripe-python's converted objects change what Stripe said (decimals) and cost a millisecond each. Keys come
from the environment for each call and are in no exception, log or row: ours are made from Stripe's codes, since its own
messages repeat parts of the key.
"""

import json
import math
import os
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast
from urllib.parse import quote

import stripe
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stripe._api_version import _ApiVersion

from finances import nouns, rate_budget
from finances.configuration import PINNED_API_VERSION
from finances.rate_budget import Priority
from finances.stripe_problems import (
    CallRefused,
    KeyRefused,
    NoSuchObject,
    PlaceLost,
    RateLimited,
    ScopeMissing,
    Stopped,
    StripeFailed,
    StripeUnreachable,
)

Json = dict[str, Any]

PATHS = {
    "account": "/v1/accounts",
    "balance_transaction": "/v1/balance_transactions",
    "charge": "/v1/charges",
    "coupon": "/v1/coupons",
    "credit_note": "/v1/credit_notes",
    "customer": "/v1/customers",
    "dispute": "/v1/disputes",
    "event": "/v1/events",
    "invoice": "/v1/invoices",
    "invoice_payment": "/v1/invoice_payments",
    "payment_intent": "/v1/payment_intents",
    "payment_method": "/v1/payment_methods",
    "payout": "/v1/payouts",
    "price": "/v1/prices",
    "product": "/v1/products",
    "promotion_code": "/v1/promotion_codes",
    "refund": "/v1/refunds",
    "setup_intent": "/v1/setup_intents",
    "subscription": "/v1/subscriptions",
    "subscription_schedule": "/v1/subscription_schedules",
    "tax_rate": "/v1/tax_rates",
}

# What Stripe leaves out unless asked. The stored JSON of a type is Stripe's answer under exactly this.
EXPANSIONS: dict[str, tuple[str, ...]] = {
    "coupon": ("applies_to", "currency_options"),
    "invoice": ("payments", "discounts"),
    "price": ("tiers", "currency_options"),
    "subscription": ("discounts", "items.data.discounts"),
}

# What Stripe's lists leave out unless asked: ended subscriptions.
WHOLE: dict[str, Json] = {"subscription": {"status": "all"}}

# Listed by creation, whosever they are. A payment method is listed for one customer at a time.
LISTED_BY_CREATION = PATHS.keys() - {"account", "event", "payment_method"}

TIMEOUTS = (5, 20)  # seconds, to connect and to read
TRIES = 5
LONGEST_PAUSE = 8.0  # seconds
BEAT = 10.0  # seconds
LOOK = 1.0  # seconds of waiting between two looks at whether to stop


class Page(NamedTuple):
    """`nameless`: what came in the list without an id, and is given with an empty one; no list goes on after it."""

    objects: list[Json]
    has_more: bool
    nameless: Sequence[Json] = ()


def calls_a_second() -> int:
    """What of Stripe's limit is ours: other applications need the rest of it."""
    return rate_budget.limit_of(rate_budget.ALL)


def key_variable() -> str:
    """The name of the environment's variable whose key is in use, for messages."""
    return "STRIPE_LIVE_SECRET_KEY" if settings.STRIPE_LIVE_MODE else "STRIPE_TEST_SECRET_KEY"


def sdk_version() -> tuple[str, str]:
    """The installed library's version, and the API version that it would ask for by itself. We ask for ours."""
    return stripe.VERSION, _ApiVersion.CURRENT


class Unread(dict[str, str]):
    """The headers of a good answer, and with them its `body`, which stripe-python has not seen."""

    body: bytes


class HttpClient(stripe.RequestsClient):
    """Hands a good answer around stripe-python, which would read it into ordered dictionaries and format it for a log
    that nobody keeps: twice the time that reading it once takes. What is an error to it, it reads itself."""

    def request(self, *of: Any, **options: Any) -> tuple[Any, int, Mapping[str, str]]:
        body, status, answered = super().request(*of, **options)
        if not 200 <= status < 300:
            return body, status, answered
        unread = Unread(answered)
        unread.body = body
        return b"null", status, unread


# One client of HTTP for the process keeps its connections alive, a session a thread.
_http = HttpClient(timeout=TIMEOUTS)


class Gateway:
    """Calls to Stripe, each when the rate budget has room for it. One instance a piece of work.

    `calls`: so many were made, tries included; `slowed`: of these, so many that Stripe answered with 429; `waited`:
    seconds, for the budget, for what Stripe asked for, between tries, and for a Stripe that is down.

    `priority`: who goes first. While Stripe is down, BULK waits until it is back, as long as that takes; the others
    are told at once, by StripeUnreachable.

    `beat` is called every ten seconds or so while calls and pauses take their time: whoever holds a lease renews it
    there, so that a slow Stripe does not look like a dead worker. `stop` is asked each second of waiting, and where it
    is true, Stopped is raised, with nothing left half done. A call that is under way is not cut off: Stripe has 20 s.
    """

    def __init__(
        self,
        *,
        tries: int = TRIES,
        beat: Callable[[], object] = lambda: None,
        priority: Priority = Priority.EVENTS,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.calls = self.slowed = 0
        self.waited = 0.0
        self._tries = tries
        self._beat = beat
        self._priority = priority
        self._stop = stop
        self._beaten = self._looked = time.monotonic()

    def retrieve(self, type: str, object_id: str) -> Json:
        """One object as Stripe answers it under the type's expansion. Raises NoSuchObject and other StripeProblems."""
        expand = EXPANSIONS.get(type, ())
        # Ids come out of events and forms: quoted, so that none can lead to another address.
        path = f"{PATHS[type]}/{quote(object_id, safe='')}"
        if not object_id.strip("."):
            raise NoSuchObject(_("Stripe has no such %(thing)s.") % {"thing": nouns.one(type)})
        return self._get(path, {"expand": list(expand)} if expand else {}, type, lambda it: it.get("id") == object_id)

    def account(self) -> Json:
        """The account that the key belongs to."""
        return self._get("/v1/account", {}, "account", lambda it: it.get("object") == "account" and "id" in it)

    def page(self, type: str, *, after: str = "", limit: int = 100, **filters: Any) -> Page:
        """A page of a list, newest first as Stripe gives it; `after` is the last id of the page before.

        Of everything that there is: what Stripe leaves out unless asked is asked for, unless `filters` say otherwise.
        """
        filters = WHOLE.get(type, {}) | filters
        if expand := EXPANSIONS.get(type):
            filters["expand"] = [f"data.{name}" for name in expand]
        return self._page(PATHS[type], type, after, limit, filters)

    def part(self, type: str, object_id: str, part: str, *, after: str = "", limit: int = 100) -> Page:
        """A page of what hangs on one object and has no list of its own, such as an invoice's `lines`."""
        page = self._page(f"{PATHS[type]}/{quote(object_id, safe='')}/{part}", type, after, limit, {})
        if page.nameless:  # the object without one of its parts would be a false one
            raise StripeFailed
        return page

    def _page(self, path: str, type: str, after: str, limit: int, filters: Json) -> Page:
        parameters: dict[str, Any] = {"limit": limit, **filters}
        if after:
            parameters["starting_after"] = after
        answer = self._get(path, parameters, type, _is_list)
        nameless = [it | {"id": ""} for it in answer["data"] if not _has_id(it)]
        return Page([it for it in answer["data"] if _has_id(it)], answer["has_more"], nameless)

    def _get(self, path: str, parameters: Json, type: str, is_right: Callable[[Json], bool]) -> Json:
        endpoint = "/".join(path.split("/")[:3])
        left = self._tries
        while True:
            is_probe = self._wait_for_its_turn(endpoint)
            if not (is_probe and self._priority is Priority.BULK):  # such work waits for Stripe, however long
                left -= 1
            growing = min(LONGEST_PAUSE, 0.25 * 2 ** (self._tries - left))
            pause = growing * random.uniform(0.5, 1)
            try:
                answer = self._call_and_tell(path, parameters, is_probe)
                if isinstance(answer, dict) and is_right(answer):
                    return answer
                if not left:  # a proxy's page, a cut answer: anything but what was asked for
                    raise StripeFailed
            except stripe.RateLimitError as error:
                self.slowed += 1
                asked = _retry_after(error)
                if asked and (scope := _limited(error, endpoint)):
                    rate_budget.pause(scope, asked)
                if not left:
                    raise RateLimited(code=_code(error)) from None
                pause = asked + growing * random.uniform(0, 1)
            except stripe.AuthenticationError as error:
                raise KeyRefused(
                    _("Stripe refuses the key in %(variable)s.") % {"variable": key_variable()},
                    _("Put a valid secret or restricted key into %(variable)s and start Paydesk anew.")
                    % {"variable": key_variable()},
                    code=_code(error),
                ) from None
            except stripe.PermissionError as error:
                missing = ScopeMissing(
                    _("The key in %(variable)s may not read %(things)s.")
                    % {"variable": key_variable(), "things": nouns.many(type)},
                    _("Give the restricted key read access to %(things)s in Stripe's dashboard.")
                    % {"things": nouns.many(type)},
                    code=_code(error),
                )
                missing.type, missing.account_id = type, _named_account(error)
                raise missing from None
            except stripe.InvalidRequestError as error:
                if error.code == "resource_missing" and error.param == "starting_after":
                    raise PlaceLost(code=_code(error)) from None
                # A list that is filtered by something gone: nothing can hang on it.
                filtered_by_it = error.param in parameters
                if error.code == "resource_missing" and (error.http_status == 404 or filtered_by_it):
                    raise _no_such(type, error) from None
                raise CallRefused(
                    _("Stripe refused the call with HTTP %(status)s (%(code)s).")
                    % {"status": error.http_status, "code": _stripes_code(error) or _("no code")},
                    _("Look at the run's or delivery's id in the log; the call itself may be wrong."),
                    code=_code(error),
                ) from None
            except stripe.APIConnectionError:
                if not left:
                    raise StripeUnreachable from None
            except (stripe.StripeError, ValueError, AttributeError, TypeError, KeyError) as error:
                # Not only its own errors: stripe-python trips over an error body that is not Stripe's.
                if not left:
                    raise StripeFailed(code=_code(error)) from None
            self._wait(pause)

    def _wait_for_its_turn(self, endpoint: str) -> bool:
        """Returns when the call may be made: whether it is the one that finds out if Stripe is back."""
        while (turn := rate_budget.take(endpoint, self._priority)).wait:
            if turn.down and self._priority is not Priority.BULK:
                seconds = math.ceil(turn.down)
                raise StripeUnreachable(
                    _("Stripe did not answer the last calls; Paydesk tries it again in %(seconds)s s.")
                    % {"seconds": seconds}
                )
            self._wait(turn.wait)
        return turn.is_probe

    def _call_and_tell(self, path: str, parameters: Json, is_probe: bool) -> Any:
        """One call; whether Stripe answered is told to all."""
        try:
            answer = self._call(path, parameters)
        except Exception as error:
            status = getattr(error, "http_status", None)
            if status and status < 500:
                rate_budget.answered(is_probe=is_probe)
            else:
                rate_budget.failed(is_probe=is_probe)
            raise
        rate_budget.answered(is_probe=is_probe)
        return answer

    def _wait(self, seconds: float) -> None:
        while seconds > 0:
            if time.monotonic() - self._looked >= LOOK:
                self._looked = time.monotonic()
                if self._stop():
                    raise Stopped
            span = min(seconds, LOOK)
            time.sleep(span)
            seconds -= span
            self.waited += span
            self._live()

    def _live(self) -> None:
        if time.monotonic() - self._beaten >= BEAT:
            self._beaten = time.monotonic()
            self._beat()

    def _call(self, path: str, parameters: Json) -> Any:
        self.calls += 1
        self._live()
        client = stripe.StripeClient(
            os.environ.get(key_variable(), ""),
            stripe_version=PINNED_API_VERSION,
            base_addresses={"api": settings.STRIPE_API_BASE} if settings.STRIPE_API_BASE else {},
            max_network_retries=0,  # retries are here, where 429 and cut answers are retried too
            http_client=_http,
        )
        answer = client.raw_request("get", path, **parameters)
        return json.loads(cast(Unread, answer.headers).body)


def _is_list(answer: Json) -> bool:
    """A page that says there is more, and not after what, is none: to take it for the end would lose the rest."""
    objects = answer.get("data")
    return (
        isinstance(objects, list)
        and isinstance(answer.get("has_more"), bool)
        and all(isinstance(it, dict) for it in objects)
        and (not answer["has_more"] or any(map(_has_id, objects)))
    )


def _has_id(it: Json) -> bool:
    return isinstance(it.get("id"), str) and it["id"] != ""


def _code(error: Exception) -> str:
    """What of an error may stand in a log. Each part has to look like what it is: a body can say anything, and what
    looks like a key is left out whatever field it came in."""
    if not isinstance(error, stripe.StripeError):
        return ""
    status, request = str(error.http_status or ""), str(error.request_id or "")
    request = request if re.fullmatch(r"req_[A-Za-z0-9]{1,40}", request) else ""
    return " ".join(part for part in (status, _stripes_code(error), request) if part)


def _stripes_code(error: stripe.StripeError) -> str:
    # stripe-python gives a rate limit's error no `code`, so it is read where it stands.
    body = error.json_body.get("error") if isinstance(error.json_body, dict) else None
    code = str((body.get("code") if isinstance(body, dict) else None) or "")
    return code if re.fullmatch(r"(?![srp]k_|whsec_)[a-z][a-z_]{1,59}", code) else ""


OF_OTHER_MODE = {
    "live": (
        gettext_lazy("This %(thing)s is of live mode; Paydesk reads test mode."),
        gettext_lazy("Look it up in a Paydesk of live mode; nothing of it is kept in this one."),
    ),
    "test": (
        gettext_lazy("This %(thing)s is of test mode; Paydesk reads live mode."),
        gettext_lazy("Look it up in a Paydesk of test mode; nothing of it is kept in this one."),
    ),
}


def _no_such(type: str, error: stripe.StripeError) -> NoSuchObject:
    noun = {"thing": nouns.one(type)}
    other = re.search(r"; a similar object exists in (live|test) mode", _message(error))
    if not other:
        return NoSuchObject(_("Stripe has no such %(thing)s.") % noun, code=_code(error))
    sentence, advice = OF_OTHER_MODE[other[1]]
    problem = NoSuchObject(str(sentence) % noun, str(advice), code=_code(error))
    problem.other_mode = other[1]
    return problem


def _message(error: stripe.StripeError) -> str:
    """To be searched, never to be kept: Stripe's messages repeat parts of the key."""
    body = error.json_body.get("error") if isinstance(error.json_body, dict) else None
    return str((body.get("message") if isinstance(body, dict) else None) or "")


def _named_account(error: stripe.StripeError) -> str:
    """Of "... required permissions for this endpoint on account 'acct_...'"."""
    named = re.search(r"endpoint on account '(acct_[A-Za-z0-9]{1,64})'", _message(error))
    return named[1] if named else ""


def _retry_after(error: stripe.StripeError) -> float:
    """Seconds that Stripe asks to wait; 0 when it does not say. Never more than a minute."""
    try:
        return max(0.0, min(60.0, float((error.headers or {}).get("Retry-After", 0))))
    except ValueError:
        return 0.0


def _limited(error: stripe.StripeError, endpoint: str) -> str:
    """The scope of the budget that a 429 is about; empty where it is about one object, which others may be using."""
    reason = str((error.headers or {}).get("Stripe-Rate-Limited-Reason", ""))
    if reason == "resource-specific" or _stripes_code(error) == "lock_timeout":
        return ""
    return endpoint if reason.startswith("endpoint") else rate_budget.ALL
