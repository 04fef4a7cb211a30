from odoo import models


class KpiImportReference(models.AbstractModel):
    """Rows of an integration that name other KPIs than those chosen there."""

    _inherit = "kpi.import.reference"

    def _get_kpi_refusal(self, job, definition):
        refusal = super()._get_kpi_refusal(job, definition)
        if refusal or not job.integration_id:
            return refusal
        return job.integration_id._get_kpi_refusal(definition)
