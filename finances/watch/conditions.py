"""What of the facts is wrong, in a sentence each. Pure: facts in, sentences out.

A condition is told whether its incident is open, and ends later than it begins, so that none flaps. Sentences hold ids,
counts and spans of time; they go to pages, mail and chat.
"""

from collections.abc import Callable
from datetime import UTC, timedelta

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
BAD_SIGNATURES = ("wrong signature", "signed too long ago", "signed ahead of our clock")

ADVICE = {
    Kind.LAG: "Nothing is lost: what Stripe sends is kept, and processed once the workers come to it.",
    Kind.SILENCE: "If people are buying, look at the webhook endpoint in Stripe. What it missed comes by comparison.",
    Kind.QUARANTINE: "Each says why; mend the cause, then process them again. Other events go on.",
    Kind.NO_WEBHOOKS: "They are found minutes late by comparing with Stripe's list. Look at the webhook endpoint in "
    "Stripe: its address, whether it is enabled, and what it was answered.",
    Kind.GAP: "Stripe keeps events for 30 days only. Reading everything from Stripe closes the gap and changes nothing "
    "there.",
    Kind.WRONG_MODE: "They are kept and have no effect. The endpoint that sends them belongs to another deployment.",
    Kind.REFUSED: "Nothing of them is kept. Compare DJSTRIPE_WEBHOOK_SECRET with the endpoint's signing secret in "
    "Stripe, and this machine's clock with the time.",
    Kind.STRIPE: "Reading here works. Webhooks are kept, and processed once Stripe answers.",
}


def lag(facts: Facts, is_open: bool) -> str:
    behind = facts.lag.behind(facts.now)
    if behind is None or behind < (IN_TIME if is_open else LATE):
        return ""
    return f"What is shown is {span(behind)} behind Stripe: that long the oldest webhook waits to be processed."


def silence(facts: Facts, is_open: bool) -> str:
    if not facts.silence.is_unusual:
        # It ends with the next event: not because the weeks before were quiet later in the day too.
        return _nothing_came(facts) if is_open and facts.silence.before else ""
    one, two = facts.silence.before
    return (
        f"{_nothing_came(facts)} In the same span events came in {one} different minutes a week before, and in {two} "
        "two weeks before."
    )


def _nothing_came(facts: Facts) -> str:
    return f"No event has come from Stripe for {span(facts.silence.quiet)}."


def quarantine(facts: Facts, is_open: bool) -> str:
    if not facts.quarantined:
        return ""
    if facts.quarantined == 1:
        return "1 event is in quarantine and needs a person."
    return f"{count(facts.quarantined)} events are in quarantine and need a person."


def no_webhooks(facts: Facts, is_open: bool) -> str:
    if facts.no_webhooks_since is None:
        return ""
    return f"Events come without webhooks: Stripe has delivered none for {span(facts.now - facts.no_webhooks_since)}."


def gap(facts: Facts, is_open: bool) -> str:
    if facts.gap is None:
        return ""
    days = [f"{at.day} {at:%b %Y}" for at in (facts.gap.since.astimezone(UTC), facts.gap.until.astimezone(UTC))]
    return f"Stripe no longer has the events from {days[0]} to {days[1]}."


def wrong_mode(facts: Facts, is_open: bool) -> str:
    parts = [
        f"{facts.other_mode} of the other mode" if facts.other_mode else "",
        f"{facts.other_account} of another account" if facts.other_account else "",
    ]
    found = " and ".join(part for part in parts if part)
    return f"In the last hour events came that are not this deployment's: {found}." if found else ""


def refused(facts: Facts, is_open: bool) -> str:
    bad = {reason: facts.refused[reason] for reason in BAD_SIGNATURES if facts.refused.get(reason)}
    begins, goes_on = (MOST_REFUSED_BESIDE, FEW_REFUSED_BESIDE) if facts.taken else (MOST_REFUSED, 1)
    if sum(bad.values()) < (goes_on if is_open else begins):
        return ""
    reasons = ", ".join(f"{number} {reason}" for reason, number in bad.items())
    meanwhile = "Others were taken in meanwhile" if facts.taken else "No event was taken in meanwhile"
    return f"Posts to Stripe's address were refused in the last 15 min: {reasons}. {meanwhile}."


def stripe(facts: Facts, is_open: bool) -> str:
    return f"Stripe's list of events cannot be read. {facts.unread}" if facts.unread else ""


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
        return f"{minutes} min"
    hours = round(length / timedelta(hours=1))
    return f"{hours} h" if hours < 36 else f"{round(length / timedelta(days=1))} days"


def count(number: int, cap: int = 10_000) -> str:
    return f"more than {cap:,}" if number > cap else f"{number:,}"
