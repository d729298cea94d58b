"""What a comparison with Stripe found, in words: each field on both sides, what it means, and why it matters."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dashboard.formatting import Text, capped, whole_number
from dashboard.tables.differences import Difference, difference_rows
from dashboard.tables.payload import SECRETS, meaning
from finances.models import ResyncFinding, ResyncRun
from finances.reads.comparison import Comparison, Event, Found
from finances.resync.comparing import COUNTERS, LINKS
from finances.resync.targets import target_of

Json = dict[str, Any]
Kind = ResyncFinding.Kind

NOWHERE_ELSE = gettext_lazy("No list and no sum uses it.")
WHOLLY_KNOWN = ("customer", "payment_method", "subscription", "invoice", "payment_intent", "charge")
"""Types of which every field that a list or a sum uses is named below."""
COLUMN = gettext_lazy("Lists and sums read this column.")

OF_ALL: dict[str, Text] = {
    "created": gettext_lazy("Its place in lists and months."),
    "currency": gettext_lazy("In which currency sums count it."),
    "customer": gettext_lazy("Whose it is."),
    "deleted": gettext_lazy("Whether it is still there."),
    "status": gettext_lazy("Its status in lists and counts."),
}
WHY: dict[str, dict[str, Text]] = {
    "customer": {
        "email": gettext_lazy("Search by the e-mail, and what lists show."),
        "name": gettext_lazy("Search by the name, and what lists show."),
        "phone": gettext_lazy("The number on the customer’s page."),
        "balance": gettext_lazy("Their credit or debt with you."),
        "delinquent": gettext_lazy("Whether they count as behind with paying."),
        "currency": gettext_lazy("In which currency they are billed."),
        "address": gettext_lazy("Their country in lists; the address on their page."),
        "invoice_settings.default_payment_method": gettext_lazy("Which method is shown as their default."),
        "default_source": gettext_lazy("Which method is shown as their default."),
        "discount": gettext_lazy("The monthly value of their subscriptions."),
    },
    "payment_method": {
        "card": gettext_lazy("Brand, digits and expiry in the list of methods."),
        "sepa_debit": gettext_lazy("Bank and digits in the list of methods."),
        "us_bank_account": gettext_lazy("Bank and digits in the list of methods."),
        "type": gettext_lazy("How it is called in lists."),
    },
    "subscription": {
        "status": gettext_lazy("Whether it counts as active; MRR and subscribers."),
        "items": gettext_lazy("Plan, quantity, period and monthly value."),
        "discounts": gettext_lazy("Its monthly value."),
        "discount": gettext_lazy("Its monthly value."),
        "currency": gettext_lazy("In which currency MRR counts it."),
        "cancel_at": gettext_lazy("Whether and when access ends."),
        "cancel_at_period_end": gettext_lazy("Whether and when access ends."),
        "canceled_at": gettext_lazy("When it was cancelled: churn."),
        "ended_at": gettext_lazy("When it ended: churn and MRR."),
        "trial_end": gettext_lazy("From when it counts as paying."),
        "start_date": gettext_lazy("From when it counts as paying."),
        "current_period_end": gettext_lazy("When it renews."),
        "pause_collection": gettext_lazy("Whether its invoices are collected."),
        "collection_method": gettext_lazy("Whether it is charged or invoiced."),
        "default_payment_method": gettext_lazy("Which method is charged."),
        "default_source": gettext_lazy("Which method is charged."),
        "cancellation_details": gettext_lazy("Why it was cancelled."),
    },
    "invoice": {
        "status": gettext_lazy("Whether it counts as open, paid or lost."),
        "total": gettext_lazy("The amount in lists; revenue."),
        "total_taxes": gettext_lazy("Its tax."),
        "total_discount_amounts": gettext_lazy("Its discount."),
        "amount_due": gettext_lazy("What is owed."),
        "amount_paid": gettext_lazy("What was paid; revenue."),
        "amount_remaining": gettext_lazy("What is still owed: receivables."),
        "due_date": gettext_lazy("From when it is late."),
        "number": gettext_lazy("Search by the number, and what lists show."),
        "lines": gettext_lazy("What was sold, on the invoice’s page."),
        "next_payment_attempt": gettext_lazy("When Stripe tries again."),
        "attempt_count": gettext_lazy("How often Stripe has tried."),
        "status_transitions": gettext_lazy("When it was finalized and paid: revenue by month."),
        "payments": gettext_lazy("Which payments belong to it."),
        "customer_name": gettext_lazy("Search by the name."),
        "customer_email": gettext_lazy("Search by the e-mail."),
        "parent": gettext_lazy("Which subscription it bills."),
        "collection_method": gettext_lazy("Whether it is charged or sent."),
        "billing_reason": gettext_lazy("Why it was made."),
    },
    "payment_intent": {
        "status": gettext_lazy("Whether the payment went through."),
        "amount": gettext_lazy("The amount in lists."),
        "amount_received": gettext_lazy("What came in."),
        "canceled_at": gettext_lazy("When it was given up."),
        "last_payment_error": gettext_lazy("Why it failed."),
        "latest_charge": gettext_lazy("Which attempt counts."),
        "payment_method": gettext_lazy("Which method was charged."),
        "description": gettext_lazy("What lists call it."),
    },
    "charge": {
        "status": gettext_lazy("Whether this attempt went through."),
        "amount": gettext_lazy("The amount of the attempt."),
        "amount_captured": gettext_lazy("What was taken."),
        "amount_refunded": gettext_lazy("What was given back."),
        "refunded": gettext_lazy("Whether all of it was given back."),
        "disputed": gettext_lazy("Whether a dispute is open or was."),
        "payment_intent": gettext_lazy("Which payment it is an attempt of."),
        "payment_method": gettext_lazy("Which method was charged."),
        "balance_transaction": gettext_lazy("Its fee, and when the money comes."),
        "failure_code": gettext_lazy("Why it failed."),
        "outcome": gettext_lazy("Why it failed, and the risk that Stripe saw."),
        "payment_method_details": gettext_lazy("Brand, digits and expiry of the card."),
    },
    "price": {
        "unit_amount": gettext_lazy("The monthly value of what is sold at it."),
        "unit_amount_decimal": gettext_lazy("The monthly value of what is sold at it."),
        "tiers": gettext_lazy("The monthly value of what is sold at it."),
        "currency_options": gettext_lazy("The monthly value of what is sold at it."),
        "recurring": gettext_lazy("How often it is billed: the monthly value."),
        "active": gettext_lazy("Whether it is still sold."),
        "nickname": gettext_lazy("What lists call it."),
        "product": gettext_lazy("What is sold at it."),
    },
    "product": {"name": gettext_lazy("What lists call it."), "active": gettext_lazy("Whether it is still sold.")},
    "refund": {"status": gettext_lazy("Whether the money went back."), "amount": gettext_lazy("How much went back.")},
    "dispute": {
        "status": gettext_lazy("Whether it waits for an answer."),
        "amount": gettext_lazy("How much is disputed."),
        "evidence_details": gettext_lazy("Until when it has to be answered."),
    },
}
"""Of the fields that lists, sums and pages use, by type: what is wrong here while they differ."""

NAMES = ("name", "number", "email", "code")

WHOLE = {
    Kind.NEW: gettext_lazy("It is missing in lists and sums here."),
    Kind.GONE: gettext_lazy("Stripe has it no more; lists and sums here still count it."),
}


class Line(NamedTuple):
    """`before_means` and `after_means`: an amount or a time in words, else empty. `used`: a list, sum or page uses it.
    `secret`: the values are not shown."""

    difference: Difference
    before_means: str
    after_means: str
    why: str
    used: bool
    secret: bool


@dataclass(frozen=True)
class Group:
    """One object. `target`: what reads it anew, empty where that cannot be done for it alone. `lines`: of one that only
    one side has, what tells which it is; `called`: the same in a word or two. `why`: of the whole object."""

    found: Found
    lines: list[Line]
    why: str
    target: str
    called: str = ""

    @property
    def finding(self) -> ResyncFinding:
        return self.found.finding

    @property
    def event(self) -> Event | None:
        return self.found.event


def groups(found: Iterable[Found]) -> list[Group]:
    return [
        Group(
            found=each,
            lines=lines(each.finding.object_type, each.finding.differences),
            why=str(WHOLE.get(Kind(each.finding.kind), "")),
            target=target_of(each.finding.object_type, each.finding.object_id),
            called=called(each.finding) if each.finding.kind == Kind.NEW else "",
        )
        for each in found
    ]


def called(finding: ResyncFinding) -> str:
    """`Mastercard 5100`, a name, a number; empty where nothing tells."""
    told = {each["field"]: str(each["after"]) for each in finding.differences if each.get("after") is not None}
    card = " ".join(told[name] for name in ("card.brand", "card.last4") if name in told)
    return card.capitalize() or next((told[name] for name in NAMES if name in told), "")


def lines(object_type: str, differences: list[Json]) -> list[Line]:
    pairs = zip(difference_rows(differences), differences, strict=True)
    return [_line(object_type, row, difference) for row, difference in pairs]


def _line(object_type: str, row: Difference, difference: Json) -> Line:
    key = re.split(r"[.\[]", row.field)[-1].rstrip("]") if row.field else ""
    currency = str(difference.get("currency", ""))
    why = why_it_matters(object_type, row.field)
    return Line(
        difference=row,
        before_means=meaning(key, difference.get("before"), currency),
        after_means=meaning(key, difference.get("after"), currency),
        why=why or (str(NOWHERE_ELSE) if object_type in WHOLLY_KNOWN else ""),
        used=bool(why),
        secret=key in SECRETS,
    )


def why_it_matters(object_type: str, field: str) -> str:
    """Empty for a field that nothing but the object's own page shows, if that."""
    if field[:1].isupper():  # of the read model's row, not of Stripe's answer
        return str(COLUMN)
    known = OF_ALL | WHY.get(object_type, {})
    parts = re.split(r"[.\[]", field)
    paths = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return str(next((known[path] for path in paths if path in known), ""))


