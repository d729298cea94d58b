"""The three roles and what each may do. Put in place after every migration, so the code is the truth."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

NOUNS = (
    "customer",
    "subscription",
    "invoice",
    "payment",
    "refund",
    "dispute",
    "creditnote",
    "product",
    "price",
    "coupon",
    "promotioncode",
    "taxrate",
    "payout",
    "balancetransaction",
    "delivery",
    "resyncrun",
)
READ = frozenset(f"paydesk.view_{noun}" for noun in NOUNS) | {"paydesk.export_lists"}
"""What everybody at a desk may: to see it, and to take what one sees away as a file."""
NOTES = frozenset({"paydesk_console.view_note", "paydesk_console.add_note"})
SHARE = frozenset({"paydesk_console.share_view"})
ROLES: dict[str, frozenset[str]] = {
    "Support": READ | NOTES,
    "Finance": READ | NOTES | SHARE,
    "Admin": READ
    | NOTES
    | SHARE
    | {
        "paydesk_console.remove_shared_view",
        "paydesk_console.delete_note",
        "paydesk.resync_objects",
        "paydesk.view_payload",
        "paydesk.replay_delivery",
        "paydesk.view_auditentry",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.view_group",
    },
}


def put_roles_in_place(
    sender: AppConfig, using: str, apps: Apps = installed_apps, verbosity: int = 1, **kwargs: Any
) -> None:
    """A receiver of post_migrate: each role holds what stands above, no more, however often this runs."""
    if sender.label not in {"paydesk", "paydesk_console", "auth"}:
        return
    try:
        groups, permissions = (
            apps.get_model("auth", name)._base_manager.using(using) for name in ("Group", "Permission")
        )
    except LookupError:
        return
    # This receiver may run before the one of django.contrib.auth, which makes the permissions.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    wanted = {name.split(".")[1] for names in ROLES.values() for name in names}
    held = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permissions.filter(codename__in=wanted).select_related("content_type")
    }
    for role, names in ROLES.items():
        group, _ = groups.get_or_create(name=role)
        group._paydesk_by_release = True  # nobody's doing: not for the audit trail
        group.permissions.set([held[name] for name in names if name in held])
