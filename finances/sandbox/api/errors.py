"""Stripe's error answers, in Stripe's words."""

from __future__ import annotations

from finances.sandbox.engine.store import Object

HELP = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."


class StripeError(Exception):
    """Becomes the answer `{"error": {...}}`. `retry_after` in seconds goes into the header of that name."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.error: Object = {"message": message, "type": kind}
        if code:
            self.error = {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
            self.error |= {"message": message, "type": kind}
        if param:
            self.error["param"] = param


def no_such(noun: str, object_id: str, param: str = "id", other_mode: str = "") -> StripeError:
    """404 for the object that was asked for, 400 for one that a parameter names. `other_mode` is the one in which
    there is such an object: test or live."""
    message = f"No such {noun}: '{object_id}'"
    if other_mode:
        used = "live" if other_mode == "test" else "test"
        message += (
            f"; a similar object exists in {other_mode} mode, but a {used} mode key was used to make this request."
        )
    return StripeError(404 if param == "id" else 400, message, "resource_missing", param)


def unknown_address(method: str, path: str) -> StripeError:
    return StripeError(404, f"Unrecognized request URL ({method}: {path}). {HELP}")


def unknown_parameters(names: list[str]) -> StripeError:
    word = "parameter" if len(names) == 1 else "parameters"
    return StripeError(400, f"Received unknown {word}: {', '.join(names)}", "parameter_unknown", names[0])


def missing_parameter(name: str) -> StripeError:
    return StripeError(400, f"Missing required param: {name}.", "parameter_missing", name)


def bad_integer(name: str, value: str) -> StripeError:
    return StripeError(400, f"Invalid integer: {value}", "parameter_invalid_integer", name)


def empty_parameter(name: str) -> StripeError:
    return StripeError(
        400,
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        "parameter_invalid_empty",
        name,
    )


def bad_limit(message: str) -> StripeError:
    return StripeError(400, message, "parameter_invalid_integer", "limit")


def wrong_form(name: str, form: str) -> StripeError:
    """`form` array or object: what a plain value was given for."""
    return StripeError(400, f"Invalid {form}", None, name)


def bad_flag(name: str, value: str) -> StripeError:
    return StripeError(400, f"Invalid boolean: {value}", None, name)


def both_cursors() -> StripeError:
    return StripeError(400, "Received both starting_after and ending_before parameters. Please pass in only one.")


def only_one_of(*names: str) -> StripeError:
    return StripeError(400, f"You may only specify one of these parameters: {', '.join(names)}.", None, names[0])


def bad_choice(name: str, choices: tuple[str, ...]) -> StripeError:
    listed = ", ".join(choices[:-1]) + (f", or {choices[-1]}" if len(choices) > 1 else choices[-1])
    return StripeError(400, f"Invalid {name}: must be one of {listed}", None, name)


def no_key() -> StripeError:
    return StripeError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for "
        "details, or we can help at https://support.stripe.com/.",
    )


def bad_key(key: str) -> StripeError:
    return StripeError(401, f"Invalid API Key provided: {masked(key)}")


def expired_key(key: str) -> StripeError:
    return StripeError(401, f"Expired API Key provided: {masked(key)}", "api_key_expired")


def not_permitted(key: str, account_id: str, scope: str) -> StripeError:
    return StripeError(
        403,
        f"The provided key '{masked(key)}' does not have the required permissions for this endpoint on account "
        f"'{account_id}'. Having the 'rak_{scope}_read' permission would allow this request to continue.",
    )


def masked(key: str) -> str:
    """The prefix and the last four characters; a star for each one between, as Stripe does."""
    prefix = next((each for each in ("sk_test_", "rk_test_", "sk_live_", "rk_live_") if key.startswith(each)), "")
    secret = key[len(prefix) :]
    shown = secret[-4:] if len(secret) > 4 else ""
    return f"{prefix}{'*' * (len(secret) - len(shown))}{shown}"


def cannot_expand(path: str, hint: str | None = None) -> StripeError:
    message = f"This property cannot be expanded ({path})."
    return StripeError(400, f"{message} You may want to try expanding '{hint}' instead." if hint else message)


def too_deep(path: str) -> StripeError:
    message = f"You cannot expand more than 4 levels of a property. Property: {path}"
    return StripeError(400, message, "property_expansion_max_depth")


def no_access(key: str, account_id: str) -> StripeError:
    return StripeError(
        403,
        f"The provided key '{masked(key)}' does not have access to account '{account_id}' (or that account does not "
        "exist). Application access may have been revoked.",
        "account_invalid",
    )


def rate_limited(retry_after: int | None) -> StripeError:
    return StripeError(
        429,
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        "rate_limit",
        retry_after=retry_after,
    )


def lock_timeout() -> StripeError:
    return StripeError(
        429,
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently and "
        "are making multiple concurrent requests to a single object, make your requests serially or at a lower rate. "
        "For more details, see https://stripe.com/docs/rate-limits#object-lock-timeouts.",
        "lock_timeout",
    )


def server_error() -> StripeError:
    return StripeError(
        500,
        "An unknown error occurred. If you have any questions, we can help at https://support.stripe.com/.",
        kind="api_error",
    )
