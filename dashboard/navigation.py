"""The console's map: its pages and the sidebar. Imports no models."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from unfold.dataclasses import SearchResult


class Place(NamedTuple):
    title: str
    icon: str
    url_name: str
    permission: str
    badge: str = ""


SIDEBAR = {
    "Desk": [
        Place("Overview", "space_dashboard", "console:overview", "paydesk.view_customer"),
        Place("Customers", "group", "console:customers", "paydesk.view_customer"),
        Place("Subscriptions", "autorenew", "console:subscriptions", "paydesk.view_subscription"),
        Place("Invoices", "receipt_long", "console:invoices", "paydesk.view_invoice"),
        Place("Payments", "payments", "console:payments", "paydesk.view_payment"),
        Place("Receivables", "account_balance", "console:receivables", "paydesk.view_invoice"),
        Place("Refunds", "undo", "console:refunds", "paydesk.view_refund"),
        Place("Disputes", "gavel", "console:disputes", "paydesk.view_dispute"),
        Place("Credit notes", "request_quote", "console:credit_notes", "paydesk.view_creditnote"),
        Place("Products", "inventory_2", "console:products", "paydesk.view_product"),
        Place("Discounts", "sell", "console:coupons", "paydesk.view_coupon"),
        Place("Exports", "download", "console:exports", "paydesk.export_lists"),
    ],
    "Stripe’s books": [
        Place("Payouts", "account_balance", "admin:paydesk_payout_changelist", "paydesk.view_payout"),
        Place(
            "Balance",
            "account_balance_wallet",
            "admin:paydesk_balancetransaction_changelist",
            "paydesk.view_balancetransaction",
        ),
        Place("Tax rates", "percent", "admin:paydesk_taxrate_changelist", "paydesk.view_taxrate"),
        Place(
            "Promotion codes",
            "confirmation_number",
            "admin:paydesk_promotioncode_changelist",
            "paydesk.view_promotioncode",
        ),
    ],
    "Stripe sync": [
        Place(
            "Webhooks",
            "webhook",
            "console:webhooks",
            "paydesk.view_delivery",
            badge="dashboard.templatetags.banners.quarantined_badge",
        ),
        Place("Sync health", "monitor_heart", "console:sync_health", "paydesk.view_delivery"),
        Place("Resyncs", "sync", "console:resyncs", "paydesk.view_resyncrun"),
        Place("Reconcile", "difference", "console:reconcile", "paydesk.view_resyncrun"),
    ],
    "Administration": [
        Place("Users", "badge", "admin:auth_user_changelist", "auth.view_user"),
        Place("Roles", "shield_person", "admin:auth_group_changelist", "auth.view_group"),
        Place("Audit trail", "history", "console:audit", "paydesk.view_auditentry"),
    ],
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's shape: the groups and items that this user may open. A badge is asked for when the sidebar is drawn."""
    groups: list[dict[str, Any]] = []
    for title, places in SIDEBAR.items():
        items = [
            {"title": place.title, "icon": place.icon, "link": link} | ({"badge": place.badge} if place.badge else {})
            for place in places
            if request.user.has_perm(place.permission) and (link := _link(place))
        ]
        groups.append({"title": title, "separator": bool(groups), "items": items})
    return groups


def environment(request: HttpRequest) -> tuple[str, str]:
    """The word in the top bar and its tone."""
    return ("Live mode", "neutral") if settings.STRIPE_LIVE_MODE else ("Test mode", "warning")


def stylesheet(request: HttpRequest) -> str:
    return static("dashboard/css/paydesk.css")


def favicon(request: HttpRequest) -> str:
    return static("dashboard/favicon.svg")


def script(request: HttpRequest) -> str:
    return static("dashboard/js/console.js")


def command_search(request: HttpRequest, term: str) -> list[SearchResult]:
    """Unfold's palette (Ctrl-K): one line that leads to the console's own search, which knows the rights."""
    address = reverse("console:go") + "?" + urlencode({"q": term})
    return [SearchResult(title=term, description="Search everything", link=address, icon="search")]


def _link(place: Place) -> str:
    try:
        return reverse(place.url_name)
    except NoReverseMatch:
        return ""
