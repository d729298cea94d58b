from django.contrib import admin

from dashboard import formatting
from dashboard.admin.read_only import ReadOnlyAdmin
from finances.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_title = "Audit trail"
    list_display = ("exactly_at", "actor", "action", "target")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("target", "action")
    ordering = ("-at", "-id")
    fields = ("exactly_at", "actor", "action", "target", "detail")

    @admin.display(description="At", ordering="at")
    def exactly_at(self, entry: AuditEntry) -> str:
        return formatting.exact(entry.at)
