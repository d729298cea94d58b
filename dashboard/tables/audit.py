"""The audit trail in words: who, what, about what, why, with which result."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse

from dashboard.formatting import console_link, whole_number, word
from dashboard.trail.actions import ACTIONS
from finances.models import AuditEntry

SAID = {
    "reason": "Reason",
    "words": "Words",
    "view": "View",
    "conditions": "Conditions",
    "failed_with": "Failed with",
    "name": "Typed name",
    "before": "Was",
    "address": "From",
}
"""Of what was typed, in this order. The name of the person whom it was about stands in a column of its own."""
RESULTS = {
    "role": "{}",
    "right": "{}",
    "where": "in {}",
    "shared": "shared: {}",
    "what": "{}",
    "format": "as {}",
    "rows": "{} rows",
    "estimate": "about {} events",
    "done": "{} read",
    "deliveries": "{} put back",
    "changed": "{} differed",
    "new": "{} new",
    "gone": "{} gone",
    "skipped": "{} skipped",
    "quarantined": "{} put aside",
    "failed": "{} failed",
    "since": "from {}",
    "seals": "{} seals",
    "entries": "{} entries",
    "seal": "seal {}",
    "entry": "entry {}",
    "is_active": "active: {}",
    "is_staff": "staff: {}",
    "is_superuser": "superuser: {}",
}
"""What `detail` says, in words and in this order; what is not here is an id that a link stands for."""
LINKS = {"run": ("console:resync", "The run"), "replay": ("console:replay", "The replay")}


class Link(NamedTuple):
    text: str
    address: str


@dataclass(frozen=True)
class ShownEntry:
    """`said`: (what it is, the text) of what was typed. `erased`: there was such text, and it was taken away."""

    entry: AuditEntry
    who: str
    nobody: str
    what: str
    about: str
    about_name: str
    about_address: str
    said: list[tuple[str, str]]
    erased: bool
    result: list[str]
    links: list[Link]
    seal: int | None


def shown_entries(entries: Iterable[AuditEntry], names: Mapping[str, str]) -> list[ShownEntry]:
    """`names`: what people call the objects and accounts, by target."""
    return [shown_entry(entry, names) for entry in entries]


def shown_entry(entry: AuditEntry, names: Mapping[str, str]) -> ShownEntry:
    personal = getattr(entry, "personal", None)
    body: dict[str, str] = personal.body if personal else {}
    sealed = getattr(entry, "sealed", None)
    return ShownEntry(
        entry=entry,
        who=entry.actor_name,
        nobody="not logged in" if entry.action == "paydesk.access.failed" else "a command or a worker",
        what=ACTIONS.get(entry.action) or in_words(entry.action),
        about=entry.target,
        about_name=names.get(entry.target) or body.get("person", ""),
        about_address=address_of(entry.target),
        said=[(label, body[name]) for name, label in SAID.items() if name in body],
        erased=bool(entry.personal_digest) and personal is None,
        result=results(entry.detail),
        links=links(entry.detail),
        seal=sealed.seal_id if sealed else None,
    )


def in_words(action: str) -> str:
    """Of an action that has no words here, as good as its code allows: `Payout: made`."""
    noun, _, verb = action.removeprefix("paydesk.").partition(".")
    return f"{word(noun)}: {verb.replace('_', ' ')}" if verb else word(noun)


def address_of(target: str) -> str:
    if target.startswith("user:"):
        return _address("admin:auth_user_change", target.removeprefix("user:"))
    return console_link(target)


def results(detail: Mapping[str, object]) -> list[str]:
    return [
        form.format(_plain(detail[name]))
        for name, form in RESULTS.items()
        if name in detail and detail[name] not in (None, "")
    ]


def links(detail: Mapping[str, object]) -> list[Link]:
    found = [(text, _address(page, str(detail[name]))) for name, (page, text) in LINKS.items() if name in detail]
    return [Link(text, address) for text, address in found if address]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return whole_number(value) if isinstance(value, int) else str(value)


def _address(page: str, key: str) -> str:
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""
