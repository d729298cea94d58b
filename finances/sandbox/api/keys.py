"""API keys: which are taken, in which mode, what a restricted one may read, and which were revoked."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from finances.sandbox.api import errors
from finances.sandbox.api.resources import SCOPES

WELL_FORMED = re.compile(r"[rs]k_(test|live)_[A-Za-z0-9]{24,}")


@dataclass(frozen=True)
class Key:
    """`scopes` are the nouns that it may read, such as customer; None: all of them."""

    value: str
    livemode: bool = False
    scopes: frozenset[str] | None = None

    def may_read(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes


class Keys:
    """Any well-formed key opens everything, but for those that `set` told something else of."""

    def __init__(self) -> None:
        self._scopes: dict[str, frozenset[str]] = {}
        self._revoked: set[str] = set()

    def set(self, wanted: dict[str, Any]) -> None:
        """By key: {"scopes": ["customer:read", ...]} for a restricted one, {"revoked": true}, {} as any other; an empty
        dictionary forgets all. ValueError in one sentence for what means nothing."""
        scopes: dict[str, frozenset[str]] = {}
        revoked: set[str] = set()
        for key, options in wanted.items():
            if not WELL_FORMED.fullmatch(key):
                raise ValueError("A key is sk_test_ or rk_test_ and 24 or more letters or digits.")
            if not isinstance(options, dict) or set(options) - {"scopes", "revoked"}:
                raise ValueError("Of a key one may say scopes and revoked.")
            if options.get("revoked") not in (None, True, False):
                raise ValueError("revoked is true or false.")
            if options.get("revoked"):
                revoked.add(key)
            if "scopes" in options:
                scopes[key] = _nouns(key, options["scopes"])
        if not wanted:
            self._scopes, self._revoked = {}, set()
        for key in wanted:
            self._scopes.pop(key, None)
            self._revoked.discard(key)
        self._scopes |= scopes
        self._revoked |= revoked

    def of(self, authorization: str | None) -> Key:
        """The key that a request carries: Bearer, or the user name of Basic. 401 for none, a malformed, a revoked."""
        kind, _, value = (authorization or "").partition(" ")
        written = value.strip()
        if kind.lower() == "basic":
            try:
                written = base64.b64decode(written, validate=True).decode("utf-8").partition(":")[0]
            except ValueError:
                written = ""
        elif kind.lower() != "bearer":
            written = ""
        if not written:
            raise errors.no_key()
        well_formed = WELL_FORMED.fullmatch(written)
        if not well_formed:
            raise errors.bad_key(written)
        if written in self._revoked:
            raise errors.expired_key(written)
        return Key(written, well_formed[1] == "live", self._scopes.get(written))


def _nouns(key: str, scopes: Any) -> frozenset[str]:
    """What may be written may be read."""
    if not key.startswith("rk_"):
        raise ValueError("Only a restricted key, rk_test_..., has scopes.")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise ValueError('scopes is a list such as ["customer:read"].')
    nouns = set()
    for scope in scopes:
        noun, _, right = scope.partition(":")
        if noun not in SCOPES or right not in ("read", "write"):
            raise ValueError(f"Unknown scope: {scope}. Known: {', '.join(sorted(SCOPES))}, each with :read or :write.")
        nouns.add(noun)
    return frozenset(nouns)
