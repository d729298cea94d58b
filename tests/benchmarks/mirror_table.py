"""The figures of `mirror` as a table."""

from typing import Any

from tests.benchmarks.mirror import TARGETS

Figures = dict[str, Any]

STRIPES_CEILING = 2_500
MOST_GROWTH = 1.2


def show(figures: Figures, growth: Figures | None) -> None:
    for database, found in figures.items():
        print(f"\n  invoices with two lines, {database}: median of {found['rounds']} rounds, each side in turn")
        print(f"    {'':24} {'a second':>9}   {'to dj-stripe':>12}")
        for name, rate in found["a_second"].items():
            ratio = found["to_djstripe_new"][name]
            print(f"    {name:24} {rate:8,}/s   {ratio:11.1f}x   {_verdict(database, name, rate)}")
        if database == "PostgreSQL":
            ratio, least = found["to_djstripe_new"]["1 worker, new"], TARGETS["to_djstripe"]
            print(f"    one worker beside dj-stripe: {ratio}x, target at least {least}x, {_met(ratio >= least)}")
            print(f"    Stripe's ceiling: {STRIPES_CEILING:,}/s, 25 pages of a hundred")
    for name, found in (growth or {}).items():
        (small, large), times = [(size, rate) for size, rate in found.items() if size != "times"], found["times"]
        print(
            f"    {name:10} {small[1]:7,}/s over the {small[0]} business, {large[1]:7,}/s over the {large[0]} one:"
            f" {times:g} times as long, target {MOST_GROWTH:g}, {_met(times <= MOST_GROWTH)}"
        )


def _verdict(database: str, name: str, rate: float) -> str:
    workers, _, kind = name.partition(" ")
    least = TARGETS.get(workers, {}) if database == "PostgreSQL" else {}
    least = least.get(kind.rpartition(" ")[2]) if least else None
    return f"target {least:,}/s, {_met(rate >= least)}" if least else ""


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
