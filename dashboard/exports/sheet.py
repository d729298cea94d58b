from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from finances.reads.keyset import NEWEST_FIRST, Order


class Sheet(NamedTuple):
    """What a list's file holds. `heads`: of its columns, for people and programs, so in no language but one.

    `lines`: of some hundred rows at a time, what stands in the columns, in a constant number of queries. Amounts are in
    major units with the currency's own decimals, and the currency has a column of its own.
    `order`: in which the rows are read, unless they are asked for in another one.
    """

    heads: Sequence[str]
    lines: Callable[[Sequence[Any], datetime], Iterable[Sequence[object]]]
    order: Order = NEWEST_FIRST
