import logging
from base64 import b64encode
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import file_path

from odoo.addons.kpi_tracking.engine.status import STATUS_TONES

from ...engine.drawing.icons import SIZE, status_icon
from ...engine.drawing.svg import element
from ...engine.output.layout import Page, rows_of

PAGE_WIDTH = 1030  # pixels between the margins of A4, landscape
TALL_TABLE = 30  # lines from which on a table may go on over pages
STYLE_SHEET = "kpi_tracking_dashboard/static/print/dashboard.css"
FONT_URL = "/web/static/fonts/google/Open_Sans/"


@lru_cache(maxsize=1)
def printer():
    """WeasyPrint; None where it, or the libraries that it calls, are not installed."""
    try:
        import weasyprint  # optional, so that Odoo starts without it
        import weasyprint.text.fonts
    except (ImportError, OSError):  # OSError: there is no Pango
        return None
    # A line per step and page.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    return weasyprint


class KpiDashboard(models.Model):
    """The dashboard as a page to print, and printed as PDF."""

    _inherit = "kpi.dashboard"

    def _file_pdf(self, answer, tiles):
        weasyprint = printer()
        if not weasyprint:
            raise UserError(self._no_printer())
        css = Path(file_path(STYLE_SHEET)).read_text(encoding="utf-8")
        options = {"base_url": "http://odoo.invalid/", "url_fetcher": _fetcher(self)}
        fonts = weasyprint.text.fonts.FontConfiguration()
        tiles = [
            replace(tile, html=self._embed_images(tile.html, _data_url))
            for tile in tiles
        ]
        page = weasyprint.HTML(string=self._page(answer, tiles), **options)
        sheet = weasyprint.CSS(string=css, font_config=fonts, **options)
        return page.write_pdf(stylesheets=[sheet], font_config=fonts)

    def _no_printer(self):
        return self.env._(
            "PDF files need the Python package WeasyPrint on the server. Until your"
            " administrator installs it, print this page to PDF with your browser."
        )

    def _page(self, answer, tiles, message="", is_linked=False):
        """The dashboard as an HTML page, to be printed.

        :param message: what to say above it, on the screen only
        :param is_linked: whether style sheet and script are links, for a browser
        """
        page = Page(PAGE_WIDTH)
        is_rtl = self._is_rtl()
        rows = [
            {
                "tiles": [
                    self._prepare_print_values(tile, page, is_rtl) for tile in row
                ],
                "free": PAGE_WIDTH - sum(page.tile_width(t.span) for t in row) > 1,
                "is_long": any(_is_long(tile) for tile in row),
            }
            for row in rows_of(tile.as_on_screen() for tile in tiles)
        ]
        return self.env["ir.qweb"]._render(
            "kpi_tracking_dashboard.kpi_dashboard_page",
            {
                "title": answer["dashboard"]["name"],
                "subtitle": self._subtitle(answer),
                "lang": (self.env.lang or "en_US").replace("_", "-"),
                "direction": "rtl" if is_rtl else "ltr",
                "message": message,
                "left_out": answer.get("left_out", {}).get("message", ""),
                "is_linked": is_linked,
                "rows": rows,
                "tones": STATUS_TONES,
                "marks": {s: Markup(_mark(t)) for s, t in STATUS_TONES.items()},
            },
        )

    @staticmethod
    def _prepare_print_values(tile, page, is_rtl):
        """A tile with its drawings as markup."""
        direction = "rtl" if is_rtl else "ltr"
        found = page.picture(tile)
        # Made by ``engine.drawing``, which escapes what people wrote.
        drawing = Markup(found[0].as_html(direction, found[1])) if found else ""
        sparkline = tile.sparkline() if not found else None
        return {
            "tile": tile,
            "width": page.tile_width(tile.span),
            "drawing": drawing,
            "margin": (page.inner_width(tile.span) - found[1]) / 2 if found else 0,
            "sparkline": Markup(sparkline.as_html(direction, 160)) if sparkline else "",
            "icon": Markup(_mark(tile.headline.tone)) if tile.headline else "",
            # Sanitised where it is stored.
            "html": Markup(tile.html),
        }


def _data_url(image):
    return f"data:{image.mimetype};base64,{b64encode(image.raw).decode()}"


def _is_long(tile):
    return tile.shows_table and len(tile.table.rows) > TALL_TABLE


def _mark(tone):
    """The shape of a status as a picture beside words."""
    return element(
        "svg",
        status_icon(tone, 0, 0),
        xmlns="http://www.w3.org/2000/svg",
        width=SIZE,
        height=SIZE,
        aria_hidden="true",
    )


def _fetcher(dashboard):
    """Fetches the fonts of the page and nothing else, whatever texts link to."""
    urls = printer().urls
    fonts = {Path(file).name: file for file in dashboard._font_files()}

    class Fetcher(urls.URLFetcher):
        def fetch(self, url, headers=None):
            if url.startswith("data:"):
                return super().fetch(url, headers)
            name = url.rpartition("/")[2]
            if not url.endswith(FONT_URL + name) or name not in fonts:
                raise ValueError(f"Not fetched for a file: {url}")
            return urls.URLFetcherResponse(
                url, Path(fonts[name]).read_bytes(), {"Content-Type": "font/ttf"}
            )

    return Fetcher()
