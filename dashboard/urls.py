"""Stripe's address, the machines' addresses, the console's pages, and what the admin adds below the same path."""

import base64
import re

from django.contrib import admin
from django.urls import URLPattern, include, path, register_converter
from django.views import View
from django.views.generic import RedirectView

from dashboard.pages.audit import AuditPage
from dashboard.pages.catalogue_names import PriceNamesView, ProductNamesView
from dashboard.pages.catch_up import CatchUpPage
from dashboard.pages.compare import ComparisonPage, ReconcilePage
from dashboard.pages.coupon import CouponPage
from dashboard.pages.coupons import CouponsPage
from dashboard.pages.credit_notes import CreditNotesPage
from dashboard.pages.customer import CustomerPage
from dashboard.pages.customers import CustomersPage
from dashboard.pages.delivery import DeliveryPage
from dashboard.pages.dispute import DisputePage
from dashboard.pages.disputes import DisputesPage
from dashboard.pages.exports import ExportPage, ExportsPage
from dashboard.pages.go import GoPage
from dashboard.pages.health import healthz, readyz
from dashboard.pages.invoice import InvoicePage
from dashboard.pages.invoices import InvoicesPage
from dashboard.pages.note import NotePage, NotesView
from dashboard.pages.overview import OverviewPage
from dashboard.pages.payment import PaymentPage
from dashboard.pages.payments import PaymentsPage
from dashboard.pages.product import ProductPage
from dashboard.pages.products import ProductsPage
from dashboard.pages.read_anew import ReadAnewPage
from dashboard.pages.receivables import ReceivablesPage
from dashboard.pages.refunds import RefundsPage
from dashboard.pages.replay import ReplayPage
from dashboard.pages.replays import ReplaysPage
from dashboard.pages.resync import ResyncPage
from dashboard.pages.resync_plan import ComparisonPlanPage, ResyncPlanPage
from dashboard.pages.resyncs import ResyncsPage
from dashboard.pages.saved_views import SavedViewPage, SavedViewsPage
from dashboard.pages.subscription import SubscriptionPage
from dashboard.pages.subscriptions import SubscriptionsPage
from dashboard.pages.sync_health import SyncHealthPage
from dashboard.pages.times import TimesView
from dashboard.pages.webhooks import WebhooksPage
from finances.webhooks.endpoint import stripe_webhook


class AnyId:
    """The id of a product or a coupon, which is whatever somebody typed: `Spring / 50 %?`, or `..`.

    A plain one stands in the address as it is. One that browsers and proxies would change on its way (they take `..`
    and `//` away) is written as `~` and base64url.
    """

    regex = ".+"
    plain = re.compile(r"[^~/\\.\s][^/\\]*")

    def to_python(self, value: str) -> str:
        if not value.startswith("~"):
            return value
        try:
            return base64.urlsafe_b64decode(value[1:] + "=" * (-len(value[1:]) % 4)).decode()
        except ValueError:
            return value

    def to_url(self, value: str) -> str:
        if self.plain.fullmatch(value) and value.isprintable():
            return value
        return "~" + base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


register_converter(AnyId, "any_id")


def page(route: str, view: type[View], name: str) -> URLPattern:
    """A page for people who are logged in as staff; what more it takes, the page itself asks."""
    return path(route, admin.site.admin_view(view.as_view()), name=name)


pages = [
    page("", OverviewPage, "overview"),
    page("customers/", CustomersPage, "customers"),
    page("customers/<str:id>/", CustomerPage, "customer"),
    page("subscriptions/", SubscriptionsPage, "subscriptions"),
    page("subscriptions/<str:id>/", SubscriptionPage, "subscription"),
    page("invoices/", InvoicesPage, "invoices"),
    page("invoices/<str:id>/", InvoicePage, "invoice"),
    page("payments/", PaymentsPage, "payments"),
    page("payments/<str:id>/", PaymentPage, "payment"),
    page("refunds/", RefundsPage, "refunds"),
    page("disputes/", DisputesPage, "disputes"),
    page("disputes/<str:id>/", DisputePage, "dispute"),
    page("credit-notes/", CreditNotesPage, "credit_notes"),
    page("receivables/", ReceivablesPage, "receivables"),
    page("products/", ProductsPage, "products"),
    page("products/<any_id:id>/", ProductPage, "product"),
    page("names/products/", ProductNamesView, "product_names"),
    page("names/prices/", PriceNamesView, "price_names"),
    page("discounts/", CouponsPage, "coupons"),
    page("discounts/<any_id:id>/", CouponPage, "coupon"),
    page("webhooks/", WebhooksPage, "webhooks"),
    page("webhooks/replays/", ReplaysPage, "replays"),
    page("webhooks/replays/<uuid:id>/", ReplayPage, "replay"),
    page("webhooks/catch-up/", CatchUpPage, "catch_up"),
    page("webhooks/<str:event_id>/", DeliveryPage, "delivery"),
    page("sync-health/", SyncHealthPage, "sync_health"),
    page("resyncs/", ResyncsPage, "resyncs"),
    page("resyncs/plan/", ResyncPlanPage, "resync_plan"),
    page("resyncs/<uuid:id>/", ResyncPage, "resync"),
    page("reconcile/", ReconcilePage, "reconcile"),
    page("reconcile/plan/", ComparisonPlanPage, "comparison_plan"),
    page("reconcile/<uuid:id>/", ComparisonPage, "comparison"),
    page("exports/", ExportsPage, "exports"),
    page("exports/<uuid:id>/", ExportPage, "export"),
    page("views/", SavedViewsPage, "saved_views"),
    page("views/<int:id>/", SavedViewPage, "saved_view"),
    page("notes/", NotesView, "notes"),
    page("notes/<int:id>/", NotePage, "note"),
    page("read-anew/", ReadAnewPage, "read_anew"),
    page("times/", TimesView, "times"),
    page("audit/", AuditPage, "audit"),
    page("go/", GoPage, "go"),
    # Of Unfold's palette, to which nothing leads here: its site has the address, and answers some pages with an error.
    path("search/", admin.site.admin_view(RedirectView.as_view(pattern_name="console:go"))),
]
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/finances/stripe/webhook/", stripe_webhook, name="stripe_webhook"),
    path("console/", include((pages, "console"))),
    path("console/", admin.site.urls),
]
handler403 = "dashboard.pages.errors.forbidden"
handler404 = "dashboard.pages.errors.not_found"
