"""The figures of `pages` as a table: ratios first."""

from typing import Any

from tests.benchmarks.drawn import TARGET
from tests.benchmarks.pages import TARGETS, TO_THE_FLOOR, misses

Figures = dict[str, Any]


def show(figures: Figures) -> None:
    data, pages = figures["data"], figures["pages"]
    print(f"\n  the data: {data['gb']:g} GB, made in {data['made_in_s']:g} s (target 600)")
    print(
        f"  targets to the floor: {', '.join(f'{kind} {most:g}x' for kind, most in TO_THE_FLOOR.items())};"
        f" a list: at most {TARGETS['sql_ms']:g} ms of SQL and {TARGETS['queries']} queries beyond the floor's;"
        f" to the small business at most {TARGETS['to_small']:g}x\n"
    )
    print(
        f"  {'':40} {'to the floor':>12} {'to small':>8} {'ms':>7} {'floor':>6} {'SQL ms':>7} {'slowest':>7}"
        f" {'queries':>7} {'kB':>6} {'plain SQL':>9} {'dj-stripe':>10} {'to ours':>7}"
    )
    for page in pages:
        _row(page)
    if drawn := figures["drawn"]:
        print(
            f"\n  the overview drawn in Chromium: {drawn['ms']} ms, {drawn['highest_ms']} at most, {drawn['first_ms']}"
            f" with an empty cache (target {TARGET}, {'met' if drawn['ms'] <= TARGET else 'MISSED'})"
        )
    missed = [(page["name"], each) for page in pages for each in misses(page)]
    print(f"\n  {len(missed)} targets missed" if missed else "\n  every target is met")
    for name, each in missed:
        print(f"    {name}: {each}")


def _row(page: Figures) -> None:
    print(
        f"  {page['name'][:40]:40} {page['to_floor']:11.2f}x {_or_dash(page.get('to_small'), '.2f', 'x'):>8}"
        f" {page['ms']:7.1f} {page['floor_ms']:6.1f} {page['sql_ms']:7.1f} {page['slowest_ms']:7.1f}"
        f" {page['queries']:7} {page['kb']:6.0f} {_or_dash(page.get('plain_ms'), '.2f'):>9} {_peer(page):>10}"
        f" {_or_dash(page.get('peer_to_ours'), '.0f', 'x') if page.get('peer_status') == 200 else '-':>7}"
    )


def _peer(page: Figures) -> str:
    if "peer_status" not in page:
        return "-"
    return f"{page['peer_ms']:.0f}" if page["peer_status"] == 200 else str(page["peer_status"])


def _or_dash(value: float | None, form: str, unit: str = "") -> str:
    return "-" if value is None else f"{value:{form}}{unit}"
