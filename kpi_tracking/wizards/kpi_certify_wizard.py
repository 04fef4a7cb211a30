from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class KpiCertifyWizard(models.TransientModel):
    """Ask until when the badges that somebody gives are to be reviewed."""

    _name = "kpi.certify.wizard"
    _inherit = ["kpi.input.mixin"]
    _description = "Certify KPIs"

    definition_ids = fields.Many2many(
        "kpi.definition",
        string="KPIs",
        required=True,
        default=lambda self: self._default_definition_ids(),
    )
    review_by = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) + relativedelta(years=1, day=1)
        ),
        help="From the day after, the badge asks for another look.",
    )

    @api.model
    def _default_definition_ids(self):
        """The KPIs ticked in a list."""
        is_ticked = self.env.context.get("active_model") == "kpi.definition"
        return is_ticked and self.env.context.get("active_ids")

    def action_certify(self):
        self.ensure_one()
        self.definition_ids._certify(self.review_by)
        return {"type": "ir.actions.act_window_close"}
