"""Rows as a spreadsheet (XLSX), in the memory of one row: rows wait on disk, and are zipped straight into the file.

Numbers are numbers with the decimals that they have, times dates that sort and group, in one zone and saying so, text
never a formula or a link. What is in the file counts, so texts are as in the comma-separated form.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from xlsxwriter import Workbook

from dashboard.exports.cells import Cell, Writable, cell
from dashboard.exports.scratch import scratch

MOST_ROWS = 1_048_575
"""That a sheet can have below its heads; what is more goes to another sheet."""
LONGEST_NAME = 28  # characters, and a number behind it
WIDTH = 22  # characters: a time is not wider
FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)  # before it, spreadsheets count a day that never was
TIME = 'yyyy-mm-dd hh:mm:ss "{}"'  # behind it what the zone is called on that day
OPTIONS = {
    "constant_memory": True,
    "use_zip64": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write(out: Writable, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], zone: tzinfo) -> None:
    """`out` need not be seekable."""
    with scratch() as directory, Workbook(out, OPTIONS | {"tmpdir": str(directory)}) as book:
        head = book.add_format({"bold": True})
        formats: dict[str, Any] = {}

        def shown(as_number: str) -> Any:
            if as_number not in formats:
                formats[as_number] = book.add_format({"num_format": as_number})
            return formats[as_number]

        for number, of_sheet in enumerate(_sheets(rows), start=1):
            sheet = book.add_worksheet(f"{_name(title)} {number}" if number > 1 else _name(title))
            sheet.set_column(0, len(heads) - 1, WIDTH)
            sheet.freeze_panes(1, 0)
            for column, name in enumerate(heads):
                sheet.write_string(0, column, name, head)
            for line, row in enumerate(of_sheet, start=1):
                for column, value in enumerate(row):
                    match value if isinstance(value, datetime) and value >= FIRST_DAY else cell(value, zone):
                        case datetime() as moment:
                            at = moment.astimezone(zone)
                            sheet.write_datetime(line, column, at.replace(tzinfo=None), shown(TIME.format(at.tzname())))
                        case str(text):
                            sheet.write_string(line, column, _as_text(text)) if text else None
                        case figure:
                            sheet.write_number(line, column, figure, shown(f"{Decimal(0):.{_decimals(figure)}f}"))


def _sheets(rows: Iterable[Sequence[object]]) -> Iterator[Iterable[Sequence[object]]]:
    """As many as it takes, one at least."""
    left = iter(rows)
    yield islice(left, MOST_ROWS)
    while (more := next(left, None)) is not None:
        yield chain([more], islice(left, MOST_ROWS - 1))


def _name(title: str) -> str:
    return "".join(" " if each in "[]:*?/\\'" else each for each in title)[:LONGEST_NAME]


def _decimals(figure: Cell) -> int:
    exponent = figure.as_tuple().exponent if isinstance(figure, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _as_text(text: str) -> str:
    # The library takes text in these brackets for its own markup and writes it as it is, which would break the file.
    return f"'{text}" if text.startswith("<r>") and text.endswith("</r>") else text
