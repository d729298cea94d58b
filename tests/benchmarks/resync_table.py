"""The figures of `resync` as tables: what is to hold first, then where the time went."""

from typing import Any

from tests.benchmarks.mirror_alone import PASSES
from tests.benchmarks.resync import SLOW_API, TARGETS

Figures = dict[str, Any]


def show(figures: Figures) -> None:
    one, in_all = figures["a_second"]
    print(f"\n  limits: {one} calls a second for an endpoint, {in_all} in all")
    for name, business in (("PostgreSQL", figures["whole"]), ("SQLite", figures["sqlite"])):
        _show_runs(name, business)
    _show_djstripe(figures["beside_djstripe"])
    _show_slow(figures["slow"])


def _show_runs(name: str, business: Figures) -> None:
    print(
        f"\n  everything of {business['customers']:,} customers, {name}, {business['workers']} worker(s);"
        f" the mirror alone: {business['processes_of_the_mirror']} process(es)"
    )
    print(f"    {'':10} {'objects':>9} {'calls':>7} {'seconds':>9} {'floor':>8} {'mirror':>8}   {'to the longer':>13}")
    for each in PASSES:
        run = business["runs"][each]
        print(
            f"    {each:10} {run['done']:9,} {run['calls']:7,} {run['seconds']:8.1f}s {run['floor_s']:7.1f}s"
            f" {run['mirror_alone_s']:7.1f}s   {run['to_the_longer']:12.2f}x"
        )
        _most(run["to_the_longer"], TARGETS["of_the_longer"])
        if run["state"] != "complete" or run["failed"]:
            print(f"      THE RUN ENDED AS {run['state']}, {run['failed']} failed")
    new = business["runs"]["new"]
    asked = new["calls_by_endpoint"].get("/v1/payment_methods", 0)
    print(f"    the floor is set by {new['floor_by']}; payment methods are a call for each customer: {asked:,} calls,")
    print(f"    and without them the floor of the first import would be {new['floor_without_payment_methods_s']:.1f} s")
    for each in PASSES:
        run = business["runs"][each]
        print(
            f"    {each:10} CPU of the workers {run['cpu_of_the_workers_s']:.1f} s, of the local Stripe beside them"
            f" {run['cpu_of_the_local_stripe_s']:.1f} s"
        )
    for each in PASSES:
        memory = business["runs"][each]["memory_of_a_worker_mb"]
        print(f"    {each:10} MB of the largest worker: {', '.join(f'{at} {mb}' for at, mb in memory.items())}")
        _most(memory["highest"], TARGETS["memory_mb"])


def _show_djstripe(beside: Figures) -> None:
    ours, theirs = beside["ours"], beside["djstripe"]
    print(f"\n  beside djstripe_sync_models, the same types of the same {beside['customers']} customers")
    print(f"    {'':10} {'seconds':>9} {'calls':>8} {'rows of dj-stripe':>18} {'not stored':>11}")
    limited = beside["ours_at_the_limits"]
    for name, side, failed in (
        ("dj-stripe", theirs, theirs["errors"]),
        ("ours", ours, ours["failed"]),
        ("at limits", limited, limited["failed"]),
    ):
        rows = sum(side["rows"].values())
        print(f"    {name:10} {side['seconds']:8.1f}s {side['calls']:8,} {rows:18,} {failed:11,}")
    print(
        f"    dj-stripe to ours: {beside['calls_of_djstripe_to_ours']}x the calls, and the time, neither with a limit:"
    )
    ratio, least = beside["seconds_of_djstripe_to_ours"], TARGETS["of_djstripe"]
    verdict = "met" if ratio >= least else f"MISSED by {least - ratio:.4g}"
    print(f"      {ratio}x, target at least {least:g}, {verdict}")
    held = beside["seconds_of_djstripe_to_ours_at_the_limits"]
    print(f"      {held}x where ours keeps to Stripe's limits, of which its floor here is {limited['floor_s']:.1f} s")
    rows = [
        f"{name} ({number} and {ours['rows'][name]})"
        for name, number in theirs["rows"].items()
        if number != ours["rows"][name]
    ]
    if rows:
        print(f"    rows that only one of them has, dj-stripe's and ours: {', '.join(rows)}")


def _show_slow(slow: Figures) -> None:
    print(f"\n  of the budget for one endpoint, where Stripe answers in {SLOW_API * 1_000:.0f} ms")
    for name, row in slow.items():
        share = row["calls_a_second"] / row["of"]
        verdict = "met" if share >= TARGETS["of_the_budget"] else f"MISSED by {TARGETS['of_the_budget'] - share:.2f}"
        print(f"    {name:32} {row['calls_a_second']:6.1f} of {row['of']}/s   {share:6.0%} of it")
        print(f"      target at least {TARGETS['of_the_budget']:.0%}, {verdict} ({row['calls']} calls)")


def _most(value: float, most: float) -> None:
    verdict = "met" if value <= most else f"MISSED by {value - most:.4g}"
    print(f"      target at most {most:g}, {verdict}")
