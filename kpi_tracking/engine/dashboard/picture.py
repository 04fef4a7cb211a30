"""A dashboard as one picture: an SVG with all tiles in it, to be made a PNG."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from ..drawing.icons import status_icon
from ..drawing.svg import PRINT, Drawing, Label, element, number
from .layout import GAP, LINE, PADDING, ROW, TITLE, Page, rows_of
from .shown import Cell, ShownTile, Table, plain_text

HEAD = 54.0
CELL = 17.0
MOST_LINES = 24  # of a table
LETTER = 5.4  # width of one in a text
TONES = {"success": "#28744A", "warning": "#8A5A00", "danger": "#A32A2A"}
STATUS_TONES = {"on_target": "success", "at_risk": "warning", "off_target": "danger"}
FONT = "font-family:'Open Sans','Noto Sans','DejaVu Sans',sans-serif"


def picture(
    title: str,
    subtitle: str,
    tiles: Sequence[ShownTile],
    width: float,
    *,
    is_rtl: bool = False,
) -> str:
    """The whole dashboard as an SVG.

    :param width: in pixels
    :param is_rtl: whether reading begins at the right
    """
    page, shapes, top = Page(width - 2 * GAP), [], HEAD
    for row in rows_of(tiles):
        height = max(_height(tile, page) for tile in row)
        left = GAP
        for tile in row:
            wide = page.tile_width(tile.span)
            start = width - left - wide if is_rtl else left
            sheet = _Sheet(page.inner_width(tile.span), is_rtl)
            shapes.append(_tile(page, tile, sheet, (start, top), height))
            left += wide + GAP
        top += height + GAP
    head = _Sheet(width - 2 * GAP, is_rtl, GAP)
    heads = [
        head.text(title, 26, size=18, is_bold=True),
        head.text(subtitle, 43, size=11, color=PRINT.faint),
    ]
    paper = element("rect", width=width, height=top, fill="#f4f5f7")
    svg = element(
        "svg",
        element("title", text=title),
        paper,
        *heads,
        *shapes,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(top)}",
        width=width,
        height=top,
        style=FONT,
    )
    return svg


def tile_picture(tile: ShownTile, width: float) -> Drawing | None:
    """The picture of one tile, without its title; None where it has none."""
    return Page(width + 2 * PADDING).picture(tile)[0] if tile.payload else None


@dataclass(frozen=True)
class _Sheet:
    """What is written on, from the side on which reading begins."""

    room: float
    is_rtl: bool = False
    margin: float = PADDING

    def x(self, start: float) -> float:
        """A distance from where reading begins, as one from the left."""
        right = self.margin + self.room - start
        return right if self.is_rtl else self.margin + start

    def text(self, text: str, y: float, start: float = 0.0, **look) -> str:
        """A line of text that begins, or with ``is_value`` ends, at ``start``."""
        is_value = look.pop("is_value", False)
        given = {"room": self.room - start, **look}
        anchor = "end" if is_value != self.is_rtl else "start"
        return Label(text, self.x(start), y, anchor, **given).as_svg()


def _height(tile: ShownTile, page: Page) -> float:
    """As tall as its texts need."""
    needed = tile.rows * ROW
    lines = len(_lines(tile, page.inner_width(tile.span)))
    if tile.shows_table:
        rows = min(len(tile.table.rows), MOST_LINES) + 1
        needed = max(needed, TITLE + 2 * PADDING + CELL * rows + LINE * lines)
    elif tile.html:
        needed = max(needed, TITLE + 2 * PADDING + LINE * lines)
    return needed


def _tile(
    page: Page,
    tile: ShownTile,
    sheet: _Sheet,
    spot: tuple[float, float],
    height: float,
) -> str:
    width, room = page.tile_width(tile.span), sheet.room
    box = {"x": 0.5, "y": 0.5, "width": width - 1, "height": height - 1, "rx": 6}
    inner = [
        element("rect", **box, fill="#ffffff", stroke=PRINT.line),
        sheet.text(tile.title, PADDING + 12, size=12, is_bold=True),
    ]
    body, below = _body(page, tile, sheet, PADDING + TITLE)
    inner += body
    for place, line in enumerate(_lines(tile, room)):
        y = below + LINE * (place + 0.8)
        inner.append(sheet.text(line, y, size=10, color=PRINT.faint))
    left, top = spot
    box = {"x": left, "y": top, "width": width, "height": height}
    return element("svg", *inner, **box)


def _body(page: Page, tile: ShownTile, sheet: _Sheet, top: float):
    """The picture, the table or the number, and where it ends."""
    found = page.picture(tile)
    if found:
        drawing, wide = found
        left = PADDING + (sheet.room - wide) / 2
        below = top + drawing.height * wide / drawing.width
        return [drawing.as_part(left, top, wide)], below
    if tile.shows_table:
        count = min(len(tile.table.rows), MOST_LINES) + 1
        return _table(tile.table, sheet, top), top + CELL * count
    if tile.headline:
        return _headline(tile, sheet, top)
    return [], top


def _lines(tile: ShownTile, room: float) -> list[str]:
    """What stands below the number or the picture."""
    said = list(tile.headline.lines) if tile.headline else []
    period = tile.headline.period if tile.headline else ""
    is_cut = tile.shows_table and len(tile.table.rows) > MOST_LINES
    written = textwrap.wrap(plain_text(tile.html), max(int(room / LETTER), 8))
    texts = [*written, "…" if is_cut else "", *said, period, tile.message]
    return [text for text in (*texts, tile.footer, *tile.notes) if text]


def _headline(tile: ShownTile, sheet: _Sheet, top: float):
    shown = tile.headline
    color = TONES.get(shown.tone, PRINT.faint)
    icon = status_icon(shown.tone, sheet.x(10 if sheet.is_rtl else 0), top + 34)
    body = [
        sheet.text(shown.text, top + 26, size=26, is_bold=True),
        icon,
        sheet.text(shown.status, top + 43, 14, size=11, is_bold=True, color=color),
    ]
    below = top + 52
    if tile.course:
        wide = min(sheet.room, 180.0)
        left = sheet.x(wide if sheet.is_rtl else 0)
        body.append(tile.sparkline().as_part(left, below, wide))
        below += 4 + wide / 4
    return body, below


def _table(table: Table, sheet: _Sheet, top: float) -> list[str]:
    """Names where reading begins, numbers at the ends of their columns."""
    share = sheet.room / (len(table.heads) + 1)
    heads = tuple(Cell(head) for head in table.heads)
    shapes = []
    for at, row in enumerate((heads, *table.rows[:MOST_LINES])):
        y = top + CELL * (at + 0.75)
        for place, cell in enumerate(row):
            is_value = place in table.values
            end = (place + 2) * share
            look = {
                "start": end if is_value else (end - share + 6 if place else 0),
                "room": share - 6 if place else 2 * share - 6,
                "color": TONES.get(STATUS_TONES.get(cell.status), PRINT.ink),
            }
            shapes.append(
                sheet.text(
                    cell.text, y, size=10.5, is_bold=not at, is_value=is_value, **look
                )
            )
        line = top + CELL * (at + 1)
        ends = {"x1": sheet.x(0), "x2": sheet.x(sheet.room), "y1": line, "y2": line}
        shapes.append(element("line", **ends, stroke=PRINT.line))
    return shapes
