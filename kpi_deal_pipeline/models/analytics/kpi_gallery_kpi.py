from odoo import models


class KpiGalleryKpi(models.Model):
    """KPIs that are handed over each night are so at once when they are turned on."""

    _inherit = "kpi.gallery.kpi"

    def _turn_on(self, scope_types=()):
        action = super()._turn_on(scope_types)
        analysed = self.definition_id.filtered(
            lambda kpi: kpi.explain_model == "kpi.deal.analysis"
        )
        if analysed:
            # Crons are the administrators'; waking this one makes it look earlier.
            crons = self.env["ir.cron"].sudo()
            crons.browse(
                self.env["ir.model.data"]._xmlid_to_res_id(
                    "kpi_deal_pipeline.kpi_deal_learn_cron", raise_if_not_found=True
                )
            )._trigger()
        return action
