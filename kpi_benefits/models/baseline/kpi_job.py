from odoo import api, models

from odoo.addons.kpi_base.repeat import repeat_late


class KpiJob(models.Model):
    """The nightly check also sees which periods have come to an end."""

    _inherit = "kpi.job"

    @api.model
    def _cron_reconcile(self):
        result = super()._cron_reconcile()
        repeat_late(self.env, self.env["kpi.baseline"]._measure_closed)
        return result
