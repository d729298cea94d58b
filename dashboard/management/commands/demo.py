import os
import signal
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.demo import NotOurs, PortTaken, serve_demo


class Command(BaseCommand):
    help = "The console with a simulated business, a local Stripe and a worker, all in the foreground."
    requires_system_checks = ()

    def handle(self, **options):
        started = float(os.environ.get("PAYDESK_STARTED", 0)) or time.time()
        if not settings.PAYDESK_DEMO:
            raise CommandError("The demo makes its database anew; run it as `make demo`, or with PAYDESK_DEMO=1.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            serve_demo(
                int(os.environ.get("PORT", "8000")),
                int(os.environ.get("SANDBOX_PORT", "12111")),
                self.stdout.write,
                time.monotonic() - (time.time() - started),
            )
        except (NotOurs, PortTaken) as refused:
            self.stderr.write(f"paydesk: {refused}")
            raise SystemExit(2) from None
        except KeyboardInterrupt:
            self.stdout.write("\nEnded.")
