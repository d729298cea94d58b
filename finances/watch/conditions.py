"""What of the facts is wrong, in a sentence each. Pure: facts in, sentences out.

A condition is told whether its incident is open, and ends later than it begins, so that none flaps. Sentences hold ids,
counts and spans of time; they go to pages, mail and chat.
"""

from collections.abc import Callable
from datetime import UTC, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from finances.models import Incident
from finances.reads.sync_health import Facts

Kind = Incident.Kind

LATE, IN_TIME = timedelta(minutes=5), timedelta(minutes=1)
"""A lag of so much begins an incident; one below that ends it."""
MOST_REFUSED = 5
"""Posts with a signature that is not good, in a quarter of an hour, that begin an incident where no event was taken in
meanwhile: then the secret may be wrong. None at all ends it."""
MOST_REFUSED_BESIDE, FEW_REFUSED_BESIDE = 100, 20
"""The same where events are taken in: anybody can send bad posts, so a few of them are no news. Fewer end it."""
BAD_SIGNATURES = {
    "wrong signature": gettext_lazy("wrong signature"),
    "signed too long ago": gettext_lazy("signed too long ago"),
    "signed ahead of our clock": gettext_lazy("signed ahead of our clock"),
}

ADVICE = {
    Kind.LAG: gettext_lazy("Nothing is lost: what Stripe sends is kept, and processed once the workers come to it."),
    Kind.SILENCE: gettext_lazy(
        "If people are buying, look at the webhook endpoint in Stripe. What it missed comes by comparison."
    ),
    Kind.QUARANTINE: gettext_lazy("Each says why; mend the cause, then process them again. Other events go on."),
    Kind.NO_WEBHOOKS: gettext_lazy(
        "They are found minutes late by comparing with Stripe's list. Look at the webhook endpoint in "
        "Stripe: its address, whether it is enabled, and what it was answered."
    ),
    Kind.GAP: gettext_lazy(
        "Stripe keeps events for 30 days only. Reading everything from Stripe closes the gap and changes nothing there."
    ),
    Kind.WRONG_MODE: gettext_lazy(
        "They are kept and have no effect. The endpoint that sends them belongs to another deployment."
    ),
    Kind.REFUSED: gettext_lazy(
        "Nothing of them is kept. Compare DJSTRIPE_WEBHOOK_SECRET with the endpoint's signing secret in "
        "Stripe, and this machine's clock with the time."
    ),
    Kind.STRIPE: gettext_lazy("Reading here works. Webhooks are kept, and processed once Stripe answers."),
}


def lag(facts: Facts, is_open: bool) -> str:
    behind = facts.lag.behind(facts.now)
    if behind is None or behind < (IN_TIME if is_open else LATE):
        return ""
    said = _("What is shown is %(time)s behind Stripe: that long the oldest webhook waits to be processed.")
    return said % {"time": span(behind)}


def silence(facts: Facts, is_open: bool) -> str:
    if not facts.silence.is_unusual:
        # It ends with the next event: not because the weeks before were quiet later in the day too.
        return _nothing_came(facts) if is_open and facts.silence.before else ""
    one, two = facts.silence.before
    before = ngettext(
        "In the same span events came in %(one)s different minutes a week before, and in %(two)s two weeks before.",
        "In the same span events came in %(one)s different minutes a week before, and in %(two)s two weeks before.",
        one,
    )
    return f"{_nothing_came(facts)} {before % {'one': one, 'two': two}}"


def _nothing_came(facts: Facts) -> str:
    return _("No event has come from Stripe for %(time)s.") % {"time": span(facts.silence.quiet)}


def quarantine(facts: Facts, is_open: bool) -> str:
    if not facts.quarantined:
        return ""
    said = ngettext(
        "%(events)s event is in quarantine and needs a person.",
        "%(events)s events are in quarantine and need a person.",
        facts.quarantined,
    )
    return said % {"events": count(facts.quarantined)}


def no_webhooks(facts: Facts, is_open: bool) -> str:
    if facts.no_webhooks_since is None:
        return ""
    said = _("Events come without webhooks: Stripe has delivered none for %(time)s.")
    return said % {"time": span(facts.now - facts.no_webhooks_since)}


def gap(facts: Facts, is_open: bool) -> str:
    if facts.gap is None:
        return ""
    first, last = (date_format(at.astimezone(UTC), "j M Y") for at in (facts.gap.since, facts.gap.until))
    return _("Stripe no longer has the events from %(first)s to %(last)s.") % {"first": first, "last": last}


def wrong_mode(facts: Facts, is_open: bool) -> str:
    if facts.other_mode and facts.other_account:
        said = _(
            "In the last hour events came that are not this deployment's: %(mode)s of the other mode and "
            "%(account)s of another account."
        )
    elif facts.other_mode:
        said = _("In the last hour events came that are not this deployment's: %(mode)s of the other mode.")
    elif facts.other_account:
        said = _("In the last hour events came that are not this deployment's: %(account)s of another account.")
    else:
        return ""
    return said % {"mode": facts.other_mode, "account": facts.other_account}


def refused(facts: Facts, is_open: bool) -> str:
    bad = {reason: facts.refused[reason] for reason in BAD_SIGNATURES if facts.refused.get(reason)}
    begins, goes_on = (MOST_REFUSED_BESIDE, FEW_REFUSED_BESIDE) if facts.taken else (MOST_REFUSED, 1)
    if sum(bad.values()) < (goes_on if is_open else begins):
        return ""
    said = _("Posts to Stripe's address were refused in the last 15 min: %(reasons)s. No event was taken in meanwhile.")
    if facts.taken:
        said = _(
            "Posts to Stripe's address were refused in the last 15 min: %(reasons)s. Others were taken in meanwhile."
        )
    return said % {"reasons": ", ".join(f"{number} {BAD_SIGNATURES[reason]}" for reason, number in bad.items())}


def stripe(facts: Facts, is_open: bool) -> str:
    return " ".join((_("Stripe's list of events cannot be read."), facts.unread)) if facts.unread else ""


CONDITIONS: dict[Incident.Kind, Callable[[Facts, bool], str]] = {
    Kind.GAP: gap,
    Kind.LAG: lag,
    Kind.STRIPE: stripe,
    Kind.NO_WEBHOOKS: no_webhooks,
    Kind.SILENCE: silence,
    Kind.REFUSED: refused,
    Kind.WRONG_MODE: wrong_mode,
    Kind.QUARANTINE: quarantine,
}
"""The gravest first: pages name them in this order."""


def span(length: timedelta) -> str:
    """`4 min`, `3 h`, `8 days`: whole, and small enough a unit to be worth reading."""
    minutes = max(1, round(length / timedelta(minutes=1)))
    if minutes < 90:
        return _("%(number)s min") % {"number": minutes}
    hours = round(length / timedelta(hours=1))
    if hours < 36:
        return _("%(number)s h") % {"number": hours}
    days = round(length / timedelta(days=1))
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def count(number: int, cap: int = 10_000) -> str:
    return _("more than %(count)s") % {"count": f"{cap:,}"} if number > cap else f"{number:,}"
