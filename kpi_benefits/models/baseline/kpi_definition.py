from odoo import models

from .kpi_baseline import build_use_domain

READ_BY_MONTHS = {"aggregation_time", "direction", "unit"}


class KpiDefinition(models.Model):
    """Months of benefits follow when a KPI is read in another way."""

    _inherit = "kpi.definition"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & READ_BY_MONTHS:
            self._measure_benefits()
        return result

    def _measure_benefits(self):
        """Work out the benefits that these KPIs measure, whoever may see them."""
        # The engine measures whatever the person may see who changes a KPI.
        reports = self.sudo().with_context(active_test=False).report_ids.ids
        # As above.
        baselines = self.env["kpi.baseline"].sudo().with_context(active_test=False)
        baselines._rebuild_measured(baselines.search(build_use_domain(reports)))
