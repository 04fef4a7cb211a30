from odoo import api, fields, models

ANALYSES = {"triangle": "cohorts", "segment_map": "customers"}
FILLED = {"triangle": "months", "segment_map": "segments"}
GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_user"


class KpiDashboardTile(models.Model):
    """Tiles of what the analyses of a company came to."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[
            ("triangle", "Cohorts of Customers"),
            ("segment_map", "Segments of Customers"),
        ],
        ondelete={"triangle": "cascade", "segment_map": "cascade"},
    )

    @api.model
    def _body_triangle(self, tile, reading):
        result = self._find_result("triangle", reading)
        if isinstance(result, dict):
            return result
        return self.env["kpi.bi.analysis"]._draw_cohorts(result)

    @api.model
    def _body_segment_map(self, tile, reading):
        result = self._find_result("segment_map", reading)
        if isinstance(result, dict):
            return result
        return self.env["kpi.bi.analysis"]._draw_segments(result)

    @api.model
    def _find_result(self, kind, reading):
        """The newest result of the company, or what a tile says instead."""
        if not self.env.user.has_group(GROUP):
            message = self.env._("You need access to the executive dashboard.")
            return {"state": "no_data", "message": message}
        result = reading.read_once(_read_results).get(ANALYSES[kind])
        if not result or not result._get_figures()[FILLED[kind]]:
            message = self.env["kpi.bi.analysis"]._get_empty_message()
            return {"state": "no_data", "message": message}
        return result


def _read_results(reading):
    """The newest result of each analysis of the current company, by its name."""
    results = reading.env["kpi.bi.result"]
    newest = results._read_group(
        [
            ("company_id", "=", reading.env.company.id),
            ("analysis", "in", [*ANALYSES.values()]),
        ],
        ["analysis"],
        ["id:max"],
    )
    found = results.browse(number for _analysis, number in newest)
    return {result.analysis: result for result in found}
