"""A dashboard on a page of its own, which reads without JavaScript.

Pictures are SVG with colours of the page's style sheet, so that they follow light and
dark. Gauges come as properties of the browser's component as well.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from odoo.addons.kpi_base.engine import palette
from odoo.addons.kpi_tracking.engine.status_chip import TONE_LOOKS, StatusLook

from ..drawing.payload import GaugeTile
from ..drawing.svg import Colors, draw_seal
from .layout import LARGE, Page
from .shown import ShownTile, Table

COLORS = Colors(
    tuple(f"var(--kpi-series-{number})" for number in range(1, 8)),
    *(f"var(--kpi-{field.name})" for field in fields(Colors)[1:-2]),
    *(
        {tone: f"var(--kpi-{tone}-{part})" for tone in palette.TEXTS}
        for part in ("text", "ground")
    ),
)
PAGE = Page(1216.0)
SMALL = (296.0, 180.0)  # of a chart on a phone


@dataclass(frozen=True)
class WebTile:
    """A tile and its pictures.

    :param svg: at the width that it has on a large screen, ``width`` in pixels
    :param small_svg: for phones, where ``svg`` would be too small; else empty
    :param gauge: properties of ``Gauge``, None for other tiles
    """

    shown: ShownTile
    svg: str = ""
    width: float = 0.0
    small_svg: str = ""
    gauge: dict[str, Any] | None = None

    @property
    def half_span(self) -> int:
        """Columns of six, on a tablet."""
        return 3 if self.shown.span < LARGE else 6

    @property
    def table(self) -> Table | None:
        """The numbers of a picture, for who wants to read them."""
        shown = self.shown  # a table alone is seen already
        return None if shown.shows_table else shown.facts or shown.table

    @property
    def look(self) -> StatusLook:
        """Of the status of its number."""
        return TONE_LOOKS[self.shown.headline.tone or "muted"]

    @property
    def seal(self) -> str:
        """SVG of the seal of its KPI; "" without one."""
        return seal_picture(self.shown, COLORS)


def web_tile(tile: ShownTile) -> WebTile:
    """The tile with its pictures; a tile without one has its texts."""
    drawing, width = PAGE.picture(tile, COLORS) or (None, 0.0)
    if not drawing:
        room = min(PAGE.inner_width(tile.span), SMALL[0])
        trend = tile.sparkline(COLORS, room)
        return WebTile(tile, trend.as_svg() if trend else "")
    small = tile.drawing(SMALL, COLORS).as_svg() if tile.is_sized else ""
    if small and tile.span < LARGE:
        return WebTile(tile, small, width)
    gauge = gauge_props(tile) if tile.is_gauge else None
    return WebTile(tile, drawing.as_svg(), width, small, gauge)


def seal_picture(tile: ShownTile, colors: Colors) -> str:
    """The seal next to the title of a tile as an SVG; "" without one."""
    if not tile.certification:
        return ""
    of = {"word": tile.certification_word, "xmlns": "http://www.w3.org/2000/svg"}
    return draw_seal(tile.certification, colors=colors, **of)


def gauge_props(tile: ShownTile) -> dict[str, Any]:
    """What the component of the browser takes, all texts written."""
    drawn: GaugeTile = tile.payload
    facts = tile.facts.rows if tile.facts else ()
    look = TONE_LOOKS[drawn.tone or "muted"]
    status = {"path": look.path, "tone": look.tone, "word": drawn.status}
    word = tile.headline.status if tile.headline else drawn.status
    said = [f"{drawn.number}{drawn.unit}", word]
    return {
        "id": f"gauge_{tile.id}",
        "details": [[name.text, value.text] for name, value in facts],
        "high": drawn.high,
        "highText": drawn.high_text,
        "isRunning": drawn.is_running,
        "label": drawn.title,
        "low": drawn.low,
        "lowText": drawn.low_text,
        "marks": [asdict(mark) for mark in drawn.marks],
        "number": drawn.number,
        "spoken": ", ".join(filter(None, said)),
        "status": status if drawn.status else None,
        "type": drawn.style,
        "unit": drawn.unit,
        "value": drawn.value,
        "zones": [zone.as_json() for zone in drawn.zones],
    }
