"""The admin as an allow-list. dj-stripe's own is not safe to show: any staff user could run its actions.

Importing every other app's admin first and unregistering it works in any order of INSTALLED_APPS. A test holds the
registry against `ALLOWED`.
"""

import django.contrib.auth.admin  # noqa: F401  (registers what is taken away below)
import django_tasks_db.admin  # noqa: F401  (the same)
import djstripe.admin  # noqa: F401  (the same)
from django.contrib import admin

for model in list(admin.site._registry):
    admin.site.unregister(model)

from dashboard.admin import audit_entries, products, users  # noqa: E402, F401

ALLOWED = {"auth.User", "auth.Group", "paydesk.AuditEntry", "paydesk.Product"}
