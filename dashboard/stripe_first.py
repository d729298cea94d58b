from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from finances.webhooks.endpoint import stripe_webhook


class StripeFirstMiddleware:
    """Stripe's address is answered before what only people need: sessions, cookies, their zone, a policy for browsers.

    At a hundred deliveries a second these would be a fifth of the answer. It stands behind SecurityMiddleware, so that
    TLS is asked for here too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._address = reverse("stripe_webhook")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info != self._address:
            return self.get_response(request)
        request.get_host()  # a forged one is refused here as everywhere
        return stripe_webhook(request)
