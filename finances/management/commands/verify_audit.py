from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand
from django.utils import timezone

from finances import audit
from finances.audit import sealing, verifying


def known_seal(text: str) -> verifying.Known:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or not digest:
        raise ArgumentTypeError("takes a seal's number and its digest, such as 812:9f86d081...")
    return verifying.Known(int(number), digest)


class Command(BaseCommand):
    help = (
        "Verify the audit trail's chain of seals; names the first batch or entry that is broken, and then exits with 1."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--known",
            type=known_seal,
            metavar="NUMBER:DIGEST",
            help="a newest seal that was noted elsewhere: found missing where the end of the trail was cut off",
        )

    def handle(self, *, known, **options):
        sealing.seal_due(timezone.now)  # so that what it says holds up to now
        found = verifying.verify(known)
        self.stdout.write(f"Entries read: {found.entries}, in {found.seals} seals; not sealed yet: {found.unsealed}.")
        if found.erased:
            self.stdout.write(f"The personal detail of {found.erased} was erased, which breaks nothing.")
        for name in found.missing_triggers:
            self.stderr.write(f"BROKEN: the trigger {name} does not stand; the table can be changed.")
        if found.broken:
            self.stderr.write(f"BROKEN: {found.broken.sentence}")
        elif found.newest:
            self.stdout.write("Note this where nobody who can change the database can reach it, for --known:")
            self.stdout.write(f"{found.newest.number}:{found.newest.digest}")
        audit.record(
            "paydesk.audit.verified" if found.holds else "paydesk.audit.broken",
            at=timezone.now(),
            actor=None,
            detail={
                "seals": found.seals,
                "entries": found.entries,
                "seal": found.broken.seal if found.broken else None,
                "entry": found.broken.entry if found.broken else None,
            },
        )
        raise SystemExit(0 if found.holds else 1)
