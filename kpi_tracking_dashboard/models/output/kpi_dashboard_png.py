import math
from functools import lru_cache

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.palette import PAPER

from ...engine.drawing.svg import OTHER_SCRIPT
from ...engine.output.picture import picture, tile_picture

WIDTH = 1200
ZOOM = 2  # pixels of the file for each of the drawing: sharp on any screen
MOST_PIXELS = 24_000_000  # 4 bytes of memory each
MAIL_WIDTH = 560


@lru_cache(maxsize=1)
def painter():
    """What makes PNG of SVG; None where it is not installed."""
    try:
        import resvg_py  # optional, so that Odoo starts without it
    except ImportError:
        return None
    return resvg_py


class KpiDashboard(models.Model):
    """The dashboard as a picture."""

    _inherit = "kpi.dashboard"

    def _file_png(self, answer, tiles):
        if not painter():
            raise UserError(
                self.env._(
                    "PNG files need the Python package resvg-py on the server. "
                    "Ask your administrator to install it, or use PDF or Excel."
                )
            )
        svg, height = picture(
            answer["dashboard"]["name"],
            self._subtitle(answer),
            [tile.as_on_screen() for tile in tiles],
            WIDTH,
            is_rtl=self._is_rtl(),
        )
        zoom = min(ZOOM, math.sqrt(MOST_PIXELS / (WIDTH * height)))
        return self._paint(svg, WIDTH, zoom)

    def _tile_png(self, tile):
        """The drawing of a tile for a mail.

        :return: content of a PNG file and its width on the page; None where there is
            no drawing, or nothing that could paint it
        """
        found = tile_picture(tile, MAIL_WIDTH) if painter() else None
        if not found:
            return None
        drawing, width = found
        return self._paint(drawing.as_svg(), width), round(width)

    def _paint(self, svg, width, zoom=ZOOM):
        """``width``: that of the drawing in pixels of a page."""
        return bytes(
            painter().svg_to_bytes(
                svg_string=svg,
                width=round(width * zoom),
                background=PAPER,
                font_files=self._font_files(),
                # Looking through those of the machine takes longer than painting.
                skip_system_fonts=not OTHER_SCRIPT.search(svg),
            )
        )
