from odoo import fields, models

from .page import Page

# kind of a tile → its analysis, and what is filled where there are purchases
ANALYSES = {
    "triangle": ("cohorts", "months"),
    "segment_map": ("customers", "segments"),
    "findings": ("findings", None),
}
USUAL_RANGES = "acquisition"  # of channels
GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_user"


class KpiDashboardTile(models.Model):
    """Tiles of what the analyses of a company came to."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[
            ("triangle", "Cohorts of Customers"),
            ("segment_map", "Segments of Customers"),
            ("ranges", "Intervals of an Analysis"),
            ("findings", "What Changed"),
        ],
        ondelete=dict.fromkeys([*ANALYSES, "ranges"], "cascade"),
    )
    bi_analysis = fields.Selection(
        "_select_bi_analyses",
        "Analysis",
        help="Whose intervals are shown; empty: those of the channels.",
    )

    def _select_bi_analyses(self):
        return [*self.env["kpi.bi.analysis"]._get_titles().items()]

    def _list_options(self):
        return [*super()._list_options(), "bi_analysis"]

    def _body_triangle(self, tile, reading):
        """The newest result of the company, drawn, or what a tile says instead."""
        analyses, (name, filled) = self.env["kpi.bi.analysis"], _find_analysis(tile)
        if not self.env.user.has_group(GROUP):
            return {"state": "no_data", "message": analyses._get_refusal()}
        result = reading.read_once(_read_results).get(name)
        if not result or (filled and not result._get_figures()[filled]):
            message = self.env._("Not analysed yet: this happens each night.")
            if filled:
                message = analyses._get_empty_message()
            return {"state": "no_data", "message": message}
        body = getattr(analyses, f"_draw_{tile['kind']}")(result, reading)
        if reading.start and reading.start < result.cutoff_date.replace(day=1):
            # for an earlier period, too, results are those of now
            day = Page(self.env).text(result.cutoff_date, "day")
            body["title"] = f"{tile['name'] or ''} ({self.env._('as of %s', day)})"
        return body

    _body_segment_map = _body_ranges = _body_findings = _body_triangle


def _find_analysis(tile):
    return ANALYSES.get(tile["kind"], (tile["bi_analysis"] or USUAL_RANGES, None))


def _read_results(reading):
    shown = {_find_analysis(tile)[0] for tile in reading.tiles}
    return reading.env["kpi.bi.analysis"]._find_newest(shown)
