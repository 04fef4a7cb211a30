from odoo import models


class KpiDefinition(models.Model):
    """A KPI of one company has no numbers in the warehouse of another."""

    _inherit = "kpi.definition"

    def _find_external_misfit(self):
        misfit = super()._find_external_misfit()
        if misfit or self.external_source != "kpi.warehouse.reading":
            return misfit
        # Why nothing comes is said to whoever may change the KPI.
        measure = self.env[self.external_source].sudo()._find_measure(self)
        company = measure.dataset_id.warehouse_id.company_id
        if company and self.company_id and company != self.company_id:
            return self.env._(
                "%(kpi)s: “%(measure)s” belongs to another company.",
                kpi=self.name,
                measure=self.external_measure,
            )
        return ""
