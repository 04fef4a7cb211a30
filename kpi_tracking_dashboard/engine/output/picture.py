"""A dashboard as one picture: an SVG with all tiles in it, to be made a PNG."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from odoo.addons.kpi_base.engine.palette import DESK, PAPER, TEXTS
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from ..drawing import svg
from ..drawing.svg import (
    BOLD,
    CHIP_HEIGHT,
    PRINT,
    SEAL_SIZE,
    Drawing,
    Label,
    chip_width,
    draw_seal,
    element,
    number,
    status_chip,
    status_icon,
    text_width,
    truncate_text,
)
from .layout import COLUMNS, GAP, LINE, PADDING, ROW, TITLE, Page, rows_of
from .shown import Cell, Headline, ShownTile, plain_text

HEAD, HEADING = 54.0, 24.0
CELL = 20.0
MOST_LINES = 24  # of a table
LETTER = 6.4  # width of one in a cell
CELL_SIZE, COLUMN_GAP, MOST_LETTERS = 12.0, 6.0, 30
GAUGE_MARGIN = 16.0  # for the numbers of its ends
FRAME = {"fill": PAPER, "stroke": PRINT.line}
NUMBER, UNIT_SIZE = 28.0, 16.0  # letters of a card
MOST_TREND = 296.0  # widest sparkline
MARK = 8.0  # size of a status beside a number
TITLE_SIZE, BESIDE = (
    14.0,
    6.0,
)  # letters of a title; gap to what follows it
CHIP_SHARE = 0.6  # of a title's line that a chip may take


def picture(
    title: str,
    subtitle: str,
    tiles: Sequence[ShownTile],
    width: float,
    *,
    is_rtl: bool = False,
) -> tuple[str, float]:
    """The whole dashboard as an SVG, and its height in pixels.

    :param width: in pixels
    :param is_rtl: whether reading begins at the right
    """
    page, shapes, top = Page(width - 2 * GAP), [], HEAD
    for row in rows_of(map(page.widen, tiles)):
        drawn = [_draw_tile(tile, page, is_rtl) for tile in row]
        height = max(needed for needed, _shapes in drawn)
        left = GAP
        for tile, (_needed, inner) in zip(row, drawn, strict=True):
            wide = page.tile_width(tile.span)
            start = width - left - wide if is_rtl else left
            if not tile.is_heading:
                box = {"x": 0.5, "y": 0.5, "width": wide - 1, "height": height - 1}
                inner.insert(0, element("rect", **box, rx=8, **FRAME))
            look = {"x": start, "y": top, "width": wide, "height": height}
            shapes.append(element("svg", *inner, **look))
            left += wide + GAP
        top += height + GAP
    head = _Sheet(width - 2 * GAP, is_rtl, GAP)
    whole = element(
        "svg",
        element("title", text=title),
        element("rect", width=width, height=top, fill=DESK),
        head.text(title, 26, size=20, is_bold=True),
        head.text(subtitle, 44, size=12, color=PRINT.faint),
        *shapes,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(top)}",
        width=width,
        height=top,
    )
    return whole, top


def tile_picture(tile: ShownTile, width: float) -> tuple[Drawing, float] | None:
    """The picture of one tile, without its title, and how wide it is drawn.

    :param width: the room for it, in pixels
    """
    alone = replace(tile, span=COLUMNS, rows=2, notes=(), message="", headline=None)
    found = Page(width + 2 * PADDING).picture(alone)
    if not found or not tile.is_gauge:
        return found
    drawing, wide = found
    wider = drawing.add_margins(GAUGE_MARGIN)
    return wider, wide * wider.width / drawing.width


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


def _draw_tile(tile: ShownTile, page: Page, is_rtl: bool) -> tuple[float, list[str]]:
    """How tall a tile has to be, and its shapes."""
    if tile.is_heading:
        sheet = _Sheet(page.tile_width(tile.span), is_rtl, 0.0)
        return HEADING, [sheet.text(tile.title, 18, size=16, is_bold=True)]
    sheet = _Sheet(page.inner_width(tile.span), is_rtl)
    body, below = _body(page, tile, sheet, PADDING + TITLE if tile.title else 4.0)
    shapes = [*_head(tile, sheet), *body]
    for line, color in _lines(tile, sheet.room):
        below += LINE
        shapes.append(sheet.text(line, below - 3, size=12, color=color))
    needed = below + PADDING
    if tile.payload or tile.headline:  # texts and what is left out need no more
        needed = max(needed, tile.rows * ROW)
    return needed, shapes


def _head(tile: ShownTile, sheet: _Sheet) -> list[str]:
    """The title with the seal of its KPI, and the chip of a gauge at its end."""
    room, middle, shapes = sheet.room, PADDING + 7, []
    if tile.is_gauge and tile.headline and tile.headline.status:
        shown, most = tile.headline, sheet.room * CHIP_SHARE
        chip, word = status_chip(
            shown.status,
            shown.tone,
            sheet.x(sheet.room),
            middle - CHIP_HEIGHT / 2,
            anchor="start" if sheet.is_rtl else "end",
            room=most,
            is_rtl=sheet.is_rtl,
        )
        shapes += [*chip, word.as_svg()]
        room -= min(chip_width(shown.status), most) + BESIDE
    if tile.certification:
        room -= SEAL_SIZE + BESIDE
        size = TITLE_SIZE * BOLD
        start = text_width(truncate_text(tile.heading, room, size), size) + BESIDE
        left = sheet.x(start + (SEAL_SIZE if sheet.is_rtl else 0))
        place = {"x": left, "y": middle - SEAL_SIZE / 2}
        seal = draw_seal(tile.certification, word=tile.certification_word, **place)
        shapes.append(seal)
    look = {"size": TITLE_SIZE, "is_bold": True, "room": room}
    return [sheet.text(tile.heading, PADDING + 12, **look), *shapes]


def _body(
    page: Page, tile: ShownTile, sheet: _Sheet, top: float
) -> tuple[list[str], float]:
    """The picture, the table or the number, and where it ends."""
    found = page.picture(tile)
    if found:
        drawing, wide = found
        left = PADDING + (sheet.room - wide) / 2
        below = top + drawing.height * wide / drawing.width
        return [drawing.as_part(left, top, wide)], below
    if tile.shows_table and len(tile.table.heads) > 1:
        count = min(len(tile.table.rows), MOST_LINES) + 1
        return _table(tile, sheet, top), top + CELL * count
    if tile.headline:
        return _headline(tile, sheet, top)
    return [], top


def _lines(tile: ShownTile, room: float) -> list[tuple[str, str]]:
    """What stands below the number or the picture, with its colour."""
    shown = tile.headline
    said = _about(shown, room) if shown else ()
    if shown and not tile.is_gauge and not has_room_beside(shown, room):
        said = shown.distance, *said
    rows = tile.table.rows if tile.shows_table else ()
    is_cut = len(rows) > MOST_LINES
    # what has one column is read, not compared: nothing of it is cut off
    written = [plain_text(tile.html), *(row[0].text for row in rows if len(row) == 1)]
    wide = max(int(room / CELL_SIZE / svg.LETTER), 8)  # as lines are cut
    written = [line for text in written for line in textwrap.wrap(text, wide)]
    texts = ["…" if is_cut else "", *said, tile.message, tile.footer, *tile.notes]
    return [
        *((text, PRINT.ink) for text in written),
        *((text, PRINT.faint) for text in filter(None, texts)),
    ]


def _about(shown: Headline, room: float) -> tuple[str, ...]:
    """What a card is compared with and its own period: one line, two without room."""
    if text_width(shown.about, CELL_SIZE) <= room:
        return (shown.about,)
    return shown.before, shown.own_period


def has_room_beside(shown: Headline, room: float) -> bool:
    """Whether the distance to the target is on the line of the status."""
    needed = chip_width(shown.status) + text_width(shown.distance, CELL_SIZE * BOLD)
    return needed + BESIDE <= room


def _headline(tile: ShownTile, sheet: _Sheet, top: float) -> tuple[list[str], float]:
    shown = tile.headline
    chip, word = status_chip(
        shown.status,
        shown.tone,
        sheet.x(0),
        top + 34,
        anchor="end" if sheet.is_rtl else "start",
        room=sheet.room,
        is_rtl=sheet.is_rtl,
    )
    figure = sheet.text(shown.number, top + 26, size=NUMBER, is_bold=True)
    start = text_width(shown.number, NUMBER * BOLD) + 2
    look = {"start": start, "size": UNIT_SIZE, "color": PRINT.faint}
    unit = sheet.text(shown.unit.strip(), top + 26, **look) if shown.unit else ""
    body = [figure, unit, *chip, word.as_svg()]
    if shown.distance and has_room_beside(shown, sheet.room):
        color = TEXTS.get(shown.tone, PRINT.faint)
        look = {"size": CELL_SIZE, "is_bold": True, "color": color, "is_value": True}
        distance = {"start": sheet.room, "room": sheet.room, **look}
        body.append(sheet.text(shown.distance, top + 48, **distance))
    below = top + 58
    if tile.trend_chart:
        wide = min(sheet.room, MOST_TREND)
        drawing = tile.sparkline(width=wide)
        left = sheet.x(wide if sheet.is_rtl else 0)
        body.append(drawing.as_part(left, below, wide))
        below += 4 + drawing.height
    return body, below


def _table(tile: ShownTile, sheet: _Sheet, top: float) -> list[str]:
    """Names where reading begins, numbers at the ends of their columns."""
    table = tile.table
    rows = (tuple(map(Cell, table.heads)), *table.rows[:MOST_LINES])
    # Shares of the room by what each column holds; none gets all of it.
    columns = zip(*rows, strict=True)
    longest = [max(len(cell.text) for cell in column) for column in columns]
    shares = [min(max(length, 5), MOST_LETTERS) for length in longest]
    widths = [sheet.room * share / sum(shares) for share in shares]
    shapes = []
    for at, row in enumerate(rows):
        y, start = top + CELL * (at + 0.75), 0.0
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            is_value = place in table.values
            is_rated = is_value and cell.status in STATUS_TONES
            room = width - COLUMN_GAP
            beside = MARK + 3 if is_rated else 0.0
            look = {
                "start": start + room if is_value else start,
                "room": room - beside,
                "color": TEXTS.get(STATUS_TONES.get(cell.status), PRINT.ink),
                "is_value": is_value,
                "is_bold": not at,
            }
            if shade := tile.shade(cell):
                left = sheet.x(start + (width if sheet.is_rtl else 0))
                box = {"x": left, "y": top + CELL * at, "width": width, "height": CELL}
                shapes.append(element("rect", **box, fill=shade))
            shapes.append(sheet.text(cell.text, y, size=CELL_SIZE, **look))
            if is_rated:
                text = svg.truncate_text(cell.text, room - beside, CELL_SIZE)
                wide = len(text) * LETTER + beside
                left = sheet.x(start + room - wide + (MARK if sheet.is_rtl else 0))
                tone = STATUS_TONES[cell.status]
                shapes.append(status_icon(tone, left, y - MARK, MARK))
            start += width
        line = top + CELL * (at + 1)
        ends = {"x1": sheet.x(0), "x2": sheet.x(sheet.room), "y1": line, "y2": line}
        shapes.append(element("line", **ends, stroke=PRINT.line))
    return shapes
