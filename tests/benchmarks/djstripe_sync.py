"""dj-stripe's own `djstripe_sync_models`, of the types that a resync of ours reads too. `sync` prints its seconds and
`count` how many rows dj-stripe's tables hold, whoever wrote them."""

import json
import os
import sys
import time
from io import StringIO
from typing import Any

import django


def models() -> list[Any]:
    """What is pointed at first."""
    from finances.mirror import TYPES
    from finances.resync.steps import LISTED

    return [entry.model for name, entry in TYPES.items() if name in LISTED and entry.model]


def sync() -> dict[str, Any]:
    """`errors`: objects that it could not store."""
    import stripe
    from django.conf import settings
    from django.core.management import call_command

    # It takes key and address from where dj-stripe has them; ours keeps them elsewhere.
    stripe.api_base = settings.STRIPE_API_BASE
    stripe.api_version = settings.STRIPE_API_VERSION
    said, complained = StringIO(), StringIO()
    started = time.perf_counter()
    call_command(
        "djstripe_sync_models",
        *(model.__name__ for model in models()),
        api_keys=[os.environ["STRIPE_TEST_SECRET_KEY"]],
        stdout=said,
        stderr=complained,
    )
    seconds = time.perf_counter() - started
    return {"seconds": round(seconds, 2), "errors": complained.getvalue().count("Error syncing")} | {"rows": count()}


def count() -> dict[str, int]:
    return {model.__name__: model._base_manager.count() for model in models()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    print(json.dumps({"sync": sync, "count": count}[sys.argv[1]]()))
