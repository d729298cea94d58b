"""How much of everything there is to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """At least so many rows of each. `moulds`: customers of the local Stripe that all others are made from; `largest`:
    (subscriptions, invoices) of the few customers that have very many. `whole`: with Stripe's JSON, not only what lists
    read. `crowds`: many, too, of what hangs on few customers or none."""

    customers: int
    subscriptions: int
    invoices: int
    moulds: int = 120
    largest: tuple[tuple[int, int], ...] = ()
    whole: bool = True
    crowds: bool = False


def _of(hundredths: int) -> Size:
    return Size(
        customers=1_000 * hundredths,
        subscriptions=1_500 * hundredths,
        invoices=10_000 * hundredths,
        largest=((max(60 * hundredths // 100, 2), 100 * hundredths), (2, 20 * hundredths), (2, 5 * hundredths)),
    )


SIZES = {
    "tiny": Size(customers=60, subscriptions=70, invoices=600, moulds=24, largest=((4, 60),)),  # of a test
    "plans": Size(customers=15_000, subscriptions=20_000, invoices=30_000, moulds=30, whole=False, crowds=True),
    "small": _of(1),
    "medium": _of(10),
    "full": _of(100),
}
