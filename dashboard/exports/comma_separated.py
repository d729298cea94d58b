"""Rows as comma-separated values, written while they are read."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from dashboard.exports.cells import Writable, cell


class _Line:
    """What a csv.writer writes to: it gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(heads: Sequence[str], rows: Iterable[Sequence[object]], zone: tzinfo) -> Iterator[str]:
    # Text in quotes, all of it: where a semicolon separates, an unquoted cell could be cut into one with a formula.
    writer = csv.writer(_Line(), quoting=csv.QUOTE_NONNUMERIC)
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([cell(value, zone) for value in row])


def write(out: Writable, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: tzinfo) -> None:
    for line in lines(heads, rows, zone):
        out.write(line.encode())
