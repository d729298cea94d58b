from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.exports.sheet import Sheet
from dashboard.tables.audit import ShownEntry, shown_entries
from finances.models import AuditEntry
from finances.reads.audit import NEWEST_FIRST, ids_of_scopes, names_of_targets

HEADS = ("entry", "at", "person", "action", "action_code", "about", "about_name", "said", "result", "detail", "seal")


def lines(entries: Sequence[AuditEntry], now: datetime) -> Iterator[Sequence[object]]:
    return map(line, shown_entries(entries, names_of_targets(entries), ids_of_scopes(entries), now))


def line(row: ShownEntry) -> Sequence[object]:
    entry = row.entry
    return (
        entry.pk,
        entry.at,
        row.who,
        row.what,
        entry.action,
        row.about,
        row.about_name,
        "; ".join(f"{label}: {text}" for label, text in row.said) or ("erased" if row.erased else ""),
        ", ".join(row.result),
        ", ".join(f"{name}={value}" for name, value in sorted(entry.detail.items())),
        row.seal,
    )


SHEET = Sheet(HEADS, lines, NEWEST_FIRST)
