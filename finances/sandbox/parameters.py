"""The query string in Stripe's form: `created[gte]=1`, `types[]=a&types[]=b`, `expand[0]=customer`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from . import errors

NAME = re.compile(r"([a-z_]+)(?:\[([a-z_0-9]*)\])?")
BOUNDS = ("gt", "gte", "lt", "lte")


@dataclass(frozen=True)
class Range:
    """Bounds in seconds; `exact` alone when a plain number was given."""

    exact: int | None = None
    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None

    def holds(self, value: object) -> bool:
        if not isinstance(value, int):
            return False
        return (
            (self.exact is None or value == self.exact)
            and (self.gt is None or value > self.gt)
            and (self.gte is None or value >= self.gte)
            and (self.lt is None or value < self.lt)
            and (self.lte is None or value <= self.lte)
        )


class Parameters:
    """Refuses, in Stripe's words, what the address does not take."""

    def __init__(self, query: str, plain: frozenset[str], ranges: frozenset[str], many: frozenset[str]) -> None:
        self._values: dict[str, list[tuple[str | None, str]]] = {}
        for written, value in parse_qsl(query, keep_blank_values=True):
            match = NAME.fullmatch(written)
            name, inner = (match[1], match[2]) if match else (written, None)
            listed = inner is not None and (inner == "" or inner.isdigit())
            known = (
                (inner is None and name in plain | ranges)
                or (inner in BOUNDS and name in ranges)
                or (listed and name in many)
                or (name == "payment" and name in many)
            )
            if not known:
                raise errors.unknown_parameter(name if name not in plain | ranges | many else written)
            self._values.setdefault(name, []).append((inner, value))

    def one(self, name: str) -> str | None:
        values = self._values.get(name)
        if not values:
            return None
        if values[-1][1] == "":
            raise errors.StripeError(
                400,
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
                f"parameter; however '{name}' cannot be unset. You should remove '{name}' from your request or supply "
                "a non-empty value.",
                "parameter_invalid_empty",
                name,
            )
        return values[-1][1]

    def many(self, name: str) -> list[str]:
        values = [value for _, value in self._values.get(name, [])]
        if name == "types" and len(values) > 20:
            raise errors.StripeError(400, "You can only specify up to 20 event types.", None, "types")
        return values

    def flag(self, name: str) -> bool | None:
        value = self.one(name)
        if value not in (None, "true", "false"):
            raise errors.StripeError(400, f"Invalid boolean: {value}", None, name)
        return None if value is None else value == "true"

    def range(self, name: str) -> Range | None:
        if name not in self._values:
            return None
        bounds = {}
        for inner, value in self._values[name]:
            written = f"{name}[{inner}]" if inner else name
            bounds[inner or "exact"] = _integer(written, value)
        return Range(**bounds)

    def cursor(self) -> tuple[int, str | None, str | None]:
        """limit, starting_after, ending_before."""
        written = self.one("limit")
        limit = 10 if written is None else _integer("limit", written)
        if limit < 1:
            raise errors.StripeError(
                400, "This value must be greater than or equal to 1.", "parameter_invalid_integer", "limit"
            )
        if limit > 100:
            raise errors.StripeError(
                400,
                f"This value must be less than or equal to 100 (it currently is '{limit}').",
                "parameter_invalid_integer",
                "limit",
            )
        after, before = self.one("starting_after"), self.one("ending_before")
        if after is not None and before is not None:
            raise errors.StripeError(
                400, "Received both starting_after and ending_before parameters. Please pass in only one."
            )
        return limit, after, before


def _integer(name: str, value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise errors.bad_integer(name, value)
    return int(value)
