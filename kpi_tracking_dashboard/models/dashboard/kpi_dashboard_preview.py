from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import html_sanitize

from ..reading.reading import Reading
from ..tile.kpi_dashboard_tile import in_order
from ..tile.kpi_dashboard_tile_cards import UNAVAILABLE

PLAIN = ("kind", "name", "span", "height", "scope_mode", "scope_type", "periods")
PLAIN += ("breakdown", "view_model", "view_type", "view_domain", "view_context")
CARD = ("card_style", "icon_type", "show_previous", "show_last_year", "show_target")
LINKS = ("definition_ids", "definition_order", "report_ids", "card_id")
NEW_TILE = {*PLAIN, *LINKS, "gauge_widget_id", "text", "sequence"}


class KpiDashboard(models.Model):
    """Tiles that are not stored yet: how they would look, and what they become."""

    _inherit = "kpi.dashboard"

    @api.readonly
    def preview(self, values, options=None):
        """A tile as it would look; nothing is stored.

        :param values: fields of ``kpi.dashboard.tile``
        :param options: as of ``data``
        :return: dict of ``tile``, as of ``data``, the ``title`` that it has without
            one of its own, and ``breakdowns``: pairs of a field and its name
        :raises AccessError: the user may not arrange the dashboard
        """
        self.ensure_one()
        self.check_access("write")
        (values,) = self._check_new_tiles([values])
        layout = self._layout()
        tile = self._prepare_new_tile(values)
        options = self._parse_options(
            options or {}, layout["default_grain"] or "", layout["comparison"]
        )
        company = self.env["res.company"].browse(layout["company_id"] or ())
        # Whose KPIs are shown depends on all tiles.
        shown = [*layout["tiles"], tile]
        reading = Reading(self.env, shown, options, company or self.env.company)
        tiles = self.env["kpi.dashboard.tile"]
        (built,) = tiles._build_tiles([tile], reading)
        if built["state"] == UNAVAILABLE and tile["scope_mode"] == "filter":
            built["message"] = self.env._(
                "Not tracked for %s. Choose another KPI or change “Shown For”.",
                reading.scope_name,
            )
        reports = reading.reports_of(tile)
        return {
            "tile": built,
            "title": tiles._usual_title(tile, reports, reading) if reports else "",
            "breakdowns": tiles._list_breakdowns(reports, reading),
        }

    @api.model
    def _prepare_new_tile(self, values):
        """Values of a tile as ``_layout`` returns those of stored ones."""
        # Odoo takes commands and fills in what is usual; nothing is stored.
        tiles = self.env["kpi.dashboard.tile"]
        plain = [*PLAIN, *tiles._list_options()]
        tile = tiles.new({**tiles.default_get(plain), **values})
        card = tile.card_id._origin or self.env["kpi.dashboard.card"].search(
            [], limit=1
        )
        order = values.get("definition_order") or ()
        return {
            "id": 0,
            **{name: tile[name] or None for name in plain},
            **{name: card[name] or None for name in CARD},
            "name": tile.name or "",
            "text": html_sanitize(tile.text or ""),
            "gauge_widget_id": tile.gauge_widget_id._origin.id or None,
            "definition_ids": in_order(tile.definition_ids._origin.ids, order),
            "report_ids": sorted(tile.report_ids._origin.ids),
        }

    @api.model
    def _check_new_tiles(self, added):
        """Values of tiles to be, as long as they are such.

        :raises UserError: they are not
        """
        known = {*NEW_TILE, *self.env["kpi.dashboard.tile"]._list_options()}
        for values in added if isinstance(added, list) else [None]:
            if not isinstance(values, dict) or not known.issuperset(values):
                raise UserError(
                    self.env._("New tiles are a list of their fields: %s", values)
                )
        return added
