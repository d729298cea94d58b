"""What a field for a product or a price offers to choose from."""

from typing import ClassVar

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.views import View

from dashboard.filters.catalogue import CatalogueField, PriceField, ProductField, called


class CatalogueNamesView(PermissionRequiredMixin, View):
    """Options, an id and what it is called each, like what stands in the field so far: `parameter`. One query."""

    raise_exception = True
    parameter: ClassVar[str]
    field: ClassVar[type[CatalogueField]]

    def get(self, request: HttpRequest) -> HttpResponse:
        typed = request.GET.get(self.parameter, "").replace("\x00", "").strip()[:255]
        options = ((each.id, called(each)) for each in self.field.like(typed))
        return HttpResponse(format_html_join("", '<option value="{}">{}</option>', options))


class ProductNamesView(CatalogueNamesView):
    permission_required = "paydesk.view_product"
    parameter, field = "product", ProductField


class PriceNamesView(CatalogueNamesView):
    permission_required = ("paydesk.view_product", "paydesk.view_price")
    parameter, field = "price", PriceField
