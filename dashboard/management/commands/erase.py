from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dashboard.erasure import erase
from finances.erasure import NotPossible


class Command(BaseCommand):
    help = "Erase who a customer was, everywhere, once Stripe has deleted the customer. What was paid stays."

    def add_arguments(self, parser):
        parser.add_argument("customer", metavar="cus_...")
        parser.add_argument("--reason", default="", help="kept in the audit trail; do not name the person in it")

    def handle(self, *, customer, reason, **options):
        try:
            erased = erase(customer, now=timezone.now(), reason=reason, progress=self._say)
        except NotPossible as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            f"{customer} is erased: {erased.objects} objects, {erased.payloads} payloads of webhooks, "
            f"{erased.typed} entries of what people typed."
        )

    def _say(self, done: int, total: int) -> None:
        if done < total:
            self.stdout.write(f"{done} of {total} objects")
