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

from dashboard.admin import (  # noqa: E402  (only now that all others are gone)
    balance,  # noqa: F401  (imported to be registered, as the others here)
    credit_notes,  # noqa: F401  (registered)
    promotion_codes,  # noqa: F401  (registered)
    tax_rates,  # noqa: F401  (registered)
    users,  # noqa: F401  (registered)
)

ALLOWED = {
    "auth.User",
    "auth.Group",
    "paydesk.BalanceTransaction",
    "paydesk.CreditNote",
    "paydesk.Payout",
    "paydesk.PromotionCode",
    "paydesk.TaxRate",
}
