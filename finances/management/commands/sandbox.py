from django.core.management.base import BaseCommand

from finances.sandbox.__main__ import main


class Command(BaseCommand):
    help = "A local Stripe alone, with a simulated business."
    requires_system_checks = ()

    def run_from_argv(self, argv):
        # Its options are its own: `python -m finances.sandbox` takes the same.
        raise SystemExit(main(argv[2:]))
