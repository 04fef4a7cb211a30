from typing import Any

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import Id, Nothing

from ..reading.reading import Reading


class KpiDashboardTile(models.Model):
    """From a tile to the KPI, and from there to its records."""

    _inherit = "kpi.dashboard.tile"

    @api.readonly
    def drill(
        self,
        place: int | None = None,
        options: dict[str, Any] | Nothing = None,
        report_id: Id | Nothing = None,
    ):
        """What stands behind a tile: its KPI, or one of its values.

        :param place: which of the categories shown; None = the KPI itself
        :param options: as of ``kpi.dashboard.data``, with which the tile is shown
        :param report_id: which of the KPIs of the tile; default: the only one
        :return: action: the KPI, several of them, or what explains the value
        :raises UserError: the tile has no such KPI or place
        """
        self.ensure_one()
        reading, tile = self._read_again(options)
        reports = reading.reports_of(tile)
        if report_id:
            reports = [report for report in reports if report.id == report_id]
        if not reports:
            raise UserError(self.env._("This KPI is not available."))
        if place is not None and len(reports) == 1:
            return self._explain(reports[0], place, tile, reading)
        return self._open(reports)

    def _read_again(self, options):
        """The KPIs of this tile alone, as the user sees them."""
        dashboard = self.dashboard_id
        layout = dashboard._layout()
        options = dashboard._parse_options(
            options or {}, layout["default_grain"] or "", layout["comparison"]
        )
        (tile,) = options.extend(
            [each for each in layout["tiles"] if each["id"] == self.id]
        )
        company = self.env["res.company"].browse(layout["company_id"] or ())
        return Reading(self.env, [tile], options, company or self.env.company), tile

    def _explain(self, report, place, tile, reading):
        if report.id not in reading.positions:
            raise UserError(self._other_periods(report))
        group, _row, last = reading.positions[report.id]
        shown = range(max(0, last - tile["periods"] + 1), last + 1)
        if type(place) is not int or not 0 <= place < len(shown):
            raise UserError(self.env._("This position is not in the tile: %s", place))
        report = self.env["kpi.report"].browse(report.id)
        return report._explain_action(group.grain, group.periods[shown[place]].start)

    @api.model
    def _open(self, reports):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_report_action"
        )
        if len(reports) == 1:
            views = {"res_id": reports[0].id, "views": [(False, "form")]}
            return {**action, **views, "view_mode": "form"}
        return {**action, "domain": [("id", "in", [report.id for report in reports])]}
