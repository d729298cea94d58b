"""Why Stripe did not give what was asked, in words for people. They name no key and repeat nothing that Stripe said."""


class StripeProblem(Exception):
    """Stripe did not give what was asked. `sentence` says what happened and `advice` what to do, for people.

    `code`: "429 lock_timeout req_…", HTTP's status with Stripe's code and request id, as far as there were any.
    """

    sentence = "Stripe did not answer as expected."
    advice = "Try again; if it stays, look at Stripe's status page."
    may_pass = False
    """Whether the same call may succeed later without anyone changing anything."""

    def __init__(self, sentence: str = "", advice: str = "", *, code: str = "") -> None:
        self.sentence = sentence or self.sentence
        self.advice = advice or self.advice
        self.code = code
        super().__init__(self.sentence)


class NoSuchObject(StripeProblem):
    """Stripe's own word that this account and mode have no such object, on a direct read. `other_mode`: "live" or
    "test", where it says that there is one."""

    advice = "Check the id, and that it belongs to this account and mode."
    other_mode = ""


class PlaceLost(StripeProblem):
    """The object that a list was to go on after is gone by now; begin the list anew."""

    sentence = "The list changed at Stripe while it was read."


class KeyRefused(StripeProblem):
    pass


class ScopeMissing(StripeProblem):
    """`type`: what the key may not read. `account_id`: whose key it is, where Stripe's refusal says so."""

    type = account_id = ""


class CallRefused(StripeProblem):
    pass


class RateLimited(StripeProblem):
    sentence = "Stripe's rate limit was reached, and stayed so through several tries."
    advice = "If it stays so, another application uses up the limit."
    may_pass = True


class StripeUnreachable(StripeProblem):
    sentence = "Stripe could not be reached."
    advice = "Check this machine's network and Stripe's status page, then try again."
    may_pass = True


class StripeFailed(StripeProblem):
    sentence = "Stripe answered with an error of its own, through several tries."
    advice = "Stripe's status page may say more."
    may_pass = True


class Stopped(StripeProblem):
    """Nothing went wrong: whoever works with the gateway asked to stop while it waited."""

    sentence = "The work was stopped while it waited for Stripe."
    may_pass = True
