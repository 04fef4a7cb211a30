from odoo import models


class KpiReport(models.Model):
    """Whoever tracks a KPI of a warehouse has it read soon."""

    _inherit = "kpi.report"

    def _complete_bulk(self):
        result = super()._complete_bulk()
        readings = self.env["kpi.warehouse.reading"]
        source = [("external_source", "=", readings._name)]
        if kpis := self.definition_id.filtered_domain(source):
            readings._turn_on(kpis)
        return result
