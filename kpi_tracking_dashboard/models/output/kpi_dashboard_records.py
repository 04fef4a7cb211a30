"""Records of embedded views in files: as a table, or as the chart that is shown."""

import ast
import logging
import math
import re
from base64 import b64encode
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree, html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import file_path, formatLang

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine.formatting import Unit, compact, fixed
from odoo.addons.kpi_base.engine.number_text import round_half
from odoo.addons.kpi_base.engine.palette import PAPER
from odoo.addons.kpi_base.engine.rich_text import sanitize
from odoo.addons.kpi_base.formatting import format_clock, format_day, format_moment
from odoo.addons.kpi_base.schemas.base import Nothing
from odoo.addons.kpi_base.table_files import MIME_TYPES as TABLE_TYPES
from odoo.addons.kpi_base.table_files import get_font_file
from odoo.addons.kpi_tracking.engine.status import STATUS_TONES
from odoo.addons.kpi_tracking.engine.status_chip import ICON_SIZE, TONE_LOOKS

from ...engine.drawing.payload import ChartTile, Series
from ...engine.drawing.svg import OTHER_SCRIPT, PRINT, element, status_icon
from ...engine.output.layout import Page, rows_of
from ...engine.output.picture import has_room_beside, picture, tile_picture
from ...engine.output.reading import MOST_ROWS, add_ticks
from ...engine.output.shown import Cell, Table
from ...engine.output.summary import main_period
from ...engine.output.web import seal_picture
from ...engine.output.workbook import workbook

ROWS_OF_HEIGHT = 4  # records that have room in a row of the dashboard
COLUMN_SPAN = 2  # columns of twelve that a column of records takes at least
MOST_GROUPS = 12
NEVER_SHOWN = ("binary", "html", "json", "properties", "properties_definition")
PLAIN_WIDGETS = ("handle", "list_activity", "kanban_activity")
CHARTS = ("bar", "line")  # of a graph; a pie is its table
NUMBERS = ("integer", "float", "monetary")
MIME_TYPES = {**TABLE_TYPES, "png": "image/png"}
OWN = re.compile(r"^/web/image/(\d+)(?:[-/?]|$)")
TILE = "kpi.dashboard.tile"
# Between the margins of A4: 186 and 273 mm.
PORTRAIT, LANDSCAPE = Page(703.0, is_narrow=True), Page(1030.0)
PAPER_TREND = 240.0  # widest sparkline on paper
TALL_TABLE = 30  # lines from which on a table may go on over pages
TOKENS = "kpi_base/static/src/tokens/tokens.css"
STYLE_SHEET = "kpi_tracking_dashboard/static/print/dashboard.css"
FONT_URL = "/web/static/fonts/google/Roboto/"
WIDTH = 1200
ZOOM = 2  # pixels of the file for each of the drawing: sharp on any screen
MOST_PIXELS = 24_000_000  # 4 bytes of memory each
MAIL_WIDTH = 560


