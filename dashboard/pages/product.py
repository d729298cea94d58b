from typing import Any, override

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboard.pages.shell import Crumb, Page
from dashboard.tables import products as table
from dashboard.tables.timeline import days_of
from finances.metrics.catalogue import use_of
from finances.models import Product
from finances.reads.freshness import freshness
from finances.reads.product import product_page


class ProductPage(Page):
    template_name = "dashboard/pages/product.html"
    permission_required = ("paydesk.view_product", "paydesk.view_price")

    @override
    def crumbs(self) -> list[Crumb]:
        return [(_("Products"), reverse("console:products")), (self.title, None)]

    @override
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product_id = self.kwargs["id"]
        try:
            page = product_page(product_id)
        except Product.DoesNotExist as error:
            raise Http404(f"No product {product_id} is stored here.") from error
        self.title = table.title(page.product)
        whole = use_of("product_id", [product_id]).get(product_id, table.NOT_USED)
        uses = use_of("price_id", [row.price.id for row in page.prices])
        return super().get_context_data(**kwargs) | {
            "page": page,
            "product": page.product,
            "seen_at": freshness("product", [product_id]).get(product_id),
            "use": table.shown_use(whole),
            "prices": table.shown_prices(page.prices, uses, page.details.default_price_id),
            "active_prices": sum(row.price.active for row in page.prices),
            "timeline": days_of(page.timeline, timezone.now()),
        }
