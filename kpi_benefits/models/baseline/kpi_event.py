from odoo import api, models

from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_baseline import build_use_domain


class KpiEvent(models.AbstractModel):
    """Values that change move the benefits that are measured by them."""

    _inherit = "kpi.event"

    @api.model
    def _facts_changed(self, changes):
        self.env["kpi.baseline"]._update_measured(changes)
        return super()._facts_changed(changes)


class KpiJob(models.Model):
    """The nightly check also sees which periods have come to an end."""

    _inherit = "kpi.job"

    @api.model
    def _cron_reconcile(self):
        result = super()._cron_reconcile()
        repeat_late(self.env, self.env["kpi.baseline"]._measure_closed)
        return result


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
