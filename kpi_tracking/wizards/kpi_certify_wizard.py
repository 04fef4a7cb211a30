from dateutil.relativedelta import relativedelta

from odoo import fields, models

from odoo.addons.kpi_base.actions import ticked


class KpiCertifyWizard(models.TransientModel):
    """Ask until when the badges that somebody gives are to be reviewed."""

    _name = "kpi.certify.wizard"
    _inherit = ["kpi.input.mixin"]
    _description = "Certify KPIs"

    definition_ids = fields.Many2many(
        "kpi.definition", string="KPIs", required=True, default=ticked("kpi.definition")
    )
    review_by = fields.Date(
        string="Next Review Date",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) + relativedelta(years=1, day=1)
        ),
        help="After this date, the KPI must be reviewed again.",
    )

    def action_certify(self):
        self.ensure_one()
        self.definition_ids._certify(self.review_by)
        return {"type": "ir.actions.act_window_close"}
