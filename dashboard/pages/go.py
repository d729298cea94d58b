"""The search box: straight to what a text names exactly, else what holds its words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.filters import search_text
from dashboard.filters.words import NotAsked, Words
from dashboard.formatting import Text
from dashboard.pages.exported_lists import LISTS
from dashboard.pages.shell import Page
from dashboard.tables.credit_notes import shown_credit_notes
from dashboard.tables.customers import shown_customers
from dashboard.tables.payment_methods import name as method_name
from dashboard.tables.payments import shown_payments
from dashboard.tables.subscriptions import shown_subscriptions
from dashboard.trail import looked_at
from finances.mirror import type_of_id
from finances.reads.customers import customer_rows
from finances.reads.go import Hits, exact, hits
from finances.reads.whose import OtherName, customers_by_other_names

PAGE_OF = {
    "customer": "console:customer",
    "subscription": "console:subscription",
    "invoice": "console:invoice",
    "payment": "console:payment",
    "dispute": "console:dispute",
    "delivery": "console:delivery",
    "resyncrun": "console:resync",
    "creditnote": "admin:paydesk_creditnote_change",
    "product": "console:product",
    "coupon": "console:coupon",
    "payout": "admin:paydesk_payout_change",
    "balancetransaction": "admin:paydesk_balancetransaction_change",
    "promotioncode": "admin:paydesk_promotioncode_change",
    "taxrate": "admin:paydesk_taxrate_change",
}
LISTED = ("customer", "subscription", "invoice", "creditnote", "payment")
LONGEST = 200


class ListLink(NamedTuple):
    """To a list with conditions."""

    title: Text
    address: str


class GoPage(Page):
    """GET /console/go/?q=: what a role may not see is neither led to nor listed, as if it were not there."""

    title = gettext_lazy("Search")
    template_name = "dashboard/pages/go.html"
    permission_required = "paydesk.view_customer"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:LONGEST]
        if not words:
            return back(request)
        looked_at.searched(request, _("Everything"), words)
        named = exact(words)
        if named and not request.user.has_perm(f"paydesk.view_{named.kind}"):
            named = None
        if named and named.page_id:
            return redirect(PAGE_OF[named.page], named.page_id)
        context = self.get_context_data(search_words=words, unknown=named)
        if only := only_user(words, context["hits"], [each for each, _card in context["others"]]):
            return redirect("console:customer", only)
        return self.render_to_response(context)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = frozenset(kind for kind in LISTED if self.request.user.has_perm(f"paydesk.view_{kind}"))
        others = customers_by_other_names(kwargs["search_words"]) if "customer" in kinds else []
        now = timezone.now()
        found = hits(kwargs["search_words"], kinds, now, others={each.customer.pk for each in others})
        known = {each.pk for each in found.customers}
        unknown = kwargs["unknown"]
        return super().get_context_data(**kwargs) | {
            "hits": found,
            "customers": shown_customers(customer_rows(found.customers), now),
            "subscriptions": shown_subscriptions(found.subscriptions),
            "credit_notes": shown_credit_notes(found.credit_notes),
            "payments": shown_payments(found.payments),
            "others": [
                (each, method_name(each.method) if each.method else "")
                for each in others
                if each.customer.pk not in known or not each.until
            ],
            "subscriber_name": settings.SUBSCRIBER_NAME,
            "unknown_can_be_read": unknown is not None and type_of_id(unknown.id) is not None,
            "lists": [] if found or others else self.lists_that_take(kwargs["search_words"]),
            "unheard_of": [] if found or others else unheard_of(kwargs["search_words"]),
        }

    def lists_that_take(self, words: str) -> list[ListLink]:
        """The lists that know every term of the text, `status:past_due`, and that this role may open."""
        if not search_text.read(words).terms:
            return []
        typed = QueryDict(mutable=True)
        typed["q"] = words
        links = []
        for name, page in LISTS.items():
            if self.request.user.has_perm(page.permission_required):
                meant = page.filter_class.meant(typed)
                shown = page()
                shown.setup(self.request)
                if not any(shown.filters_of(meant, timezone.now()).left_out()):
                    links.append(ListLink(page.title, f"{reverse(f'console:{name}')}?{meant.urlencode()}"))
        return links


def unheard_of(text: str) -> list[str]:
    """Of each term that no list knows, a sentence with the nearest word."""
    every = Words({name: each for page in LISTS.values() for name, each in page.filter_class.base_filters.items()})
    found = []
    for term in search_text.read(text).terms:
        try:
            every.name_of(term)
        except NotAsked as sentence:
            if term.name != search_text.METADATA:
                found.append(str(sentence))
    return found


def only_user(text: str, found: Hits, others: Sequence[OtherName]) -> str:
    """The id of the customer that the application's user of this number is, where the digits are nothing else's."""
    elsewhere = found.invoices or found.credit_notes or found.payments
    if not text.isdigit() or len(others) != 1 or not others[0].is_user or elsewhere:
        return ""
    theirs = others[0].customer.pk
    holding = {each.pk for each in found.customers} | {row.subscription.customer_id for row in found.subscriptions}
    return theirs if holding <= {theirs} else ""


def back(request: HttpRequest) -> HttpResponseRedirect:
    came_from = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(came_from if safe else reverse("admin:index"))
