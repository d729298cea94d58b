"""Stripe's address, the machines' addresses, the console's pages, and what the admin adds below the same path."""

from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views import View
from django.views.generic import RedirectView

from dashboard.pages.customer import CustomerPage
from dashboard.pages.customers import CustomersPage
from dashboard.pages.delivery import DeliveryPage
from dashboard.pages.go import GoPage, palette
from dashboard.pages.health import healthz, readyz
from dashboard.pages.invoice import InvoicePage
from dashboard.pages.invoices import InvoicesPage
from dashboard.pages.overview import OverviewPage
from dashboard.pages.resync import ResyncPage
from dashboard.pages.resyncs import ResyncsPage
from dashboard.pages.subscription import SubscriptionPage
from dashboard.pages.subscriptions import SubscriptionsPage
from dashboard.pages.webhooks import WebhooksPage
from finances.webhooks.endpoint import stripe_webhook


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
    page("webhooks/", WebhooksPage, "webhooks"),
    page("webhooks/<str:event_id>/", DeliveryPage, "delivery"),
    page("resyncs/", ResyncsPage, "resyncs"),
    page("resyncs/<uuid:id>/", ResyncPage, "resync"),
    page("go/", GoPage, "go"),
    path("search/", admin.site.admin_view(palette), name="palette"),
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
