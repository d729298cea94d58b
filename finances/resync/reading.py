"""A page of a step, as Stripe gives it now, and what of it is here although the page lacks it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from finances import nouns
from finances.gateway import Gateway, Page
from finances.mirror.held import rows_of
from finances.models import ObjectState, Reference, state_key
from finances.resync.account import WrongKey
from finances.resync.holdings import Held, absent, absent_of, window_of
from finances.resync.steps import Step, owners_after
from finances.stripe_problems import (
    CallRefused,
    NoSuchObject,
    RateLimited,
    ScopeMissing,
    Stopped,
    StripeFailed,
    StripeProblem,
    StripeUnreachable,
)

Json = dict[str, Any]
type Place = dict[str, Any]

OWNERS_AT_ONCE = 20
"""Whose lists are read for one transaction, where Stripe lists something for one owner at a time only."""


class RunGateway(Gateway):
    """Stripe's calls of one part. What the key may not read is asked for once; `refused` says it, by type.
    `of_other_mode`: types and ids that Stripe knows there, with its word.

    `is_lost`: somebody else has the part, or the run was stopped: what was read would be dropped. `keeps`: part of a
    page was read before it was to stop, and is written first. `is_ours`: Stripe said that the key's account is the one
    that is here; until then nothing that is here is gone.
    """

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.refused: dict[str, ScopeMissing] = {}
        self.of_other_mode: dict[Reference, NoSuchObject] = {}
        self.is_ours = self.is_lost = self.keeps = False

    def retrieve(self, type: str, object_id: str) -> Json:
        if problem := self.refused.get(type):
            raise problem
        try:
            return super().retrieve(type, object_id)
        except ScopeMissing as problem:
            if "account_invalid" in problem.code:
                raise CallRefused(
                    _("This account is another one than the key's."), _("Ask for your own account."), code=problem.code
                ) from None
            self.refused[type] = problem
            raise
        except NoSuchObject as problem:
            self._must_be_ours(type, object_id)
            if problem.other_mode:
                self.of_other_mode[type, object_id] = problem
            raise

    def _must_be_ours(self, type: str, object_id: str) -> None:
        """That there is no such object in another account, or in the other mode, says nothing about ours."""
        modes = rows_of(type).filter(id=object_id).values_list("livemode", flat=True)
        if any(livemode is not None and livemode != settings.STRIPE_LIVE_MODE for livemode in modes):
            other = _("This object is of live mode; Paydesk reads the other one.")
            if settings.STRIPE_LIVE_MODE:
                other = _("This object is of test mode; Paydesk reads the other one.")
            raise WrongKey(
                other,
                _("Use a database of its own for each mode, or set STRIPE_LIVE_MODE."),
            )
        if self.is_ours:
            return
        if ObjectState.objects.filter(object_id=state_key(type, object_id), deleted_at=None).exists():
            raise CallRefused(
                _("Stripe has no such %(thing)s, but the key may not say whose it is: it stays as it is.")
                % {"thing": nouns.one(type)},
                _("Give the restricted key read access to accounts in Stripe's dashboard, then try again."),
            )


class Read(NamedTuple):
    """`following`: the place to go on at; None when these were the last. `refused`: by owner, whose list Stripe
    refused. `absent`: here, and not on the page. `nameless`: what came without an id, and is in none of the others."""

    objects: list[Json]
    following: Place | None
    refused: dict[str, StripeProblem]
    absent: list[Held]
    nameless: Sequence[Json]


def read_page(step: Step, place: Place, gateway: RunGateway, *, before: int | None) -> Read:
    """One page of a list, or the lists of the next few owners. `before`: a ticket taken before; None for a comparison.

    Raises StripeProblem; PlaceLost carries on by `place_after_lost`.
    """
    if "each" in step:
        return _read_of_each(step, place, gateway, before)
    filters: Json = step.get("filters", {})
    asked = filters | ({"created": (filters.get("created") or {}) | place["created"]} if "created" in place else {})
    after = place.get("after", "")
    try:
        page = _page_of(step, asked, step.get("owner", ""), after, gateway)
    except NoSuchObject:  # what these hang on is gone by now; reading it said so
        page = Page([], has_more=False)
    window, border = window_of(filters, place, page.objects, has_more=page.has_more)
    present = {it["id"] for it in page.objects}.union(place.get("border", ()))
    lacking = [] if "part" in step else absent(step["type"], filters, window, present, before=before)
    following: Place | None = None
    number = place.get("pages", 0) + 1
    if page.has_more and number < step.get("pages", number + 1):
        following = {"after": page.objects[-1]["id"], "pages": number, **border}
        if "created" in place:
            following["created"] = place["created"]
    return Read(page.objects, following, {}, lacking, page.nameless)


def place_after_lost(step: Step, place: Place) -> Place:
    """Where to go on when the object after which the list went on is gone: from its second, or from the beginning."""
    if isinstance(place.get("upper"), int) and _by_creation(step):
        kept = {name: place[name] for name in ("pages", "upper", "border", "tally", "began") if name in place}
        return kept | {"created": {"lte": place["upper"]}}
    return {}


def _by_creation(step: Step) -> bool:
    """Whether the list takes a bound of creation."""
    return "filters" in step and step["type"] not in ("payment_method",)


def _page_of(step: Step, filters: Json, owner: str, after: str, gateway: Gateway) -> Page:
    if "part" in step:
        page = gateway.part(step["part_of"], owner, step["part"], after=after)
    else:
        page = gateway.page(step["type"], after=after, **({step["filter"]: owner} if "filter" in step else filters))
    if page.has_more and after and page.objects and page.objects[-1]["id"] == after:
        # To go on after the same object once more would never end.
        raise StripeFailed(_("Stripe gave the same page of a list again."))
    return page


def _read_of_each(step: Step, place: Place, gateway: RunGateway, before: int | None) -> Read:
    """Everything of the next few owners; the place is the last one's id. Whose list Stripe refuses is left out.

    Where a list fails for now, or is to wait for others, those before it are a page of their own, and not read once
    more.
    """
    owners = owners_after(step, str(place.get("after", step.get("after", ""))), OWNERS_AT_ONCE)
    objects: list[Json] = []
    nameless: list[Json] = []
    refused: dict[str, StripeProblem] = {}
    for number, owner in enumerate(owners):
        try:
            theirs = _all_of(step, owner, gateway)
            objects += theirs.objects
            nameless += theirs.nameless
        except NoSuchObject:  # the owner is gone by now, and what it had with it
            continue
        except CallRefused as problem:
            refused[owner] = problem
        except (StripeFailed, RateLimited, StripeUnreachable, Stopped):
            if not number or gateway.is_lost:
                raise
            gateway.keeps = True
            owners, is_last = owners[:number], False
            break
    else:
        is_last = len(owners) < OWNERS_AT_ONCE
    whole = [owner for owner in owners if owner not in refused]
    within = step.get("within") or {}
    present = {it["id"] for it in objects}
    objects = [it for it in objects if _is_within(within, it.get("created"))]
    lacking = (
        absent_of(step["type"], step["filter"], whole, present, within=within, before=before)
        if "filter" in step
        else []
    )
    following = None if is_last else {"after": owners[-1]}
    return Read(objects, following, refused, lacking, nameless)


def _is_within(created: Mapping[str, int], seconds: Any) -> bool:
    """Stripe lists these by no time of creation, so a range of it is kept here."""
    if not created or not isinstance(seconds, int):
        return True
    return created.get("gte", seconds) <= seconds and seconds < created.get("lt", seconds + 1)


def _all_of(step: Step, owner: str, gateway: Gateway) -> Page:
    """The pages of one owner's list. Of one that Stripe refuses in its midst, nothing: the pages are of one moment."""
    objects: list[Json] = []
    nameless: list[Json] = []
    page = Page([], has_more=True)
    while page.has_more:
        page = _page_of(step, {}, owner, objects[-1]["id"] if objects else "", gateway)
        objects += page.objects
        nameless += page.nameless
        if not page.objects:
            break
    return Page(objects, has_more=False, nameless=nameless)
