"""Exports in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.formatting import whole_number
from finances.models import Export
from finances.reads.exports import downloadable


@dataclass(frozen=True)
class ShownExport:
    """`conditions`: in the list's own words. `far`: rows. `again`: the address that asks for the same once more."""

    export: Export
    what: str
    conditions: list[str]
    far: str
    size: str
    downloadable: bool
    again: str


def shown_export(export: Export, title: str, conditions: Sequence[str], now: datetime) -> ShownExport:
    return ShownExport(
        export=export,
        what=f"{title}, {export.format.upper()}",
        conditions=list(conditions),
        far=far(export),
        size=filesizeformat(export.size) if export.size else "",
        downloadable=downloadable(export, now),
        again=again(export),
    )


def again(export: Export) -> str:
    conditions = [export.conditions] if export.conditions else []
    where = "admin" if export.list.endswith("_changelist") else "console"
    return f"{reverse(f'{where}:{export.list}')}?{'&'.join([*conditions, f'export={export.format}'])}"


def far(export: Export) -> str:
    """`8,000 of 12,900`, `12,900`: rows."""
    rows = whole_number(export.rows)
    if export.state != Export.State.RUNNING or not export.total:
        return rows
    return _("%(rows)s of %(total)s") % {"rows": rows, "total": whole_number(export.total)}
