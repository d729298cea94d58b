"""Rows as a file of comma-separated values, sent while they are read."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from dashboard.exports.cells import cell


class _Line:
    """What a csv.writer writes to: it gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    # Text in quotes, all of it: where a semicolon separates, an unquoted cell could be cut into one with a formula.
    writer = csv.writer(_Line(), quoting=csv.QUOTE_NONNUMERIC)
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def as_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """`name`: without the ending. The rows are read while the answer is sent; what fails then cuts the file short."""
    response = StreamingHttpResponse(lines(heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
