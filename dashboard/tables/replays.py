"""Replays in words: what they are about, what they will cost, what became of them."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard.formatting import capped, day, duration, whole_number, word
from finances.models import Replay
from finances.reads.webhooks import ANY, MISSED, OTHER, Conditions

MOST_NAMED = 3
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Question:
    """The dialog: `verb` is on its button."""

    title: str
    facts: list[str]
    verb: str
    count: int


def question(conditions: Conditions, *, events: int, objects: int, takes: timedelta, left_out: int = 0) -> Question:
    """In the numbers of an estimate; `events` past 10,000 reads "10,000+"."""
    if conditions.event_id and events == 1:
        facts = [_("the object is read anew: about 1 call to Stripe")]
        return Question(_("Process this event again?"), facts + _stays(1), _("Process again"), 1)
    written = {"events": capped(events), "objects": capped(objects), "time": duration(_at_least_1_s(takes), whole=True)}
    about = ngettext(
        "%(events)s event about %(things)s, each object is read anew",
        "%(events)s events about %(things)s, each object is read anew",
        events,
    )
    things = ngettext("%(objects)s object", "%(objects)s objects", objects) % written
    costs = ngettext("about %(objects)s call, about %(time)s", "about %(objects)s calls, about %(time)s", objects)
    if events > MOST_COUNTED:
        costs = ngettext(
            "about %(objects)s call at least, about %(time)s at least",
            "about %(objects)s calls at least, about %(time)s at least",
            objects,
        )
    facts = [about % (written | {"things": things}), costs % written]
    if left_out:
        others = ngettext(
            "%(events)s more matches too but is of another mode or account, and left alone",
            "%(events)s more match too but are of another mode or account, and left alone",
            left_out,
        )
        facts.append(others % {"events": capped(left_out)})
    title = ngettext("Process %(events)s event again?", "Process %(events)s events again?", events)
    verb = ngettext("Process %(events)s again", "Process %(events)s again", events)
    return Question(title % written, facts + _stays(events), verb % written, events)


def _stays(events: int) -> list[str]:
    return [
        _("nothing is sent to Stripe; what is new there is stored here"),
        ngettext(
            "what Stripe sent, and how it came, stays in the log",
            "what Stripe sent, and how it came, stays in the log for each of them",
            events,
        ),
    ]


def _at_least_1_s(span: timedelta) -> timedelta:
    return max(span, timedelta(seconds=1))


def title_of(replay: Replay) -> str:
    conditions = Conditions.from_json(replay.conditions)
    if conditions.event_id:
        return _("Replay of %(id)s") % {"id": conditions.event_id}
    count = replay.total if replay.spread else replay.estimate
    return ngettext("Replay of %(events)s event", "Replay of %(events)s events", count) % {"events": capped(count)}


def conditions_in_words(conditions: Conditions, names: dict[str, str], replay: Replay) -> list[str]:
    """Each condition as a phrase; none: every event. `names`: of the customers, by id."""
    said: list[str] = []
    if conditions.event_id:
        said.append(_("Event %(id)s") % {"id": conditions.event_id})
    if conditions.state:
        said.append(_("State: %(state)s") % {"state": word(conditions.state)})
    if conditions.type:
        said.append(_("Type: %(type)s") % {"type": conditions.type})
    said += [
        _("About %(what)s") % {"what": names.get(each) or each}
        for each in (conditions.about, conditions.object_id)
        if each
    ]
    if conditions.customers:
        said.append(_customers(conditions.customers, names))
    if conditions.reason:
        said.append(_("Reason begins “%(text)s”") % {"text": conditions.reason})
    if conditions.received_from:
        said.append(_("Received from %(date)s") % {"date": day(conditions.received_from, replay.asked_at)})
    if conditions.received_until:
        last = conditions.received_until - timedelta(microseconds=1)
        said.append(_("Received until %(date)s") % {"date": day(last, replay.asked_at)})
    if conditions.min_delay:
        said.append(_("Delay at least %(time)s") % {"time": duration(conditions.min_delay)})
    if conditions.api_version == OTHER:
        said.append(_("API version other than ours"))
    elif conditions.api_version:
        said.append(_("API version: %(version)s") % {"version": conditions.api_version})
    if conditions.found_by:
        found = {MISSED: _("Missed"), ANY: _("Found by a comparison")}
        said.append(
            found.get(conditions.found_by) or _("Found by comparison %(number)s") % {"number": conditions.found_by}
        )
    return said


def _customers(ids: tuple[str, ...], names: dict[str, str]) -> str:
    if len(ids) > MOST_NAMED:
        said = ngettext("%(customers)s customer", "%(customers)s customers", len(ids))
        return said % {"customers": whole_number(len(ids))}
    return _("Customer %(names)s") % {"names": ", ".join(names.get(each) or each for each in ids)}
