"""Replays in words: what they are about, what they will cost, what became of them."""

from dataclasses import dataclass
from datetime import timedelta

from dashboard.formatting import capped, day, duration, whole_number, word
from finances.models import Replay
from finances.reads.webhooks import ANY, MISSED, OTHER, Conditions

MOST_NAMED = 3


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
        facts = ["the object is read anew: about 1 call to Stripe"]
        return Question("Process this event again?", facts + _stays(1), "Process again", 1)
    many = f"{capped(events)} event{'' if events == 1 else 's'}"
    things = f"{capped(objects)} object{'' if objects == 1 else 's'}"
    more = " at least" if events > 10_000 else ""
    facts = [
        f"{many} about {things}, each object is read anew",
        f"about {capped(objects)} call{'' if objects == 1 else 's'}{more}, about {_short(takes)}{more}",
    ]
    if left_out:
        are = "matches too but is" if left_out == 1 else "match too but are"
        facts.append(f"{capped(left_out)} more {are} of another mode or account, and left alone")
    return Question(f"Process {many} again?", facts + _stays(events), f"Process {capped(events)} again", events)


def _stays(events: int) -> list[str]:
    return [
        "nothing is sent to Stripe; what is new there is stored here",
        f"what Stripe sent, and how it came, stays in the log{'' if events == 1 else ' for each of them'}",
    ]


def _short(span: timedelta) -> str:
    return duration(max(span, timedelta(seconds=1))).replace(".0 s", " s")


def title_of(replay: Replay) -> str:
    conditions = Conditions.from_json(replay.conditions)
    if conditions.event_id:
        return f"Replay of {conditions.event_id}"
    count = replay.total if replay.spread else replay.estimate
    return f"Replay of {capped(count)} event{'' if count == 1 else 's'}"


def conditions_in_words(conditions: Conditions, names: dict[str, str], replay: Replay) -> list[str]:
    """Each condition as a phrase; none: every event. `names`: of the customers, by id."""
    said: list[str] = []
    if conditions.event_id:
        said.append(f"Event {conditions.event_id}")
    if conditions.state:
        said.append(f"State: {word(conditions.state)}")
    if conditions.type:
        said.append(f"Type: {conditions.type}")
    if conditions.about:
        said.append(f"About {names.get(conditions.about) or conditions.about}")
    if conditions.object_id:
        said.append(f"About {names.get(conditions.object_id) or conditions.object_id}")
    if conditions.customers:
        said.append(_customers(conditions.customers, names))
    if conditions.reason:
        said.append(f"Reason begins “{conditions.reason}”")
    if conditions.received_from:
        said.append(f"Received from {day(conditions.received_from, replay.asked_at)}")
    if conditions.received_until:
        said.append(f"Received until {day(conditions.received_until - timedelta(microseconds=1), replay.asked_at)}")
    if conditions.min_delay:
        said.append(f"Delay at least {duration(conditions.min_delay)}")
    if conditions.api_version:
        other = conditions.api_version == OTHER
        said.append("API version other than ours" if other else f"API version: {conditions.api_version}")
    if conditions.found_by:
        found = {MISSED: "Missed", ANY: "Found by a comparison"}
        said.append(found.get(conditions.found_by, f"Found by comparison {conditions.found_by}"))
    return said


def _customers(ids: tuple[str, ...], names: dict[str, str]) -> str:
    if len(ids) > MOST_NAMED:
        return f"{whole_number(len(ids))} customers"
    return "Customer " + ", ".join(names.get(each) or each for each in ids)
