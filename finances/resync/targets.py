"""What a person may ask for: one object by its id, some by theirs, a type, or what a word stands for."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from finances import nouns
from finances.gateway import PATHS
from finances.mirror import TYPES, type_of_id
from finances.resync.steps import LISTED

MOST_IDS = 1000
MOST_SHOWN = 20  # ids that are none
WORDS = ("all", "drifted", "sample")
LOOKS_LIKE_A_KEY = re.compile(r"(?:[srp]k|rkcs|whsec)_", re.IGNORECASE)

type Reference = tuple[str, str]
"""A type and an id."""


class UnknownTarget(ValueError):
    """What was asked for is nothing that can be read; the message says so in the user's words."""


def type_and_id(target: str) -> Reference:
    """Of a Stripe id, or of one that does not tell its type and is written with it: `coupon:WELCOME25`.

    Raises UnknownTarget.
    """
    named, _colon, rest = target.partition(":")
    if rest and named in TYPES and named in PATHS and len(rest) <= 200 and rest.isprintable():
        return named, rest
    type_name = "account" if target.startswith("acct_") else type_of_id(target)
    if type_name not in TYPES or not _is_stripes_own(target):
        if _may_be_a_key(target) or _looks_like_an_id(target):
            raise UnknownTarget(_not_ids([target]))
        raise UnknownTarget(
            _("“%(target)s” is neither a Stripe id that Paydesk knows nor one of: %(words)s.")
            % {"target": _short(target), "words": ", ".join([*LISTED, *WORDS])}
        )
    if type_name not in PATHS:
        raise UnknownTarget(
            _("Stripe has no address for a %(thing)s: a resync of its customer reads it.")
            % {"thing": nouns.one(type_name)}
        )
    return type_name, target


def target_of(object_type: str, object_id: str) -> str:
    """The target that reads an object anew; empty for one that Paydesk does not keep, or that has no address."""
    target = f"{object_type}:{object_id}" if object_type else object_id
    try:
        type_and_id(target)
    except UnknownTarget:
        return ""
    return canonical(target)


def canonical(target: str) -> str:
    """One way to ask for one thing: an id that tells its type stands without it."""
    if target.startswith("acct_"):
        return f"account:{target}"
    named, _colon, rest = target.partition(":")
    return rest if type_of_id(rest) == named and _is_stripes_own(rest) else target


def is_id(target: str) -> bool:
    try:
        type_and_id(target)
    except UnknownTarget:
        return False
    return True


def pasted(text: str) -> list[str]:
    """What stands between commas, spaces and line ends, each once, in its order. A line without any id stays whole."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        parts = [part for part in re.split(r"[\s,]+", line) if part]
        is_of_ids = any(is_id(part) or _may_be_a_key(part) or _looks_like_an_id(part) for part in parts)
        found |= dict.fromkeys(parts if is_of_ids else [line.strip()] if parts else [])
    return list(found)


def references(ids: Iterable[str]) -> list[Reference]:
    """Types and ids of what was pasted in, each once. Raises UnknownTarget, which names those that are none."""
    wanted = list(dict.fromkeys(part for each in ids for part in pasted(each)))
    known, unknown = [], []
    for each in wanted:
        try:
            known.append(type_and_id(each))
        except UnknownTarget:
            unknown.append(each)
    if unknown:
        raise UnknownTarget(_not_ids(unknown))
    if len(wanted) > MOST_IDS:
        raise UnknownTarget(
            _("These are %(count)s ids; a resync takes %(most)s at once.")
            % {"count": f"{len(wanted):,}", "most": f"{MOST_IDS:,}"}
        )
    return list(dict.fromkeys(known))


def _not_ids(unknown: Sequence[str]) -> str:
    shown = [_short(each) for each in unknown if not _may_be_a_key(each)]
    named, parts = ", ".join(shown[:MOST_SHOWN]), []
    if named:
        if more := max(0, len(shown) - MOST_SHOWN):
            said = _("Not Stripe ids that Paydesk knows: %(ids)s and %(count)s more.")
        else:
            said = ngettext(
                "Not a Stripe id that Paydesk knows: %(ids)s.",
                "Not Stripe ids that Paydesk knows: %(ids)s.",
                len(shown),
            )
        parts.append(said % {"ids": named, "count": more})
    if keys := len(unknown) - len(shown):
        if len(unknown) == 1:
            said = _("This looks like a key, and is not repeated here: if it is one, roll it in Stripe's dashboard.")
        else:
            said = ngettext(
                "One of them looks like a key, and is not repeated here: if it is one, roll it in Stripe's dashboard.",
                "%(count)s of them look like a key, and are not repeated here: if so, roll them in Stripe's dashboard.",
                keys,
            )
        parts.append(said % {"count": keys})
    return " ".join(parts)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _looks_like_an_id(text: str) -> bool:
    """Of some type, if of none that is known here: `cs_test_a1B2`, `acct_1A2b`; not a word such as payment_method."""
    return bool(re.fullmatch(r"[a-z]{1,20}[_:]\S*[\dA-Z]\S*", text))


def _may_be_a_key(text: str) -> bool:
    """Also where something stands before it: a variable's name, a quotation mark."""
    return bool(LOOKS_LIKE_A_KEY.search(text))


def name_of(chosen: Sequence[Reference]) -> str:
    """The target of some objects: the one itself, or a name that the same ones always have."""
    written = sorted(canonical(f"{type_name}:{object_id}") for type_name, object_id in chosen)
    if len(written) == 1:
        return written[0]
    return f"ids:{hashlib.blake2b(' '.join(written).encode(), digest_size=8).hexdigest()}"


def _is_stripes_own(object_id: str) -> bool:
    """Not one that somebody chose, as products and old plans may have."""
    return bool(re.fullmatch(r"[a-z]+_\w{1,240}", object_id, re.ASCII))
