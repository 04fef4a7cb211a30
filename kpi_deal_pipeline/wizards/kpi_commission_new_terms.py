from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import open_form


class KpiCommissionNewTerms(models.TransientModel):
    """Continuing a plan with other terms from a day on."""

    _name = "kpi.commission.new.terms"
    _description = "New Terms of a Commission Plan"

    plan_id = fields.Many2one("kpi.commission.plan", required=True, ondelete="cascade")
    date_from = fields.Date(
        "From",
        required=True,
        compute="_compute_date_from",
        store=True,
        precompute=True,
        readonly=False,
        help="First day with the new terms. The current plan ends the day before, once "
        "the new one is activated.",
    )

    @api.depends("plan_id")
    def _compute_date_from(self):
        """Suggest the day on which the next settlement period begins."""
        for dialog in self:
            today = fields.Date.context_today(self)
            plan = dialog.plan_id
            dialog.date_from = plan._period_of(today)[1] if plan else today

    @api.constrains("plan_id", "date_from")
    def _check_date_from(self):
        for dialog in self:
            plan = dialog.plan_id
            if dialog.date_from <= plan.date_from:
                raise ValidationError(
                    self.env._("Choose a day after the first day of %s.", plan.name)
                )
            if plan.date_to and dialog.date_from > plan.date_to:
                raise ValidationError(self.env._("%s ends before that day.", plan.name))

    def action_continue(self):
        """Draft the plan with the new terms, and open it."""
        self.ensure_one()
        self.plan_id.check_access("write")
        # Which plan it replaces is the engine's to write.
        plan = self.sudo().plan_id
        new = plan.copy(
            {
                "name": plan.name,
                "date_from": self.date_from,
                # With the last day of the former one, where that was known.
                "date_to": plan.date_to if plan.date_to != self.date_from else False,
                "replaced_id": plan.id,
            }
        )
        return open_form(new.with_env(self.env))
