"""A table of KPIs by period as a spreadsheet: numbers as numbers, texts as texts.

Nothing that somebody typed becomes a formula or a link.
"""

import io

import xlsxwriter

NAME_WIDTH, FIGURE_WIDTH, PERIOD_WIDTH = 44, 22, 13
# xlsxwriter turns texts into formulas, links and numbers unless told not to.
SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
COLOURS = {"on_target": "#28744A", "at_risk": "#8A5A00", "off_target": "#A32A2A"}
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def workbook(matrix: dict, words: dict[str, str]) -> bytes:
    """The table as an XLSX file.

    :param matrix: as ``kpi.period.report._matrix`` gives it
    :param words: ``kpi``, ``unit``, ``figure`` and ``running`` in the reader's language
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, SAFE)
    sheet = book.add_worksheet(sheet_name(matrix["title"]))
    formats = Formats(book)
    sheet.set_column(0, 0, NAME_WIDTH)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, FIGURE_WIDTH)
    sheet.set_column(3, 300, PERIOD_WIDTH)
    sheet.write_string(0, 0, matrix["title"], formats.bold)
    line = 2
    for section in matrix["sections"]:
        line = _write_section(sheet, line, section, matrix["figures"], words, formats)
    sheet.freeze_panes(3 if len(matrix["sections"]) == 1 else 1, 3)
    book.close()
    return file.getvalue()


class Formats:
    """Formats of cells, each made once."""

    def __init__(self, book: xlsxwriter.Workbook):
        self._book = book
        self._known = {}
        self.bold = book.add_format({"bold": True})
        self.right = book.add_format({"align": "right"})
        self.head = book.add_format({"bold": True, "bottom": 1, "align": "right"})
        self.head_left = book.add_format({"bold": True, "bottom": 1})

    def number(
        self, digits: int, colour: str | None, before: str = "", after: str = ""
    ):
        """A number of so many decimals with what stands around it, as it is read."""
        key = (digits, colour, before, after)
        if key not in self._known:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            around = _literal(before) + pattern + _literal(after)
            options = {"num_format": around}
            if colour:
                options |= {"font_color": colour, "bold": True}
            self._known[key] = self._book.add_format(options)
        return self._known[key]


def _literal(text: str) -> str:
    """A text as patterns of numbers hold it; they know no quotation mark."""
    bare = text.replace('"', "")
    return f'"{bare}"' if bare else ""


def _write_section(sheet, line, section, figures, words, formats) -> int:
    """Write a section from ``line`` on; the line after it and a gap."""
    heads = [section["title"] or words["kpi"], words["unit"], words["figure"]]
    for place, head in enumerate(heads):
        sheet.write_string(line, place, head, formats.head_left)
    for place, column in enumerate(section["columns"]):
        running = f" ({words['running']})" if column["is_running"] else ""
        sheet.write_string(line, 3 + place, column["label"] + running, formats.head)
    line += 1
    for row in section["rows"]:
        for figure in figures:
            if figure["key"] in row["figures"]:
                _write_line(sheet, line, row, figure, formats)
                line += 1
    return line + 1


def _write_line(sheet, line: int, row: dict, figure: dict, formats: Formats) -> None:
    for place, text in enumerate((row["name"], row["unit"], figure["label"])):
        sheet.write_string(line, place, text)
    digits, after = (1, " %") if figure["is_percent"] else (row["digits"], "")
    for place, cell in enumerate(row["cells"], 3):
        number = cell["numbers"].get(figure["key"])
        colour = COLOURS.get(cell["status"]) if figure["key"] == "actual" else None
        if number is not None:
            style = formats.number(digits, colour, after=after)
            sheet.write_number(line, place, number, style)
        elif figure["key"] in cell["texts"]:
            sheet.write_string(line, place, cell["texts"][figure["key"]], formats.right)


def sheet_name(title: str) -> str:
    """A name that a sheet may have: at most 31 characters, none of those forbidden."""
    name = title.translate(FORBIDDEN).strip()[:31] or "KPI"
    return f"{name}_" if name.casefold() == "history" else name  # Excel's own
