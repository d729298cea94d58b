"""Reads what a spreadsheet holds, as a spreadsheet program would: the type of each cell too."""

import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

NAMES = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
Cell = str | Decimal


def sheets_of(body: bytes) -> list[list[list[Cell]]]:
    """By sheet and row, from the first column to the last that is filled; what is empty between is ''."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        names = sorted(
            (name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")),
            key=lambda name: int("".join(filter(str.isdigit, name))),
        )
        return [_rows(archive.read(name)) for name in names]


def names_of(body: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  # of our own making
    return [each.attrib["name"] for each in book.findall(".//sheet", NAMES)]


def _rows(xml: bytes) -> list[list[Cell]]:
    rows = []
    for row in ElementTree.fromstring(xml).findall(".//row", NAMES):  # noqa: S314  # of our own making
        cells: list[Cell] = []
        for cell in row.findall("c", NAMES):
            assert cell.find("f", NAMES) is None, "a formula"
            column = 0
            for letter in filter(str.isalpha, cell.attrib["r"]):
                column = column * 26 + ord(letter) - 64
            cells += [""] * (column - 1 - len(cells))
            text = cell.find("is/t", NAMES)
            cells.append(text.text or "" if text is not None else Decimal(cell.findtext("v", "", NAMES)))
        rows.append(cells)
    return rows
