from odoo import models

from .kpi_baseline import build_use_domain


class KpiDefinition(models.Model):
    """Months of benefits follow when a KPI is read in another way."""

    _inherit = "kpi.definition"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"aggregation_time", "direction", "unit"}:
            # The engine measures whatever the person may see who changes a KPI.
            reports = self.sudo().with_context(active_test=False).report_ids
            # As above.
            baselines = self.env["kpi.baseline"].sudo().with_context(active_test=False)
            used = baselines.search(build_use_domain(reports.ids))
            baselines._rebuild_measured(used)
        return result