def field_count(groups: Iterable[Group]) -> int:
    """Of objects that differ; one that only one side has counts as one."""
    return sum(len(each.lines) if each.finding.kind == Kind.CHANGED else 1 for each in groups)


SIGNED = sorted(field for fields in LINKS.values() for field in fields)
COUNTED = sorted(field for fields in COUNTERS.values() for field in fields)
"""Left out of every comparison: see `finances.resync.comparing`."""


def equal(run: ResyncRun) -> int:
    return max(0, run.done - run.changed - run.new - run.gone)


@dataclass(frozen=True)
class Summary:
    """`badge` and `tone`: what came of it in two words. `take`: the verb of the button that takes everything over,
    empty where there is nothing left. `equal` of `compared` objects are the same."""

    badge: str
    tone: str
    take: str
    equal: int
    compared: int


def summary(run: ResyncRun, found: Comparison, shown: list[Group]) -> Summary:
    open_groups = [each for each in shown if each.found.is_open]
    badge, tone, take = "", "", ""
    if open_groups:
        tone = "warning"
        if found.open_count == len(open_groups) and all(g.finding.kind == Kind.CHANGED for g in open_groups):
            count = field_count(open_groups)
            badge = ngettext("%(count)s field differs", "%(count)s fields differ", count)
            take = ngettext("Take over %(count)s field from Stripe", "Take over %(count)s fields from Stripe", count)
        else:
            count = found.open_count
            badge = ngettext("%(count)s object differs", "%(count)s objects differ", count)
            take = ngettext("Take over %(count)s object from Stripe", "Take over %(count)s objects from Stripe", count)
        badge, take = badge % {"count": capped(count)}, take % {"count": capped(count)}
    elif found.count:
        over = all(each.found.taken_over for each in shown)
        badge, tone = (_("Taken over"), "positive") if over else (_("Compared again since"), "neutral")
    elif run.state == ResyncRun.State.COMPLETE:
        badge, tone = _("The same"), "positive"
    return Summary(badge, tone, take, equal(run), run.done)


def without_an_address(count: int) -> str:
    """Of what differs and has no id by which Stripe gives it."""
    return ngettext(
        "Stripe gives one object only with its customer: it was not taken over, a resync of the customer reads it.",
        "Stripe gives %(count)s objects only with their customers: they were not taken over, a resync of the customers "
        "reads them.",
        count,
    ) % {"count": whole_number(count)}
