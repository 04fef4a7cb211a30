"""A dashboard as a spreadsheet: a sheet for each tile, its numbers and a chart of them.

Nothing that somebody typed becomes a formula or a link.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count, zip_longest

from odoo.addons.kpi_base.engine.palette import PAPER, SERIES, TEXTS
from odoo.addons.kpi_base.engine.spreadsheet import Formats, new_workbook, sheet_name
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from .shown import Cell, ShownTile, Table, plain_text

HEAD = 2  # line of the heads, below the title
FIRST_WIDTH, WIDTH, MOST_WIDTH = 24, 14, 60
CHARTS = {
    "line": {"type": "line"},
    "bar": {"type": "column"},
    "area": {"type": "area"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "radar": {"type": "radar", "subtype": "with_markers"},
    "scatter": {"type": "scatter"},
    "pie": {"type": "pie"},
    "doughnut": {"type": "doughnut"},
    "funnel": {"type": "bar"},
    "waterfall": {"type": "column", "subtype": "stacked"},
}
ROUND = {"pie", "doughnut"}
HEAT = {"type": "2_color_scale", "min_color": PAPER, "max_color": SERIES[5]}


def workbook(title: str, tiles: Sequence[ShownTile], words: dict[str, str]) -> bytes:
    """The tiles as an XLSX file.

    :param words: ``period``, ``value`` and those of what is expected, in the reader's
        language
    """
    file = io.BytesIO()
    book = new_workbook(file)
    book.set_properties({"title": title})
    formats = Formats(book)
    for tile, name in zip(tiles, _names(tiles, title), strict=True):
        _write_tile(book, book.add_worksheet(name), tile, words, formats)
    if not tiles:
        book.add_worksheet(sheet_name(title))
    book.close()
    return file.getvalue()


def _names(tiles: Iterable[ShownTile], title: str) -> list[str]:
    """A name for each sheet; Excel knows no two that differ in case only."""
    names: dict[str, str] = {}  # by what Excel takes for equal
    for tile in tiles:
        full = name = sheet_name(tile.title or title)
        numbers = count(2)
        while name.casefold() in names:
            ending = f" {next(numbers)}"
            name = full[: 31 - len(ending)] + ending
        names[name.casefold()] = name
    return [*names.values()]


def _write_tile(book, sheet, tile: ShownTile, words, formats: Formats) -> None:
    sheet.write_string(0, 0, tile.title, formats.bold)
    table = tile.table or tile.facts
    line = HEAD
    if table:
        line = _write_table(sheet, HEAD, table, formats)
        if tile.table:
            _add_chart(book, sheet, tile, table)
    if tile.trend_chart:
        line = _write_trend(book, sheet, line + 1, tile, words, formats)
    texts = [plain_text(tile.html), tile.message, tile.footer, *tile.notes]
    for place, text in enumerate(filter(None, texts)):
        sheet.write_string(line + 1 + place, 0, text)


def _write_table(sheet, line: int, table: Table, formats: Formats) -> int:
    """Write a table from ``line`` on; the line after it."""
    for place, head in enumerate(table.heads):
        style = formats.head if place in table.values else formats.head_left
        sheet.write_string(line, place, head, style)
        longest = max((len(row[place].text) for row in table.rows), default=0)
        least = WIDTH if place else FIRST_WIDTH
        width = min(max(longest, len(head)) + 2, MOST_WIDTH)
        sheet.set_column(place, place, max(width, least))
    for at, row in enumerate(table.rows, line + 1):
        for place, cell in enumerate(row):
            if cell.number is not None:
                colour = TEXTS.get(STATUS_TONES.get(cell.status, ""))
                formats.write_number(
                    sheet,
                    at,
                    place,
                    cell.number,
                    cell.decimals,
                    colour=colour,
                    before=cell.before,
                    after=cell.after,
                )
            elif cell.text != "–":  # what is missing is an empty cell
                style = formats.right if place in table.values else None
                sheet.write_string(at, place, cell.text, style)
    return line + 1 + len(table.rows)


def _write_trend(book, sheet, line, tile, words, formats) -> int:
    """The periods of a sparkline and a chart of them."""
    # a value of the KPI, whose look all have
    known = tile.facts.rows[0][1] if tile.facts and tile.facts.rows else Cell("")
    chart = tile.trend_chart
    (series,) = chart.series
    names = [*chart.categories, *(words["coming"] % name for name in chart.coming)]
    heads, columns = [words["period"], words["value"]], [series.values]
    if expected := series.expected:
        heads += [words[key] for key in ("expected", "expected_low", "expected_high")]
        blank = (None,) * (len(series.values) - 1)
        rows = (expected.values, expected.lows, expected.highs)
        columns += [(*blank, *row) for row in rows]
    rows = tuple(
        (Cell(name), *(replace(known, text="–", number=value) for value in values))
        for name, values in zip(names, zip_longest(*columns), strict=True)
    )
    places = tuple(range(1, len(heads)))
    table = Table(tuple(heads), rows, places, places[1:], len(chart.coming))
    end = _write_table(sheet, line, table, formats)
    _insert(book, sheet, {"type": "line"}, tile.title, _columns(sheet, line, table))
    return end


def _add_chart(book, sheet, tile: ShownTile, table: Table) -> None:
    if tile.kind == "heatmap" and table.rows:
        end = HEAD + len(table.rows)
        sheet.conditional_format(HEAD + 1, 1, end, len(table.heads) - 1, HEAT)
    if tile.kind not in CHARTS or not table.rows:
        return
    series = _columns(sheet, HEAD, table)
    if tile.kind in ROUND or tile.kind == "funnel":
        series = series[:1]  # the share says the same
    if tile.kind == "waterfall":
        series = _steps(sheet, tile, table)
    if tile.kind == "scatter":
        series = [{**series[1], "categories": series[0]["values"]}]
    _insert(book, sheet, CHARTS[tile.kind], tile.title, series)


def _columns(sheet, line: int, table: Table) -> list[dict]:
    """A series for each column of numbers; what is expected is a dashed line."""
    name, end = sheet.get_name(), line + len(table.rows)
    return [
        {
            "name": [name, line, place],
            "categories": [name, line + 1, 0, end, 0],
            "values": [name, line + 1, place, end, place],
            **({"line": {"dash_type": "dash"}} if place in table.expected else {}),
        }
        for place in table.values
    ]


def _steps(sheet, tile: ShownTile, table: Table) -> list[dict]:
    """Columns that stand on invisible ones, as Excel's files know no waterfall."""
    name, left, reached = sheet.get_name(), len(table.heads), 0.0
    for at, part in enumerate(tile.payload.parts if tile.payload else ()):
        start = 0.0 if part.is_total else reached
        reached = start + part.value
        sheet.write_number(HEAD + 1 + at, left, min(start, reached))
        sheet.write_number(HEAD + 1 + at, left + 1, abs(part.value))
    sheet.set_column(left, left + 1, None, None, {"hidden": True})
    names, base, height = (
        [name, HEAD + 1, column, HEAD + len(table.rows), column]
        for column in (0, left, left + 1)
    )
    return [
        {"categories": names, "values": base, "fill": {"none": True}},
        {"categories": names, "values": height},
    ]


def _insert(book, sheet, kind: dict, title: str, series: list[dict]) -> None:
    chart = book.add_chart(dict(kind))
    dashed = [each for each in series if "line" in each]
    for each in series:
        if each not in dashed:
            chart.add_series(each)
    if dashed:
        over = book.add_chart({"type": "line"})
        for each in dashed:
            over.add_series(each)
        chart.combine(over)
    chart.set_title({"name": title, "name_font": {"size": 12}})
    if kind["type"] not in ROUND:
        chart.set_legend({"none": len(series) < 2, "position": "bottom"})
    chart.show_hidden_data()
    widest = max(len(each["values"]) for each in series) if series else 0
    sheet.insert_chart(HEAD, 5 + widest, chart, {"object_position": 2})
