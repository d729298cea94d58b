from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from dashboard.admin.read_only import TitledAdmin
from dashboard.trail import access


@admin.register(User)
class UserAdmin(DjangoUserAdmin, TitledAdmin):
    """People and their roles. Only a superuser can make or touch one, or hand out single permissions."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    actions = None
    list_title = gettext_lazy("Users")
    filter_horizontal = ("user_permissions",)
    list_display = ("username", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "groups")
    warn_unsaved_form = True

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return (
            (None, {"fields": ("username", "password")}),
            (_("Person"), {"fields": ("first_name", "last_name", "email")}),
            (_("Role"), {"fields": ("is_active", "is_staff", "groups")}),
            (_("Dates"), {"fields": ("last_login", "date_joined")}),
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            # Three boxes: Django's pair of lists is too wide for a phone and not labelled for a screen reader.
            return db_field.formfield(widget=UnfoldAdminCheckboxSelectMultipleWidget, label=_("Roles"), help_text="")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # whoever is added here is to log in here
        super().save_model(request, obj, form, change)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with access.by(request.user):  # type: ignore[arg-type]  # the admin has asked for a log-in
            return super().changeform_view(request, *args, **kwargs)

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with access.by(request.user):  # type: ignore[arg-type]  # the same
            return super().user_change_password(request, *args, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        untouchable = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not untouchable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the audit trail names people; one who leaves is made inactive


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, TitledAdmin):
    """The roles, to look at: what each may do is said in `dashboard.permissions`."""

    actions = None
    list_title = gettext_lazy("Roles")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
