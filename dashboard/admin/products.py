from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin
from finances.models import Product


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_title = "Products"
    list_display = ("name", "id", "active", "created_at")
    list_filter = ("active",)
    search_fields = ("name", "id")
    ordering = ("-created_at", "-id")
    fields = ("id", "name", "active", "created_at", "deleted_at", "livemode")
