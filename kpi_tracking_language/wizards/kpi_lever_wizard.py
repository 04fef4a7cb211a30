from odoo import fields, models

from odoo.addons.kpi_base.actions import open_dialog


class KpiLeverWizard(models.TransientModel):
    """Asks by how much a KPI is to be better, and what that would take."""

    _name = "kpi.lever.wizard"
    _description = "Required Changes"
    _inherit = ["kpi.dialog.mixin", "kpi.input.mixin"]

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    improvement = fields.Float("Improvement (%)", default=5.0, required=True)
    refusal = fields.Text(readonly=True)

    def action_predict(self):
        """Show the advice, or why there is none."""
        self.ensure_one()
        advices = self.env["kpi.intelligent.optimization"]
        found = advices.predict_resource_needs(self.report_id.id, self.improvement)
        if found["is_accepted"]:
            return advices.browse(found["advice_id"])._open()
        self.refusal = " ".join(found["sentences"])
        return open_dialog(self, self.env._("Required Changes"))
