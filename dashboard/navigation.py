"""The console's map: its pages and the sidebar. Imports no models."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.formatting import Text


class Place(NamedTuple):
    title: Text
    icon: str
    url_name: str
    permission: str
    badge: str = ""


SIDEBAR = {
    gettext_lazy("Desk"): [
        Place(gettext_lazy("Overview"), "space_dashboard", "console:overview", "paydesk.view_customer"),
        Place(gettext_lazy("Customers"), "group", "console:customers", "paydesk.view_customer"),
        Place(gettext_lazy("Subscriptions"), "autorenew", "console:subscriptions", "paydesk.view_subscription"),
        Place(gettext_lazy("Invoices"), "receipt_long", "console:invoices", "paydesk.view_invoice"),
        Place(gettext_lazy("Payments"), "payments", "console:payments", "paydesk.view_payment"),
        Place(gettext_lazy("Receivables"), "account_balance", "console:receivables", "paydesk.view_invoice"),
        Place(gettext_lazy("Refunds"), "undo", "console:refunds", "paydesk.view_refund"),
        Place(gettext_lazy("Disputes"), "gavel", "console:disputes", "paydesk.view_dispute"),
        Place(gettext_lazy("Credit notes"), "request_quote", "console:credit_notes", "paydesk.view_creditnote"),
        Place(gettext_lazy("Products"), "inventory_2", "console:products", "paydesk.view_product"),
        Place(gettext_lazy("Discounts"), "sell", "console:coupons", "paydesk.view_coupon"),
        Place(gettext_lazy("Exports"), "download", "console:exports", "paydesk.export_lists"),
    ],
    gettext_lazy("Stripe’s books"): [
        Place(gettext_lazy("Payouts"), "account_balance", "admin:paydesk_payout_changelist", "paydesk.view_payout"),
        Place(
            gettext_lazy("Balance"),
            "account_balance_wallet",
            "admin:paydesk_balancetransaction_changelist",
            "paydesk.view_balancetransaction",
        ),
        Place(gettext_lazy("Tax rates"), "percent", "admin:paydesk_taxrate_changelist", "paydesk.view_taxrate"),
        Place(
            gettext_lazy("Promotion codes"),
            "confirmation_number",
            "admin:paydesk_promotioncode_changelist",
            "paydesk.view_promotioncode",
        ),
    ],
    gettext_lazy("Stripe sync"): [
        Place(
            gettext_lazy("Webhooks"),
            "webhook",
            "console:webhooks",
            "paydesk.view_delivery",
            badge="dashboard.templatetags.banners.quarantined_badge",
        ),
        Place(gettext_lazy("Sync health"), "monitor_heart", "console:sync_health", "paydesk.view_delivery"),
        Place(gettext_lazy("Resyncs"), "sync", "console:resyncs", "paydesk.view_resyncrun"),
        Place(gettext_lazy("Reconcile"), "difference", "console:reconcile", "paydesk.view_resyncrun"),
    ],
    gettext_lazy("Administration"): [
        Place(gettext_lazy("Users"), "badge", "admin:auth_user_changelist", "auth.view_user"),
        Place(gettext_lazy("Roles"), "shield_person", "admin:auth_group_changelist", "auth.view_group"),
        Place(gettext_lazy("Audit trail"), "history", "console:audit", "paydesk.view_auditentry"),
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
    return (_("Live mode"), "neutral") if settings.STRIPE_LIVE_MODE else (_("Test mode"), "warning")


def stylesheet(request: HttpRequest) -> str:
    return static("dashboard/css/paydesk.css")


def favicon(request: HttpRequest) -> str:
    return static("dashboard/favicon.svg")


def script(request: HttpRequest) -> str:
    return static("dashboard/js/console.js")


def _link(place: Place) -> str:
    try:
        return reverse(place.url_name)
    except NoReverseMatch:
        return ""
