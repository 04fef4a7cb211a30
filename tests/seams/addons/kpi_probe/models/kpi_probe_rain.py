from odoo import api, models


class KpiProbeRain(models.AbstractModel):
    """Values that no count yields: ten a day of the month that a period begins in."""

    _name = "kpi.probe.rain"
    _description = "Rain"
    _inherit = ["kpi.external.source"]

    @api.model
    def _get_measures(self):
        return ["rain"]

    @api.model
    def _get_facts(self, definitions, periods):
        return [
            (report.id, period.start, 10.0 * period.start.month)
            for report in definitions.report_ids
            for period in periods
        ]

    @api.model
    def _get_fingerprints(self, definitions, periods):
        return {period.start: str(period.start.month) for period in periods}

    @api.model
    def _explain(self, report, period):
        return {"method": "Ten for each month of the year."}
