"""What may happen to a few objects at Stripe, to the deliveries that tell of it, and to the workers."""

import os
from dataclasses import dataclass
from itertools import chain

from hypothesis import strategies as st

MOST_WORKERS = 4 if os.environ.get("PAYDESK_TEST_DATABASE") == "postgresql" else 2

# Two customers with all that hangs on them; the catalogue is shared. Each with what it points at.
WORLD = {
    "product": (),
    "price": ("product",),
    "other_price": ("product",),
    **{
        f"{name}_{whose}": tuple(f"{of}_{whose}" if of in ("customer", "subscription") else of for of in points_at)
        for whose in ("a", "b")
        for name, points_at in {
            "customer": (),
            "payment_method": ("customer",),
            "subscription": ("customer", "price", "other_price"),
            "invoice": ("customer", "subscription"),
        }.items()
    },
}
DELETABLE = ("product", "customer_a", "customer_b", "invoice_a", "invoice_b")


@dataclass(frozen=True)
class Change:
    """Another state, with an event; of an object that is not there yet, its creation, after what it points at."""

    name: str
    number: int


@dataclass(frozen=True)
class Delete:
    name: str


@dataclass(frozen=True)
class Deliver:
    """Some of the events so far: each number is a place among them, -1 the newest. Named again is delivered again."""

    places: tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """So many workers at once; with `meanwhile`, the history goes on while they work."""

    workers: int
    meanwhile: bool


@dataclass(frozen=True)
class History:
    """`in_crowds`: two objects of a type are enough to be read by list pages. `shuffle`: of the last events."""

    steps: tuple[Change | Delete | Deliver | Work, ...]
    in_crowds: bool
    shuffle: int

    def __repr__(self) -> str:
        lines = "".join(f"\n    {step}" for step in self.steps)
        how = "by list pages" if self.in_crowds else "one by one"
        return f"read {how}, then the last event of each object (shuffle {self.shuffle}), after:{lines or ' nothing'}"


names = st.sampled_from(list(WORLD))
changes = st.builds(Change, names, st.integers(0, 3))
deletes = st.builds(Delete, st.sampled_from(DELETABLE))
deliveries = st.builds(Deliver, st.lists(st.integers(0, 11), min_size=1, max_size=4).map(tuple))
works = st.builds(Work, st.integers(1, MOST_WORKERS), st.booleans())
NEWEST = Deliver((-1,))
MEANWHILE = Work(1, meanwhile=True)
# Two states of one object, each told and worked on at once: what chance alone would rarely bring together.
races = st.builds(
    lambda name, one, other: (Change(name, one), NEWEST, MEANWHILE, other or Change(name, one + 1), NEWEST, MEANWHILE),
    names,
    st.integers(0, 2),
    st.none() | deletes,
)
single_steps = st.one_of(changes, changes, deliveries, works, deletes).map(lambda step: (step,))
some_steps = st.lists(st.one_of(single_steps, single_steps, races), max_size=8)
histories = st.builds(
    History,
    # Two lists: hypothesis makes one rather short, and shrinks two as well as one.
    st.tuples(some_steps, some_steps).map(lambda lists: tuple(chain(*lists[0], *lists[1]))),
    st.booleans(),
    st.integers(0, 7),
)
