from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "dashboard"
    label = "paydesk_console"
    verbose_name = "Console"

    def ready(self) -> None:
        from dashboard.permissions import put_roles_in_place
        from dashboard.trail import access

        access.watch()
        post_migrate.connect(put_roles_in_place, dispatch_uid="paydesk roles")
