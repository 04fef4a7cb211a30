from dataclasses import replace

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tools import html_sanitize
from odoo.tools.json import scriptsafe

from ...engine.dashboard.web import web_tile
from .kpi_dashboard_share import OFF

PER_MINUTE = 120  # of an address: screens and offices, no guessing
USE_IS_NOTED = "1 minute"


class KpiDashboardShare(models.Model):
    """What somebody with a link gets to see."""

    _inherit = "kpi.dashboard.share"

    @api.model
    def _opened(self, text, address):
        """The link of this text if it still opens, one visit of ``address`` counted.

        Read on the primary: what is revoked is revoked at once.

        :return: its id or None, and the seconds to wait after too many visits
        """
        counter = self.env["kpi.api.counter"]
        with counter._side_cursor() as cr:
            rate = PER_MINUTE / 60
            wait = counter._take(cr, f"share {address}", PER_MINUTE, rate)
            if wait:
                return None, wait
            shares = self.with_env(api.Environment(cr, SUPERUSER_ID, {}))
            share = shares._found(text)
            if share:
                share._note_use()
            return share.id or None, 0

    @api.model
    def _found(self, text):
        """The active link of this text whose maker may see the dashboard."""
        share = self.search([("token_hash", "=", self._digest(text))])
        is_off = self.env["ir.config_parameter"].get_param(OFF)
        is_open = not is_off and share.state == "active" and share._readable()
        return share if is_open else self.browse()

    def _note_use(self):
        """Once a minute is enough for people, and spares the disk."""
        self.env.cr.execute(
            """
            UPDATE kpi_dashboard_share
               SET last_used_at = now() AT TIME ZONE 'UTC'
             WHERE id = %s
               AND (last_used_at IS NULL
                    OR last_used_at < now() AT TIME ZONE 'UTC' - %s::interval)
            """,
            (self.id, USE_IS_NOTED),
        )

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
