from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    label = "paydesk_console"
    verbose_name = _("Console")

    def ready(self) -> None:
        from dashboard.pages import exported_lists
        from dashboard.permissions import put_roles_in_place
        from dashboard.trail import access
        from finances.exports import making

        access.watch()
        making.made_by(exported_lists.make)
        post_migrate.connect(put_roles_in_place, dispatch_uid="paydesk roles")
