"""The audit trail in words: who, what, about what, why, with which result."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from dashboard.formatting import console_link, whole_number, word
from dashboard.tables.resync_scope import named_scope_in_words
from dashboard.trail.actions import ACTIONS
from finances.models import AuditEntry

SAID = {
    "reason": gettext_lazy("Reason"),
    "words": gettext_lazy("Words"),
    "view": gettext_lazy("View"),
    "conditions": gettext_lazy("Conditions"),
    "failed_with": gettext_lazy("Failed with"),
    "name": gettext_lazy("Typed name"),
    "before": gettext_lazy("Was"),
    "address": gettext_lazy("From"),
}
"""Of what was typed, in this order. The name of the person whom it was about stands in a column of its own."""
RESULTS: dict[str, Callable[[object], str]] = {
    "role": str,
    "right": str,
    "where": lambda value: _("in %(place)s") % {"place": value},
    "shared": lambda value: _("shared: %(value)s") % {"value": _plain(value)},
    "what": str,
    "format": lambda value: _("as %(format)s") % {"format": value},
    "rows": lambda value: _number(ngettext_lazy("%(number)s row", "%(number)s rows", "n"), value),
    "estimate": lambda value: _number(ngettext_lazy("about %(number)s event", "about %(number)s events", "n"), value),
    "done": lambda value: _number(ngettext_lazy("%(number)s read", "%(number)s read", "n"), value),
    "deliveries": lambda value: _number(ngettext_lazy("%(number)s put back", "%(number)s put back", "n"), value),
    "changed": lambda value: _number(ngettext_lazy("%(number)s differed", "%(number)s differed", "n"), value),
    "new": lambda value: _number(ngettext_lazy("%(number)s new", "%(number)s new", "n"), value),
    "gone": lambda value: _number(ngettext_lazy("%(number)s gone", "%(number)s gone", "n"), value),
    "skipped": lambda value: _number(ngettext_lazy("%(number)s skipped", "%(number)s skipped", "n"), value),
    "quarantined": lambda value: _number(ngettext_lazy("%(number)s put aside", "%(number)s put aside", "n"), value),
    "failed": lambda value: _number(ngettext_lazy("%(number)s failed", "%(number)s failed", "n"), value),
    "since": lambda value: _("from %(time)s") % {"time": value},
    "seals": lambda value: _number(ngettext_lazy("%(number)s seal", "%(number)s seals", "n"), value),
    "entries": lambda value: _number(ngettext_lazy("%(number)s entry", "%(number)s entries", "n"), value),
    "seal": lambda value: _("seal %(number)s") % {"number": _plain(value)},
    "entry": lambda value: _("entry %(number)s") % {"number": _plain(value)},
    "is_active": lambda value: _("active: %(value)s") % {"value": _plain(value)},
    "is_staff": lambda value: _("staff: %(value)s") % {"value": _plain(value)},
    "is_superuser": lambda value: _("superuser: %(value)s") % {"value": _plain(value)},
}
"""What `detail` says, in words and in this order; what is not here is an id that a link stands for."""
OF_RUNS = ("paydesk.resync.", "paydesk.comparison.")
LINKS = {"run": ("console:resync", gettext_lazy("The run")), "replay": ("console:replay", gettext_lazy("The replay"))}


class Link(NamedTuple):
    text: str
    address: str


@dataclass(frozen=True)
class ShownEntry:
    """`about_is_named`: its name says all of it, and nobody reads the code. `said`: (what it is, the text) of what was
    typed. `erased`: there was such text, and it was taken away."""

    entry: AuditEntry
    who: str
    nobody: str
    what: str
    about: str
    about_name: str
    about_is_named: bool
    about_address: str
    said: list[tuple[str, str]]
    erased: bool
    result: list[str]
    links: list[Link]
    seal: int | None


def shown_entries(
    entries: Iterable[AuditEntry], names: Mapping[str, str], ids: Mapping[str, Sequence[str]], now: datetime
) -> list[ShownEntry]:
    """By target, `names`: what people call the objects and accounts; `ids`: those that a scope of some stands for."""
    return [shown_entry(entry, names, ids, now) for entry in entries]


def shown_entry(
    entry: AuditEntry, names: Mapping[str, str], ids: Mapping[str, Sequence[str]], now: datetime
) -> ShownEntry:
    personal = getattr(entry, "personal", None)
    body: dict[str, str] = personal.body if personal else {}
    sealed = getattr(entry, "sealed", None)
    words = of_the_console(entry.target, names.get(entry.target, ""), body)
    if entry.action.startswith(OF_RUNS):
        words = named_scope_in_words(entry.target, ids.get(entry.target) or ids_in(entry.detail), now)
    return ShownEntry(
        entry=entry,
        who=entry.actor_name,
        nobody=_("not logged in") if entry.action == "paydesk.access.failed" else _("a command or a worker"),
        what=str(ACTIONS.get(entry.action) or in_words(entry.action)),
        about=entry.target,
        about_name=words or names.get(entry.target, ""),
        about_is_named=bool(words),
        about_address=address_of(entry.target),
        said=[(str(label), body[name]) for name, label in SAID.items() if name in body],
        erased=bool(entry.personal_digest) and personal is None,
        result=results(entry.detail),
        links=links(entry.detail),
        seal=sealed.seal_id if sealed else None,
    )


def of_the_console(target: str, name: str, typed: Mapping[str, str]) -> str:
    """What the console alone has, by the name that it had then: an account, a role, a view; empty for what is Stripe's.
    `name`: that of today. Where it was erased, the number is left."""
    what, _colon, key = target.partition(":")
    match what:
        case "user":
            return name or typed.get("person") or _("Account %(number)s") % {"number": key}
        case "role":
            return _("The role %(name)s") % {"name": key}
        case "view" if "view" in typed:
            return _("The view “%(name)s”") % {"name": typed["view"]}
        case "view":
            return _("View %(number)s") % {"number": key}
    return ""


def ids_in(detail: Mapping[str, object]) -> list[str]:
    """That an entry names itself, should the run be gone."""
    ids = detail.get("ids")
    return [str(each) for each in ids] if isinstance(ids, list) else []


def in_words(action: str) -> str:
    """Of an action that has no words here, as good as its code allows: `Payout: made`."""
    noun, _dot, verb = action.removeprefix("paydesk.").partition(".")
    return f"{word(noun)}: {verb.replace('_', ' ')}" if verb else word(noun)


def address_of(target: str) -> str:
    if target.startswith("user:"):
        return _address("admin:auth_user_change", target.removeprefix("user:"))
    return console_link(target)


def results(detail: Mapping[str, object]) -> list[str]:
    return [said(detail[name]) for name, said in RESULTS.items() if detail.get(name) not in (None, "")]


def links(detail: Mapping[str, object]) -> list[Link]:
    found = [(str(text), _address(page, str(detail[name]))) for name, (page, text) in LINKS.items() if name in detail]
    return [Link(text, address) for text, address in found if address]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return whole_number(value) if isinstance(value, int) else str(value)


def _number(words: Any, value: object) -> str:
    """`words`: a lazy plural of `number`; what is no number stands in it as it is."""
    return words % {"n": value if isinstance(value, int) else 2, "number": _plain(value)}


def _address(page: str, key: str) -> str:
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""
