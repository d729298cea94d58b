from django.contrib import admin

from dashboard.admin.read_only import ReadOnlyAdmin
from finances.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "target")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("target", "action")
    ordering = ("-at", "-id")
    fields = ("at", "actor", "action", "target", "detail")
