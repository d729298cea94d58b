from collections.abc import Sequence
from datetime import datetime
from typing import override

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dashboard.filters.products import ProductsFilter
from dashboard.pages.list_page import ListPage
from dashboard.sheets.products import SHEET
from dashboard.tables.products import ShownProduct, shown_products
from finances.metrics.catalogue import use_of
from finances.models import Product
from finances.reads.products import newest_products, product_rows


class ProductsPage(ListPage[Product]):
    title = _("Products")
    template_name = "dashboard/pages/products.html"
    permission_required = "paydesk.view_product"
    filter_class = ProductsFilter
    sheet = SHEET
    resync_type = "product"
    search_hint = _("Name, id, or a price's nickname, lookup key or id")
    tabs = (("", _("Active")), ("archived", _("Archived")), ("all", _("All")))

    @override
    def rows(self) -> QuerySet[Product]:
        return newest_products()

    @override
    def shown(self, rows: list[Product], now: datetime) -> Sequence[ShownProduct]:
        return shown_products(product_rows(rows), use_of("product_id", [row.id for row in rows]))