class KpiDashboard(models.Model):
    """Embedded views, read with the rights of whoever makes the file."""

    _inherit = "kpi.dashboard"

    share_ids = fields.One2many("kpi.dashboard.share", "dashboard_id", "Links")

    def _show_records(self, shown, tile, reader):
        """Fill a tile with what its view shows; as it is where that cannot be read."""
        view = tile["view"]
        full = replace(shown, rows=min(max(tile["height"], 1), MOST_ROWS), message="")
        domain = _read_literal(view["domain"], self.env.uid)
        context = _read_literal(view["context"], self.env.uid)
        if not isinstance(domain, list) or not isinstance(context, dict):
            return shown
        records = self.env[view["model"]].with_context(**context)
        kind = view["view_type"]
        try:
            if kind in ("graph", "pivot"):
                return self._show_groups(full, records, Domain(domain), kind, reader)
            return self._show_list(full, records, Domain(domain), reader)
        except (AccessError, UserError, ValueError):
            return shown  # which says that they are shown on the screen only

    def _show_list(self, shown, records, domain, reader):
        arch = etree.fromstring(records.get_view(view_type="list")["arch"])
        names = _list_columns(arch, records)[: max(shown.span // COLUMN_SPAN, 2)]
        most = ROWS_OF_HEIGHT * shown.rows
        found = records.search_fetch(
            domain, names, limit=most, order=arch.get("default_order")
        )
        rest = records.search_count(domain) - len(found)
        table = Table(
            tuple(_label(records, name) for name in names),
            tuple(tuple(_cell(record, name) for name in names) for record in found),
            tuple(
                place
                for place, name in enumerate(names)
                if records._fields[name].type in NUMBERS
            ),
        )
        message = reader.words["more"] % rest if rest > 0 else ""
        return replace(shown, table=table, message=message)

    def _show_groups(self, shown, records, domain, view_type, reader):
        arch = etree.fromstring(records.get_view(view_type=view_type)["arch"])
        group, measure = _chosen_axes(records, arch, view_type)
        if not group:
            return self._show_list(shown, records, domain, reader)
        # Periods, and stages of a process, have an order of their own.
        is_ordered = ":" in group or _is_process(records, group)
        order = None if is_ordered else f"{measure} DESC"
        groups = records.formatted_read_group(domain, [group], [measure], order=order)
        rest = len(groups) - MOST_GROUPS
        groups = groups[-MOST_GROUPS:] if ":" in group else groups[:MOST_GROUPS]
        names = [self._name_group(records, group, each[group]) for each in groups]
        values = [float(each[measure] or 0) for each in groups]
        unit = Unit(decimals=_decimals(records, measure))
        cells = [Cell(fixed(reader.table, v, unit), v, unit.decimals) for v in values]
        heads = (
            _label(records, group),
            self.env._("Count")
            if measure == "__count"
            else _label(records, measure.partition(":")[0]),
        )
        table = Table(heads, tuple(zip(map(Cell, names), cells, strict=True)), (1,))
        message = reader.words["more"] % rest if rest > 0 else ""
        with_table = replace(shown, table=table, message=message)
        kind = arch.get("type", "bar")
        if view_type != "graph" or kind not in CHARTS or not values:
            return with_table
        texts = tuple(compact(reader.table, value, unit) for value in values)
        chart = ChartTile(
            title=shown.title,
            categories=tuple(names),
            series=(Series(heads[1], tuple(values), texts),),
            has_periods=":" in group,
        )
        payload = add_ticks(chart, unit, reader, has_zero=True)
        return replace(with_table, kind=kind, payload=payload)

    def _name_group(self, records, group, value):
        """Name of a group as people read it."""
        field = records._fields[group.partition(":")[0].partition(".")[0]]
        if isinstance(value, list | tuple):
            return str(value[1])
        if field.type == "selection" and value:
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return str(value) if value else self.env._("None")

    def _file(self, file_format, answer, tiles=None):
        """The dashboard as ``pdf``, ``png`` or ``xlsx``.

        :param answer: as :meth:`data` gives it, to the reader
        :param tiles: as :meth:`_drawings` gives them, where they are known already
        :return: name of the file and its content
        :raises UserError: what makes such files is not installed
        """
        if tiles is None:
            tiles = self._drawings(answer, has_records=True)
        content = getattr(self, f"_file_{file_format}")(answer, tiles)
        name = answer["dashboard"]["name"].replace("/", "-")
        return f"{name}.{file_format}", content

    def _subtitle(self, answer, *, has_scope=True):
        """Which period, for whom and as of when."""
        local = self._read_moment(answer["as_of"])
        as_of = self.env._(
            "as of %(day)s, %(time)s",
            day=format_day(self.env, local, with_year=True),
            time=format_clock(self.env, local),
        )
        period, is_running = main_period(answer)
        if is_running:
            period = self.env._("%s so far", period)
        scope = answer["scope"] if has_scope else ""
        return " · ".join(filter(None, [period, scope, as_of]))

    @staticmethod
    def _font_files():
        return list(map(get_font_file, ("Regular", "Medium")))

    @api.model
    def _embed_images(self, text, embed):
        """HTML whose images come with it; in the place of others stands their text.

        A picture on another server tells that server who reads when and where.

        :param embed: from an image (``ir.attachment``) to its address in what is made
        """
        root = html.fragment_fromstring(sanitize(text), create_parent="div")
        for image in [*root.iter("img")]:
            own = self._find_own_image(image.get("src") or "")
            if own:
                image.set("src", embed(own))
            else:
                image.tail = (image.get("alt") or "") + (image.tail or "")
                image.drop_tree()
        return html.tostring(root, encoding="unicode")

    @api.model
    def _find_own_image(self, address):
        """The image at an address that all readers of the dashboard may see."""
        found = OWN.match(address)
        images = self.env["ir.attachment"].search(
            Domain("id", "=", found and int(found[1]))
            & Domain("mimetype", "=like", "image/%")
            & (Domain("public", "=", True) | Domain("res_model", "=", TILE))
        )
        return images._filtered_access("read")

    def _file_pdf(self, answer, tiles):
        weasyprint = printer()
        if not weasyprint:
            raise UserError(self._no_printer())
        # Paper is light and nothing on it moves; printers do not know these questions.
        tokens = Path(file_path(TOKENS)).read_text(encoding="utf-8").partition("@media")
        css = tokens[0] + Path(file_path(STYLE_SHEET)).read_text(encoding="utf-8")

        def data_url(image):
            return f"data:{image.mimetype};base64,{b64encode(image.raw).decode()}"

        options = {"base_url": "http://odoo.invalid/", "url_fetcher": _fetcher(self)}
        fonts = weasyprint.text.fonts.FontConfiguration()
        tiles = [
            replace(tile, html=self._embed_images(tile.html, data_url))
            for tile in tiles
        ]
        page = weasyprint.HTML(string=self._page(answer, tiles), **options)
        sheet = weasyprint.CSS(string=css, font_config=fonts, **options)
        return page.write_pdf(stylesheets=[sheet], font_config=fonts)

    def _no_printer(self):
        return self.env._(
            "PDF files need WeasyPrint on the server. Until it is installed, print "
            "this page to PDF."
        )

    def _page(self, answer, tiles, message="", is_linked=False):
        """The dashboard as an HTML page, to be printed.

        :param message: what to say above it, on the screen only
        :param is_linked: whether style sheet and script are links, for a browser
        """
        tiles = [tile.as_on_screen().without_chip() for tile in tiles]
        page = PORTRAIT if all(map(PORTRAIT.holds, tiles)) else LANDSCAPE
        direction = "rtl" if self._is_rtl() else "ltr"
        rows = [
            {
                "tiles": [
                    self._prepare_print_values(tile, page, direction) for tile in row
                ],
                "free": page.width - sum(page.tile_width(t.span) for t in row) > 1,
                "is_long": any(
                    tile.shows_table and len(tile.table.rows) > TALL_TABLE
                    for tile in row
                ),
            }
            for row in rows_of(map(page.widen, tiles))
        ]
        return self.env["ir.qweb"]._render(
            "kpi_tracking_dashboard.kpi_dashboard_page",
            {
                "title": answer["dashboard"]["name"],
                "subtitle": self._subtitle(answer, has_scope=False),
                "scope": answer["scope"],
                "width": page.width,
                "style": Markup(self._page_style(page)),
                "lang": (self.env.lang or "en_US").replace("_", "-"),
                "direction": direction,
                "message": message,
                "left_out": answer.get("left_out", {}).get("message", ""),
                "is_linked": is_linked,
                "rows": rows,
                "tones": STATUS_TONES,
                "marks": {s: Markup(_mark(t)) for s, t in STATUS_TONES.items()},
            },
        )

    def _page_style(self, page):
        """Orientation of the sheet, and the texts in its margins."""
        numbered = self.env._("Page %(page)s of %(pages)s", page="\1", pages="\2")
        counters = {"\1": "counter(page)", "\2": "counter(pages)"}
        parts = filter(None, re.split("([\1\2])", numbered))
        number = " ".join(counters.get(part) or _css_string(part) for part in parts)
        mark = _css_string(self.env._("Confidential"))
        left, right = (number, mark) if self._is_rtl() else (mark, number)
        size = "portrait" if page.is_narrow else "landscape"
        return (
            f"@page {{size: A4 {size}; @bottom-left {{content: {left}}}"
            f" @bottom-right {{content: {right}}}}}"
        )

    @staticmethod
    def _prepare_print_values(tile, page, direction):
        """A tile with its drawings as markup."""
        drawing, width = page.picture(tile) or (None, 0)
        tone = tile.headline.tone if tile.headline else ""
        room = page.inner_width(tile.span)
        trend = min(room, PAPER_TREND)
        sparkline = None if drawing else tile.sparkline(width=trend)
        return {
            "tile": tile,
            "width": page.tile_width(tile.span),
            # Made by ``engine.drawing``, which escapes what people wrote.
            "drawing": Markup(drawing.as_html(direction, width)) if drawing else "",
            "margin": (room - width) / 2,
            "sparkline": Markup(sparkline.as_html(direction, trend))
            if sparkline
            else "",
            "distance": _fit_distance(tile.headline, room) if tile.headline else "",
            "seal": Markup(seal_picture(tile, PRINT)),
            "look": TONE_LOOKS[tone or "muted"],
            # With images of its own, where a file is made of it.
            "html": Markup(tile.html),
        }

    def _file_png(self, answer, tiles):
        if not painter():
            raise UserError(
                self.env._(
                    "PNG files need the Python package resvg-py. Ask your "
                    "administrator, or use PDF or Excel."
                )
            )
        svg, height = picture(
            answer["dashboard"]["name"],
            self._subtitle(answer),
            [tile.as_on_screen().without_chip() for tile in tiles],
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
                font_family="Roboto",
                font_files=self._font_files(),
                # Looking through those of the machine takes longer than painting.
                skip_system_fonts=not OTHER_SCRIPT.search(svg),
            )
        )

    def _file_xlsx(self, answer, tiles):
        return workbook(answer["dashboard"]["name"], tiles, self._drawing_words())

    def action_share(self, options: dict[str, Any] | Nothing = None):
        """Ask for whom a link is to be, and until when.

        :param options: what the dashboard shows now, as ``data`` takes it
        """
        self.ensure_one()
        self.check_access("write")
        return open_dialog(
            self.env["kpi.dashboard.share.wizard"],
            self.env._("Share by link"),
            default_dashboard_id=self.id,
            default_options=options,
        )


def _read_literal(text, uid):
    """Read a literal in which ``uid`` may stand; None for anything else."""

    class FillIn(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Constant(uid) if node.id == "uid" else node

    try:
        return ast.literal_eval(FillIn().visit(ast.parse(text or "[]", mode="eval")))
    except (ValueError, SyntaxError):
        return None


def _list_columns(arch, records):
    """Names of the fields that a list shows at first, in their order."""
    hidden = ("1", "True", "true")
    return [
        name
        for node in arch.findall("field")
        if (name := node.get("name")) in records._fields
        and node.get("column_invisible") not in hidden
        and node.get("invisible") not in hidden
        and node.get("optional") != "hide"
        and node.get("widget") not in PLAIN_WIDGETS
        and records._fields[name].type not in NEVER_SHOWN
    ] or ["display_name"]


def _chosen_axes(records, arch, view_type):
    """By what a graph or pivot groups (None = by nothing), and what it measures."""
    context = records.env.context
    own = "graph_groupbys" if view_type == "graph" else "pivot_row_groupby"
    asked = context.get("group_by") or context.get(own)
    groups = [asked] if isinstance(asked, str) else list(asked or ())
    one = context.get(f"{view_type}_measure")
    measures = context.get(f"{view_type}_measures") or [one]
    measure = next(filter(None, measures), None)
    for node in arch.findall("field"):
        name, role = node.get("name"), node.get("type")
        if role == "measure":
            measure = measure or name
        elif name in records._fields and not groups:
            interval = node.get("interval")
            groups.append(f"{name}:{interval}" if interval else name)
    group = groups[0] if groups else None
    by = records._fields.get(group)
    if by is not None and by.type in ("date", "datetime"):
        group = f"{group}:month"
    field = records._fields.get(measure)
    if field is None or field.type not in NUMBERS or not field.store:
        return group, "__count"
    return group, f"{measure}:{field.aggregator or 'sum'}"


def _decimals(records, measure):
    field = records._fields.get(measure.partition(":")[0])
    if field is None or field.type == "integer":
        return 0
    digits = field.get_digits(records.env) if field.type == "float" else None
    return digits[1] if digits else 2


def _is_process(records, name):
    """Whether records are grouped by something like stages, which have an order."""
    field = records._fields.get(name)
    if field is None or field.type != "many2one":  # a property has no field
        return False
    return "sequence" in records.env[field.comodel_name]._order


def _label(records, spec):
    name = spec.partition(":")[0].partition(".")[0]
    return records.fields_get([name], ["string"])[name]["string"]


def _cell(record, name):
    """A value as the list shows it, and the number that it stands for."""
    field, value, env = record._fields[name], record[name], record.env
    if field.type in NUMBERS:
        currency = None
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
        decimals = currency.decimal_places if currency else _decimals(record, name)
        # Adds the currency; says again what is rounded.
        rounded = round_half(value, decimals)
        text = formatLang(env, rounded, digits=decimals, currency_obj=currency)
        return Cell(text, float(value), decimals)
    return Cell(_text(record, field, value, env))


def _text(record, field, value, env):
    if field.type == "boolean":
        return env._("Yes") if value else env._("No")
    if not value:
        return ""
    if field.type == "date":
        return format_day(env, value, with_year=True)
    if field.type == "datetime":
        return format_moment(env, value, with_year=True)
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, str(value))
    if field.relational:
        return ", ".join(value.mapped("display_name"))
    return str(field.convert_to_display_name(value, record) or value)


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


def _fit_distance(headline, room):
    """The distance to the target, without its words where they have no room."""
    is_whole = has_room_beside(headline, room)
    return headline.distance if is_whole else headline.distance_parts[0]


def _css_string(text):
    """A text as a style sheet inside of a page holds it."""
    code = {ord(sign): f"\\{ord(sign):x} " for sign in '\\"<\n'}
    return f'"{text.translate(code)}"'


def _mark(tone):
    """The shape of a status as a picture beside words."""
    return element(
        "svg",
        status_icon(tone, 0, 0),
        xmlns="http://www.w3.org/2000/svg",
        width=ICON_SIZE,
        height=ICON_SIZE,
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


@lru_cache(maxsize=1)
def painter():
    """What makes PNG of SVG; None where it is not installed."""
    try:
        import resvg_py  # optional, so that Odoo starts without it
    except ImportError:
        return None
    return resvg_py
