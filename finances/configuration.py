"""What the environment may say about Stripe, checked before anything starts.

Pure: no Django, no network. `dashboard.settings` stops the start with these problems, `doctor` repeats what held.
A problem names the variable and never its value, since the value may be a key.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

PINNED_API_VERSION = "2026-05-27.dahlia"

OUR_CALLS = {"test": (15, 15), "live": (40, 20)}
"""Calls a second by mode, in all and of one endpoint, unless the environment says otherwise. Stripe allows 25 and 25 in
test mode, 100 and 25 in live mode, to all applications of the account together."""
MOST_CALLS = 10_000


KEPT_DAYS = {
    "PAYDESK_KEEP_PAYLOADS_DAYS": (90, 1),
    "PAYDESK_KEEP_VERSIONS_DAYS": (1095, 30),
    "PAYDESK_KEEP_DELIVERIES_DAYS": (0, 45),
}
"""For how many days what is kept, unless the environment says otherwise, and how few it may be; 0 is for ever.

What of a webhook stays when its payload goes, its id, type and hash, is kept for ever unless somebody asks otherwise;
and for longer than Stripe's list of events reaches back, 30 days: or a comparison with it would take it for missed.
"""
MOST_DAYS = 36_500


class Problem(NamedTuple):
    variable: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.variable}: {self.sentence}"


def _secret_key_problem(variable: str, value: str, mode: str) -> Problem | None:
    if re.fullmatch(rf"(sk|rk)_{mode}_[A-Za-z0-9_]+", value):
        return None
    other = "live" if mode == "test" else "test"
    if re.match(rf"(sk|rk|pk)_{other}_", value):
        return Problem(variable, f"holds a {other}-mode key; it takes a {mode}-mode one (sk_{mode}_ or rk_{mode}_)")
    if value.startswith("pk_"):
        return Problem(
            variable, f"holds a publishable key; it takes a secret or restricted one (sk_{mode}_, rk_{mode}_)"
        )
    return Problem(variable, f"is not a Stripe key; it takes one that begins with sk_{mode}_ or rk_{mode}_")


def retention_problems(kept: Mapping[str, int]) -> list[Problem]:
    """`kept`: days by variable."""
    return [
        Problem(variable, f"takes a number of days from {least} to {MOST_DAYS}, or 0 to keep for ever")
        for variable, (_, least) in KEPT_DAYS.items()
        if kept[variable] and not least <= kept[variable] <= MOST_DAYS
    ]


def problems(environment: Mapping[str, str], *, live: bool, local_api_allowed: bool) -> list[Problem]:
    """Everything that is wrong, in the order in which one would mend it; empty when the start may go on."""
    found: list[Problem | None] = []
    for mode in ("live", "test"):
        variable = f"STRIPE_{mode.upper()}_SECRET_KEY"
        value = environment.get(variable, "")
        if value:
            found.append(_secret_key_problem(variable, value, mode))
        elif live == (mode == "live"):
            found.append(Problem(variable, f"is empty, and STRIPE_LIVE_MODE asks for {mode} mode"))

    for variable in ("DJSTRIPE_WEBHOOK_SECRET", "DJSTRIPE_WEBHOOK_SECRET_PREVIOUS"):
        value = environment.get(variable, "")
        if not value and variable == "DJSTRIPE_WEBHOOK_SECRET":
            found.append(Problem(variable, "is empty: without it no webhook can be verified"))
        elif value and not re.fullmatch(r"whsec_\S{6,}", value):
            found.append(Problem(variable, "is not a signing secret; Stripe's begin with whsec_ and go on"))

    publishable = environment.get("VITE_STRIPE_PUBLISHABLE_KEY", "")
    mode = "live" if live else "test"
    if publishable and not publishable.startswith(f"pk_{mode}_"):
        found.append(
            Problem(
                "VITE_STRIPE_PUBLISHABLE_KEY", f"does not begin with pk_{mode}_, but this deployment is in {mode} mode"
            )
        )

    base = environment.get("STRIPE_API_BASE", "")
    if base and not local_api_allowed:
        found.append(Problem("STRIPE_API_BASE", "may be set only in the demo or with DEBUG"))
    elif base and not re.match(r"https?://\w", base):
        found.append(Problem("STRIPE_API_BASE", "is not an address such as http://127.0.0.1:12111"))
    return [problem for problem in found if problem]
