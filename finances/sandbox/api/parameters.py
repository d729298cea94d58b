"""The query string in Stripe's form: `created[gte]=1`, `types[]=a&types[]=b`, `expand[0]=customer`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from finances.sandbox.api import errors
from finances.sandbox.api.resources import Filter

NAME = re.compile(r"([a-z_]+)(?:\[([a-z_0-9]*)\])?")
BOUNDS = ("gt", "gte", "lt", "lte")
PAGING = ("limit", "starting_after", "ending_before")
MOST = {"types": 20, "lookup_keys": 10}
WHAT = {"types": "event types", "lookup_keys": "lookup keys"}


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
    """Refuses, in Stripe's words, what the address does not take. `filters` by the parameter's name."""

    def __init__(self, query: str, filters: dict[str, Filter], paged: bool = False) -> None:
        self._values: dict[str, list[tuple[str | None, str]]] = {}
        unknown = []
        for written, value in parse_qsl(query, keep_blank_values=True):
            match = NAME.fullmatch(written)
            name, inner = (match[1], match[2]) if match else (written, None)
            how = "many" if name == "expand" else filters[name].how if name in filters else ""
            if inner is None and how in ("many", "parts"):
                raise errors.wrong_form(name, "array" if how == "many" else "object")
            if not _is_taken(name, inner, filters, paged):
                known = name in filters or name == "expand" or (paged and name in PAGING)
                unknown.append(written if known else name)
            self._values.setdefault(name, []).append((inner, value))
        if unknown:
            raise errors.unknown_parameters(list(dict.fromkeys(unknown)))

    def one(self, name: str, part: str | None = None) -> str | None:
        """`part` is what stands in the brackets, as in recurring[interval]."""
        values = [value for inner, value in self._values.get(name, []) if inner == part]
        if not values:
            return None
        if values[-1] == "":
            raise errors.empty_parameter(name if part is None else f"{name}[{part}]")
        return values[-1]

    def many(self, name: str) -> list[str]:
        values = [value for _, value in self._values.get(name, [])]
        if name in MOST and len(values) > MOST[name]:
            raise errors.StripeError(400, f"You can only specify up to {MOST[name]} {WHAT[name]}.", None, name)
        return values

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
            raise errors.bad_limit("This value must be greater than or equal to 1.")
        if limit > 100:
            raise errors.bad_limit(f"This value must be less than or equal to 100 (it currently is '{limit}').")
        after, before = self.one("starting_after"), self.one("ending_before")
        if after is not None and before is not None:
            raise errors.both_cursors()
        return limit, after, before


def _is_taken(name: str, inner: str | None, filters: dict[str, Filter], paged: bool) -> bool:
    listed = inner is not None and (inner == "" or inner.isdigit())
    if name == "expand":
        return listed
    if paged and name in PAGING:
        return inner is None
    if (wanted := filters.get(name)) is None:
        return False
    if wanted.how == "range":
        return inner is None or inner in BOUNDS
    if wanted.how == "parts":
        return inner in wanted.parts
    return listed if wanted.how == "many" else inner is None


def _integer(name: str, value: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise errors.bad_integer(name, value)
    return int(value)
