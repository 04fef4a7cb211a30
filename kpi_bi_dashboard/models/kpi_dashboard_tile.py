from odoo import fields, models

from .kpi_bi_analysis_revenue import list_coming
from .page import Page

# kind of a tile → its analysis, and what is filled where there are purchases
ANALYSES = {
    "triangle": ("cohorts", "months"),
    "segment_map": ("customers", "segments"),
    "findings": ("findings", None),
}
USUAL_RANGES = "acquisition"  # of channels
FORECAST = "revenue_forecast"
GROUP = "kpi_bi_dashboard.kpi_bi_dashboard_group_user"


class KpiDashboardTile(models.Model):
    """Tiles of what the analyses of a company came to."""

    _inherit = "kpi.dashboard.tile"

    kind = fields.Selection(
        selection_add=[
            ("triangle", "Customer Cohorts"),
            ("segment_map", "Customer Segments"),
            ("ranges", "Analysis Ranges"),
            ("findings", "What Changed"),
        ],
        ondelete=dict.fromkeys([*ANALYSES, "ranges"], "cascade"),
    )
    bi_analysis = fields.Selection(
        "_select_bi_analyses",
        "Analysis",
        help="Analysis to show. Leave empty for channels.",
    )
    show_pipeline = fields.Boolean(
        "Show Open Pipeline",
        help="Shows the weighted pipeline next to the revenue forecast.",
    )

    def _select_bi_analyses(self):
        return [*self.env["kpi.bi.analysis"]._get_titles().items()]

    def _list_options(self):
        return [*super()._list_options(), "bi_analysis", "show_pipeline"]

    def _build_series_body(self, tile, reading):
        """As before; a chart of the company's revenue that goes on by month has a
        series of what the open pipeline brings, as the page of the forecast says.
        """
        body = super()._build_series_body(tile, reading)
        may_see = tile["show_pipeline"] and self.env.user.has_group(GROUP)
        if not may_see or not body.get("chart", {}).get("coming"):
            return body
        chart = body["chart"]
        kpi = reading.by_id[chart["series"][0]["report_id"]]
        is_monthly = reading.positions[kpi.id][0].grain == "month"
        is_whole = kpi.scope == ("company", self.env.company.id)
        result = reading.read_once(_read_results).get(FORECAST)
        figures = result and result._get_figures()
        if not figures or kpi.unit != "currency" or not (is_monthly and is_whole):
            return body
        pipeline = figures["forecast"]["pipeline"]
        months = map(str, list_coming(figures["months"]))
        known = dict(zip(months, pipeline, strict=True))
        running = chart["starts"][-1] if chart["is_running"] else None
        starts = (running, *chart["coming"]["starts"])
        expected = {"values": [*map(known.get, starts)]}
        expected |= dict.fromkeys(("lows", "highs"), [None] * len(starts))
        series = {
            "name": self.env._("Open pipeline"),
            "report_id": None,
            "values": [None] * len(chart["starts"]),
            "expected": expected,
        }
        message = self.env._("The forecast includes the pipeline.")
        chart = {**chart, "series": [*chart["series"], series]}
        message = " ".join(filter(None, (body["message"], message)))
        return {**body, "chart": chart, "message": message}

    def _body_triangle(self, tile, reading):
        """The newest result of the company, drawn, or what a tile says instead."""
        analyses, (name, filled) = self.env["kpi.bi.analysis"], _find_analysis(tile)
        if not self.env.user.has_group(GROUP):
            return {"state": "no_data", "message": analyses._get_refusal()}
        result = reading.read_once(_read_results).get(name)
        if not result or (filled and not result._get_figures()[filled]):
            message = self.env._("Not analyzed yet. Analyses run each night.")
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
    shown |= {FORECAST for tile in reading.tiles if tile["show_pipeline"]}
    return reading.env["kpi.bi.analysis"]._find_newest(shown)
