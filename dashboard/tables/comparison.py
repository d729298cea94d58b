"""What a comparison with Stripe found, in words: each field on both sides, what it means, and why it matters."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.formatting import capped, whole_number
from dashboard.tables.differences import Difference, difference_rows
from dashboard.tables.payload import SECRETS, meaning
from finances.models import ResyncFinding, ResyncRun
from finances.reads.comparison import Comparison, Event, Found
from finances.resync.comparing import COUNTERS, LINKS
from finances.resync.targets import target_of

Json = dict[str, Any]
Kind = ResyncFinding.Kind

NOWHERE_ELSE = "No list and no sum uses it."
WHOLLY_KNOWN = ("customer", "payment_method", "subscription", "invoice", "payment_intent", "charge")
"""Types of which every field that a list or a sum uses is named below."""
COLUMN = "Lists and sums read this column."

OF_ALL = {
    "created": "Its place in lists and months.",
    "currency": "In which currency sums count it.",
    "customer": "Whose it is.",
    "deleted": "Whether it is still there.",
    "status": "Its status in lists and counts.",
}
WHY: dict[str, dict[str, str]] = {
    "customer": {
        "email": "Search by the e-mail, and what lists show.",
        "name": "Search by the name, and what lists show.",
        "phone": "The number on the customer’s page.",
        "balance": "Their credit or debt with you.",
        "delinquent": "Whether they count as behind with paying.",
        "currency": "In which currency they are billed.",
        "address": "Their country in lists; the address on their page.",
        "invoice_settings.default_payment_method": "Which method is shown as their default.",
        "default_source": "Which method is shown as their default.",
        "discount": "The monthly value of their subscriptions.",
    },
    "payment_method": {
        "card": "Brand, digits and expiry in the list of methods.",
        "sepa_debit": "Bank and digits in the list of methods.",
        "us_bank_account": "Bank and digits in the list of methods.",
        "type": "How it is called in lists.",
    },
    "subscription": {
        "status": "Whether it counts as active; MRR and subscribers.",
        "items": "Plan, quantity, period and monthly value.",
        "discounts": "Its monthly value.",
        "discount": "Its monthly value.",
        "currency": "In which currency MRR counts it.",
        "cancel_at": "Whether and when access ends.",
        "cancel_at_period_end": "Whether and when access ends.",
        "canceled_at": "When it was cancelled: churn.",
        "ended_at": "When it ended: churn and MRR.",
        "trial_end": "From when it counts as paying.",
        "start_date": "From when it counts as paying.",
        "current_period_end": "When it renews.",
        "pause_collection": "Whether its invoices are collected.",
        "collection_method": "Whether it is charged or invoiced.",
        "default_payment_method": "Which method is charged.",
        "default_source": "Which method is charged.",
        "cancellation_details": "Why it was cancelled.",
    },
    "invoice": {
        "status": "Whether it counts as open, paid or lost.",
        "total": "The amount in lists; revenue.",
        "total_taxes": "Its tax.",
        "total_discount_amounts": "Its discount.",
        "amount_due": "What is owed.",
        "amount_paid": "What was paid; revenue.",
        "amount_remaining": "What is still owed: receivables.",
        "due_date": "From when it is late.",
        "number": "Search by the number, and what lists show.",
        "lines": "What was sold, on the invoice’s page.",
        "next_payment_attempt": "When Stripe tries again.",
        "attempt_count": "How often Stripe has tried.",
        "status_transitions": "When it was finalized and paid: revenue by month.",
        "payments": "Which payments belong to it.",
        "customer_name": "Search by the name.",
        "customer_email": "Search by the e-mail.",
        "parent": "Which subscription it bills.",
        "collection_method": "Whether it is charged or sent.",
        "billing_reason": "Why it was made.",
    },
    "payment_intent": {
        "status": "Whether the payment went through.",
        "amount": "The amount in lists.",
        "amount_received": "What came in.",
        "canceled_at": "When it was given up.",
        "last_payment_error": "Why it failed.",
        "latest_charge": "Which attempt counts.",
        "payment_method": "Which method was charged.",
        "description": "What lists call it.",
    },
    "charge": {
        "status": "Whether this attempt went through.",
        "amount": "The amount of the attempt.",
        "amount_captured": "What was taken.",
        "amount_refunded": "What was given back.",
        "refunded": "Whether all of it was given back.",
        "disputed": "Whether a dispute is open or was.",
        "payment_intent": "Which payment it is an attempt of.",
        "payment_method": "Which method was charged.",
        "balance_transaction": "Its fee, and when the money comes.",
        "failure_code": "Why it failed.",
        "outcome": "Why it failed, and the risk that Stripe saw.",
        "payment_method_details": "Brand, digits and expiry of the card.",
    },
    "price": {
        "unit_amount": "The monthly value of what is sold at it.",
        "unit_amount_decimal": "The monthly value of what is sold at it.",
        "tiers": "The monthly value of what is sold at it.",
        "currency_options": "The monthly value of what is sold at it.",
        "recurring": "How often it is billed: the monthly value.",
        "active": "Whether it is still sold.",
        "nickname": "What lists call it.",
        "product": "What is sold at it.",
    },
    "product": {"name": "What lists call it.", "active": "Whether it is still sold."},
    "refund": {"status": "Whether the money went back.", "amount": "How much went back."},
    "dispute": {
        "status": "Whether it waits for an answer.",
        "amount": "How much is disputed.",
        "evidence_details": "Until when it has to be answered.",
    },
}
"""Of the fields that lists, sums and pages use, by type: what is wrong here while they differ."""

NAMES = ("name", "number", "email", "code")

WHOLE = {
    Kind.NEW: "It is missing in lists and sums here.",
    Kind.GONE: "Stripe has it no more; lists and sums here still count it.",
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
            why=WHOLE.get(Kind(each.finding.kind), ""),
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
        why=why or (NOWHERE_ELSE if object_type in WHOLLY_KNOWN else ""),
        used=bool(why),
        secret=key in SECRETS,
    )


def why_it_matters(object_type: str, field: str) -> str:
    """Empty for a field that nothing but the object's own page shows, if that."""
    if field[:1].isupper():  # of the read model's row, not of Stripe's answer
        return COLUMN
    known = OF_ALL | WHY.get(object_type, {})
    parts = re.split(r"[.\[]", field)
    paths = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((known[path] for path in paths if path in known), "")


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
    take = ""
    if open_groups:
        fields = found.open_count == len(open_groups) and all(g.finding.kind == Kind.CHANGED for g in open_groups)
        take = _many(field_count(open_groups), "field") if fields else _many(found.open_count, "object")
    badge, tone = "", ""
    if take:
        badge, tone = f"{take} {'differs' if take.startswith('1 ') else 'differ'}", "warning"
    elif found.count:
        over = all(each.found.taken_over for each in shown)
        badge, tone = ("Taken over", "positive") if over else ("Compared again since", "neutral")
    elif run.state == ResyncRun.State.COMPLETE:
        badge, tone = "The same", "positive"
    return Summary(badge, tone, f"Take over {take} from Stripe" if take else "", equal(run), run.done)


def _many(count: int, noun: str) -> str:
    return f"{capped(count)} {noun}{'' if count == 1 else 's'}"


def without_an_address(count: int) -> str:
    """Of what differs and has no id by which Stripe gives it."""
    if count == 1:
        return (
            "Stripe gives one object only with its customer: it was not taken over, a resync of the customer reads it."
        )
    return (
        f"Stripe gives {whole_number(count)} objects only with their customers: they were not taken over, "
        "a resync of the customers reads them."
    )
