"""What a resync or a comparison is about, in words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import things, whole_number
from finances.resync.steps import LISTED
from finances.resync.targets import is_id

MOST_IDS_NAMED = 3


def scope_in_words(target: str, scope: Mapping[str, Any], now: datetime, names: Mapping[str, str] | None = None) -> str:
    """What stands after "Resync of": `everything`, `all invoices created since 1 January`, a customer's name."""
    type_name = target.split(" ")[0]
    if type_name in LISTED:
        return created_in_words(_("all %(things)s") % {"things": things(type_name)}, scope, now)
    if type_name == "all":
        return created_in_words(_("everything"), scope, now)
    if target == "drifted":
        return _("what drifted")
    if target == "sample":
        return _("a sample")
    if target.startswith("ids:"):
        count = len(scope.get("ids") or ())
        return ngettext("%(count)s object by id", "%(count)s objects by id", count) % {"count": whole_number(count)}
    called = (names or {}).get(target) or target
    if scope.get("ids"):
        return _("%(object)s, without what hangs on it") % {"object": called}
    return called


def scope_as_heading(
    target: str, scope: Mapping[str, Any], now: datetime, names: Mapping[str, str] | None = None
) -> str:
    """The same where nothing stands before it; ids and names stay as they are."""
    said = scope_in_words(target, scope, now, names)
    return said if is_id(target) else capfirst(said)


def named_scope_in_words(target: str, ids: Sequence[str], now: datetime) -> str:
    """The same as a sentence begins, from the target's name alone; empty where it is one object.

    `ids`: those that `ids:` and a digest stand for, as far as they are known: `4 ids: cus_…, in_…, in_… and 1 more`.
    """
    if target.startswith("ids:"):
        return _ids_in_words(ids) if ids else _("Some objects, by their ids")
    what, *range_of_creation = target.split(" ")
    if what not in (*LISTED, "all", "drifted", "sample"):
        return ""
    try:
        bounds = {word: _utc(at) for word, at in batched(range_of_creation, 2, strict=True)}
    except ValueError:
        return ""
    return capfirst(scope_in_words(target, bounds, now))


def _ids_in_words(ids: Sequence[str]) -> str:
    named, more = ", ".join(ids[:MOST_IDS_NAMED]), len(ids) - MOST_IDS_NAMED
    if more > 0:
        said = _("%(count)s ids: %(ids)s and %(more)s more")
    else:
        said = ngettext("%(count)s id: %(ids)s", "%(count)s ids: %(ids)s", len(ids))
    return said % {"count": whole_number(len(ids)), "ids": named, "more": whole_number(max(0, more))}


def _utc(text: str) -> datetime:
    """As targets are named: a day, or a moment with its zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def created_in_words(what: str, scope: Mapping[str, Any], now: datetime) -> str:
    """`what` as it is without a range. `scope`: "since", "until", ISO times or aware ones."""
    since, until = (_moment(scope.get(name)) for name in ("since", "until"))
    if since and until and _is_month(since, until):
        return _("%(what)s created in %(month)s") % {"what": what, "month": date_format(since, "F Y")}
    if since and until:
        said = _("%(what)s created since %(first)s and before %(last)s")
    elif since:
        said = _("%(what)s created since %(first)s")
    elif until:
        said = _("%(what)s created before %(last)s")
    else:
        return what
    return said % {
        "what": what,
        "first": day_in_utc(since, now) if since else "",
        "last": day_in_utc(until, now) if until else "",
    }


def _moment(value: Any) -> datetime | None:
    moment = datetime.fromisoformat(value) if isinstance(value, str) and value else value
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


def _is_month(since: datetime, until: datetime) -> bool:
    following = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
    return since.day == 1 and since.time() == until.time() == datetime.min.time() and until == following


def day_in_utc(moment: datetime, now: datetime) -> str:
    """In UTC, as Stripe's months are cut."""
    text = date_format(moment, "j F" if moment.year == now.year else "j F Y")
    if moment.time() == datetime.min.time():
        return text
    return _("%(day)s, %(time)s UTC") % {"day": text, "time": f"{moment:%H:%M}"}
