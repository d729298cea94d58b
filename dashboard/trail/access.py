"""Log-ins, and changes to what people may do, for the audit trail: as Django's signals tell them.

So it does not matter where it was done: on a page, by a command or in a shell. Only `QuerySet.update` sends no signal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.http import HttpRequest
from django.utils import timezone

from finances import audit
from finances.webhooks.arrivals import sender_of

FLAGS = ("is_active", "is_staff", "is_superuser")
LONGEST_NAME = 150  # characters, of what was typed as a log-in name

_acting: ContextVar[User | None] = ContextVar("acting", default=None)


@contextmanager
def by(person: User) -> Iterator[None]:
    """What is changed inside was changed by this person; outside, by a command."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def watch() -> None:
    """Connect the receivers; once, when the console starts."""
    user_logged_in.connect(_logged_in, dispatch_uid="paydesk audit")
    user_logged_out.connect(_logged_out, dispatch_uid="paydesk audit")
    user_login_failed.connect(_failed, dispatch_uid="paydesk audit")
    pre_save.connect(_before, sender=User, dispatch_uid="paydesk audit")
    post_save.connect(_after, sender=User, dispatch_uid="paydesk audit")
    m2m_changed.connect(_given_or_taken, sender=User.groups.through, dispatch_uid="paydesk audit")
    m2m_changed.connect(_given_or_taken, sender=User.user_permissions.through, dispatch_uid="paydesk audit")
    m2m_changed.connect(_role_changed, sender=Group.permissions.through, dispatch_uid="paydesk audit")


def _logged_in(sender: Any, request: HttpRequest, user: User, **_: object) -> None:
    audit.record("paydesk.access.logged_in", at=timezone.now(), actor=user, personal=_from_where(request))


def _logged_out(sender: Any, request: HttpRequest, user: User | None, **_: object) -> None:
    if user:
        audit.record("paydesk.access.logged_out", at=timezone.now(), actor=user)


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """Nobody acted yet. What was typed may be a stranger's address, or a password in the wrong field."""
    typed = str(credentials.get(User.USERNAME_FIELD, ""))[:LONGEST_NAME]
    audit.record(
        "paydesk.access.failed",
        at=timezone.now(),
        actor=None,
        personal=(_from_where(request) if request else {}) | {"name": typed},
    )


def _from_where(request: HttpRequest) -> dict[str, str]:
    return {"address": sender_of(request, settings.TRUSTED_PROXIES).address}


def _before(sender: Any, instance: User, raw: bool, update_fields: frozenset[str] | None, **_: object) -> None:
    watched = {*FLAGS, User.USERNAME_FIELD, "password"}
    unwatched = raw or (update_fields is not None and watched.isdisjoint(update_fields))
    instance._paydesk_before = None  # type: ignore[attr-defined]  # from here to `_after`
    if instance.pk and not unwatched:
        instance._paydesk_before = User.objects.filter(pk=instance.pk).values(*watched).first()  # type: ignore[attr-defined]


def _after(sender: Any, instance: User, created: bool, raw: bool, **_: object) -> None:
    before = instance._paydesk_before  # type: ignore[attr-defined]
    if created and not raw:
        _about(instance, "made", {flag: getattr(instance, flag) for flag in FLAGS})
    if not before:
        return
    changes = {flag: getattr(instance, flag) for flag in FLAGS if getattr(instance, flag) != before[flag]}
    if changes:
        _about(instance, "rights_changed", changes)
    if instance.get_username() != before[User.USERNAME_FIELD]:
        _about(instance, "renamed", {}, before=before[User.USERNAME_FIELD])
    # Nobody acting, it is a log-in that stores the same password in a newer way.
    if instance.password != before["password"] and _acting.get():
        _about(instance, "password_set", {})


def _given_or_taken(
    sender: Any, instance: Model, action: str, reverse: bool, model: type[Model], pk_set: set[int] | None, **_: object
) -> None:
    """Of a role or a single right; told of the person, or (`reverse`) of the role or right with the people."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    what, name = ("role", "groups") if sender is User.groups.through else ("right", "user_permissions")
    if action == "pre_clear":
        held = User.objects.filter(**{name: instance}) if reverse else getattr(instance, name).all()
        others = list(held)
    else:
        others = list(model._base_manager.filter(pk__in=pk_set or ()))
    verb = "given" if action == "post_add" else "taken"
    for other in others:
        person, thing = (other, instance) if reverse else (instance, other)
        if isinstance(person, User) and isinstance(thing, Group | Permission):
            _about(person, f"{what}_{verb}", {what: thing.name if isinstance(thing, Group) else thing.codename})


def _role_changed(
    sender: Any, instance: Model, action: str, reverse: bool, model: type[Model], pk_set: set[int] | None, **_: object
) -> None:
    """What everybody in it may do from now on; told of the role, or (`reverse`) of a right with the roles."""
    if action not in ("post_add", "post_remove", "pre_clear") or hasattr(instance, "_paydesk_by_release"):
        return
    others: list[Any] = list(model._base_manager.filter(pk__in=pk_set or ()))
    if action == "pre_clear" and isinstance(instance, Permission):
        others = list(Group.objects.filter(permissions=instance))
    elif action == "pre_clear" and isinstance(instance, Group):
        others = list(instance.permissions.all())
    what = "given" if action == "post_add" else "taken"
    roles: list[Any] = others if reverse else [instance]
    rights: list[Any] = [instance] if reverse else others
    for role in roles if rights else ():
        audit.record(
            f"paydesk.role.right_{what}",
            at=timezone.now(),
            actor=_acting.get(),
            target=f"role:{role.name}",
            detail={"rights": sorted(right.codename for right in rights)},
        )


def _about(person: User, what: str, detail: dict[str, Any], **personal: str) -> None:
    audit.record(
        f"paydesk.user.{what}",
        at=timezone.now(),
        actor=_acting.get(),
        target=f"user:{person.pk}",
        detail=detail,
        personal={"person": person.get_username()} | personal,
    )
