"""A file in either form: as an answer, while its rows are read, or written to where a worker keeps it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify

from dashboard.exports import comma_separated, spreadsheet
from dashboard.exports.cells import Writable

IN_MEMORY = 4 * 1024 * 1024  # bytes of a spreadsheet that is answered at once; a larger one waits on disk


class Format(NamedTuple):
    """`write`: to what is given, a title, heads, and rows of values, of which each becomes a cell; times in a zone."""

    content_type: str
    write: Callable[[Writable, str, Sequence[str], Iterable[Sequence[object]], tzinfo], None]


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", comma_separated.write),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", spreadsheet.write),
}


def answer(
    format: str, title: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """`name`: without the ending. A CSV is read while it is sent, and what fails then cuts it short; whoever asked has
    left by then, so that it is told their zone."""
    zone = timezone.get_current_timezone()
    if format == "csv":
        lines: Iterator[str] = comma_separated.lines(heads, rows, zone)
        return _as_file(StreamingHttpResponse(lines), name, format)
    whole = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the answer closes it
    FORMATS[format].write(whole, title, heads, rows, zone)
    whole.seek(0)
    return _as_file(FileResponse(whole), name, format)


def stored(format: str, name: str, pieces: Iterable[bytes], size: int) -> HttpResponseBase:
    """A file that was made before. `size`: bytes."""
    response = _as_file(StreamingHttpResponse(pieces), name, format)
    response["Content-Length"] = str(size)
    return response


def name_of(title: str, at: datetime) -> str:
    """`paydesk-credit-notes-2026-11-20`: of what was here then."""
    return f"paydesk-{slugify(title)}-{timezone.localdate(at):%Y-%m-%d}"


def _as_file(response: HttpResponseBase, name: str, format: str) -> HttpResponseBase:
    response["Content-Type"] = FORMATS[format].content_type
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    response["Cache-Control"] = "no-store"
    return response
