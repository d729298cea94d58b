import io
import os
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dashboard.exports import scratch, spreadsheet
from tests.spreadsheets import names_of, sheets_of


class OnlyWritten:
    """As the worker's: it can be written to, and nothing else."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        pass


def written(heads, rows, title="Invoices", zone=UTC) -> bytes:
    out = io.BytesIO()
    spreadsheet.write(out, title, heads, rows, zone)
    return out.getvalue()


def test_numbers_are_numbers_and_the_rest_is_text():
    body = written(["id", "total", "rows", "paid", "none"], [["in_1", Decimal("1527.96"), 3, True, None]])

    assert sheets_of(body) == [
        [
            ["id", "total", "rows", "paid", "none"],
            ["in_1", Decimal("1527.96"), Decimal(3), "yes"],
        ]
    ]


def test_a_time_is_a_date_in_the_readers_zone_that_says_so():
    import zipfile

    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 11, 1, 0, 15, tzinfo=berlin), datetime(2026, 7, 1, 0, 15, tzinfo=berlin)]
    body = written(["at"], [[at.astimezone(UTC)] for at in moments], zone=berlin)

    first = datetime(1899, 12, 30)
    days = [first + timedelta(days=float(row[0])) for row in sheets_of(body)[0][1:]]
    for day, at in zip(days, moments, strict=True):
        assert abs(day - at.replace(tzinfo=None)) < timedelta(milliseconds=1)
    styles = zipfile.ZipFile(io.BytesIO(body)).read("xl/styles.xml").decode()
    for zone in ("CET", "CEST"):
        assert f'formatCode="yyyy-mm-dd hh:mm:ss &quot;{zone}&quot;"' in styles


def test_a_time_before_a_spreadsheets_first_is_text():
    assert sheets_of(written(["at"], [[datetime(1850, 1, 1, tzinfo=UTC)]]))[0][1] == ["1850-01-01T00:00:00+00:00"]


def test_each_number_shows_the_decimals_that_it_has():
    import zipfile

    body = written(["total"], [[Decimal("5000")], [Decimal("1.50")], [Decimal("1.500")]])

    styles = zipfile.ZipFile(io.BytesIO(body)).read("xl/styles.xml").decode()
    assert 'formatCode="0.000"' in styles
    assert sheets_of(body)[0][1:] == [[Decimal(5000)], [Decimal("1.5")], [Decimal("1.5")]]


@pytest.mark.guarantee("D5")
@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_a_formula_nor_would_be_one_when_it_is_saved_as_text(beginning):
    (cell,) = sheets_of(written(["name"], [[f"{beginning}cmd|' /C calc'!A0"]]))[0][1]

    assert isinstance(cell, str)
    assert cell.startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<r><t>Ada</r>", "'<r><t>Ada</r>"),
        ("<r></r>", "'<r></r>"),
        ("https://evil.example", "https://evil.example"),
        ("1e5", "1e5"),
        ("0012", "0012"),
        ("a\x08c", "a_x0008_c"),
        ("&<>\"'", "&<>\"'"),
        ("名前", "名前"),
        ("x" * 40_000, "x" * 32_767),
    ],
)
def test_hostile_text_stays_text_and_the_file_whole(text, shown):
    assert sheets_of(written(["name"], [[text]]))[0][1] == [shown]


def test_what_does_not_fit_on_a_sheet_goes_to_the_next(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 2)

    body = written(["n"], [[n] for n in range(5)], title="Credit notes: [all]")

    assert [sheet[1:] for sheet in sheets_of(body)] == [[[0], [1]], [[2], [3]], [[4]]]
    assert all(sheet[0] == ["n"] for sheet in sheets_of(body))
    assert len(set(names_of(body))) == 3


def test_without_rows_there_are_the_heads():
    assert sheets_of(written(["id"], [])) == [[["id"]]]


def rows(count: int) -> Iterator[list[object]]:
    for number in range(count):
        yield [f"in_{number:014d}", f"Customer {number}", Decimal(number) / 100, "EUR", *["some text"] * 12]


def test_it_takes_the_same_memory_for_any_number_of_rows():
    def peak(count: int) -> int:
        tracemalloc.start()
        spreadsheet.write(OnlyWritten(), "Invoices", ["x"] * 16, rows(count), UTC)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)  # what is imported and compiled once

    few, many = peak(500), peak(5_000)
    assert many < few + 1_000_000


def test_nothing_is_left_on_the_disk_and_what_a_killed_process_left_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    old, fresh = tmp_path / f"{scratch.PREFIX}old", tmp_path / f"{scratch.PREFIX}fresh"
    for each in (old, fresh):
        each.mkdir()
        (each / "rows").write_text("a customer")
    long_ago = time.time() - scratch.LEFT_BEHIND - 60
    os.utime(old, (long_ago, long_ago))

    written(["n"], [[1]])

    assert list(tmp_path.iterdir()) == [fresh]
