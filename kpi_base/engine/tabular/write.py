"""Tables that we hand out: text stays text, whatever a spreadsheet takes it for."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

from ..spreadsheet import neutral_text, new_workbook


def write_csv(rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to see that it is."""
    stream = StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    for cells in rows:
        writer.writerow([neutral_text(cell) for cell in cells])
    return stream.getvalue().encode("utf-8-sig", errors="replace")


def write_xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet; texts are written as texts and computed by nothing."""
    stream = BytesIO()
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with new_workbook(stream, **options) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, [neutral_text(cell) for cell in cells])
    return stream.getvalue()
