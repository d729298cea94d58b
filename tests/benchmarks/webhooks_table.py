"""The figures of `webhooks` as a table: ratios first."""

from typing import Any

from tests.benchmarks.webhooks import TARGETS

Figures = dict[str, Any]


def show(figures: Figures) -> None:
    acknowledged, most, steady = figures["acknowledgement"], figures["most_a_second"], figures["steady"]
    slow, hung = figures["api_answers_in_100_ms"], figures["api_hangs"]
    print("\n  ratios")
    _line("acknowledgement at 100/s to an empty view, median", acknowledged["median_to_an_empty_view"], "x")
    _target(acknowledged["median_to_an_empty_view"], TARGETS["median_to_an_empty_view"])
    _line("the same to a view that commits a bare row", acknowledged["median_to_a_bare_commit"], "x")
    _line("to an empty view, CPU time of the web processes", acknowledged["web_cpu_to_an_empty_view"], "x")
    _line("an empty view to ours, the most a second", round(most["empty_view"] / most["ours"], 2), "x")
    _line("dj-stripe's view to ours, median, API 100 ms", slow["median_of_djstripe_to_ours"], "x")
    print(f"\n  {'at 100/s':44} {'p50':>9} {'p99':>9} {'CPU':>7} {'taken/s':>8} {'not 2xx':>8} {'unsent':>7}")
    for name, row in (
        ("gunicorn alone", acknowledged["gunicorn_alone"]),
        ("an empty view", acknowledged["empty_view"]),
        ("a view that commits a bare row", acknowledged["bare_commit"]),
        ("ours, no worker", acknowledged["ours"]),
        (f"ours, a worker, {steady['duplicates']} duplicates", steady),
        ("ours, a worker, API 100 ms", slow["ours"]),
        ("dj-stripe's view, API 100 ms", slow["djstripe"]),
        ("ours, a worker, API hangs", hung),
    ):
        _row(name, row)
    print("  targets of A1: p99 at most 50 ms, no answer other than 2xx")
    for name, row in (("steady", steady), ("API hangs", hung)):
        _target(row["p99_ms"], TARGETS["p99_ms"], f"{name}: p99 {row['p99_ms']:g} ms")
        _target(row["not_2xx"], TARGETS["not_2xx"], f"{name}: {row['not_2xx']} answers other than 2xx")
    print("\n  the most a second, 8 connections")
    for name in ("gunicorn_alone", "empty_view", "ours"):
        _line(name.replace("_", " "), most[name], "/s")
    print("\n  worked off without help")
    for name, row in (("after the steady stream", steady), ("after the API had hung", hung)):
        left = f", {row['left']} LEFT" if row["left"] else ""
        print(f"    {name:46} {row['backlog']:7} waited, gone after {row['drained_after_s']:g} s{left}")
    print("\n  workers, events a second (calls)         each its own customer       1,000 about five")
    for name, row in figures["workers"].items():
        distinct = f"{row['distinct_a_second']:>10}/s ({row['distinct_calls']})"
        burst = f"{row['burst_of_5_a_second']:>10}/s ({row['burst_of_5_calls']})"
        print(f"    {name:32} {distinct:>26} {burst:>22}")


def _row(name: str, row: Figures) -> None:
    print(
        f"    {name:42} {row['p50_ms']:7.1f}ms {row['p99_ms']:7.1f}ms {row['web_cpu_ms']:5.1f}ms"
        f" {row['taken_a_second']:8.1f} {row['not_2xx']:8} {row['unsent']:7}"
    )


def _line(name: str, value: float, unit: str) -> None:
    print(f"    {name:52} {value:9.2f}{unit}")


def _target(value: float, most: float, what: str = "") -> None:
    verdict = "met" if value <= most else f"MISSED by {value - most:.4g}"
    print(f"      {what + ': ' if what else ''}target at most {most:g}, {verdict}")
