from dataclasses import replace

from markupsafe import Markup

from odoo import models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools import html_sanitize
from odoo.tools.json import scriptsafe

from ...engine.output.web import web_tile
from .kpi_dashboard_share import OFF


class KpiDashboardShare(models.Model):
    """What somebody with a link gets to see."""

    _inherit = "kpi.dashboard.share"

    def _is_open(self):
        """Whether links are on, the dashboard is there, and its maker may see it."""
        is_off = self.env["ir.config_parameter"].get_param(OFF)
        is_here = not self.dashboard_id.deleted_on
        return not is_off and is_here and super()._is_open() and bool(self._readable())

    def _readable(self):
        """The dashboard as the maker of the link sees it now, empty if they do not.

        Numbers that were kept stay, whatever becomes of whoever kept them.
        """
        self.ensure_one()
        reader = self.reader
        dashboard = self.dashboard_id.with_context(lang=reader["lang"], tz=reader["tz"])
        if self.kind == "frozen":
            return dashboard
        user = self.user_id
        companies = user.company_ids.filtered(lambda c: c.id in reader["company_ids"])
        if not (user.active and user._is_internal() and companies):
            return dashboard.browse()
        # What its maker may see now is all that the link shows.
        seen = dashboard.with_user(user).with_context(allowed_company_ids=companies.ids)
        is_seen = dashboard.active and seen.has_access("read")
        return seen if is_seen else dashboard.browse()

    def _page(self):
        """What the page of this link shows, or None.

        :return: dict of the values of its template
        """
        dashboard = self._readable()
        if not dashboard:
            return None
        try:
            answer = self.frozen_answer or dashboard.data(self.options or None)
            if not answer["tiles"] and answer.get("left_out", {}).get("count"):
                return None  # its maker sees none of its KPIs any more
            answer = _without_authors(answer)
            tiles = [web_tile(tile) for tile in dashboard._drawings(answer)]
        except (AccessError, MissingError, UserError):
            # What was asked for is not to be had by its maker any more.
            return None
        lang = self.env["res.lang"]._get_data(code=self.reader["lang"] or "en_US")
        return {
            "title": answer["dashboard"]["name"],
            "description": answer["dashboard"].get("description") or "",
            "subtitle": dashboard._subtitle(answer),
            "code": lang.code or "en_US",
            "direction": lang.direction or "ltr",
            "tiles": [_as_markup(tile) for tile in tiles],
            "gauges": Markup(scriptsafe.dumps([t.gauge for t in tiles if t.gauge])),
        }


def _without_authors(answer):
    """The answer for strangers: what is noted, but not which employee noted it."""
    tiles = [
        {**tile, "notes": [{**note, "who": ""} for note in tile.get("notes") or ()]}
        for tile in answer["tiles"]
    ]
    return {**answer, "tiles": tiles}


def _as_markup(tile):
    """The tile as a template writes it without escaping.

    Pictures are written by ``engine.drawing``, which escapes all texts; what people
    wrote is sanitised once more.
    """
    return replace(
        tile,
        shown=replace(tile.shown, html=html_sanitize(tile.shown.html)),
        svg=Markup(tile.svg),
        small_svg=Markup(tile.small_svg),
    )
