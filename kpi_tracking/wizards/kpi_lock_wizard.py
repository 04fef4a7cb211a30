from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.actions import CLOSE
from odoo.addons.kpi_base.roles import ADMIN


class KpiLockWizard(models.TransientModel):
    """KPI administrators lock the values that people entered, up to a day."""

    _name = "kpi.lock.wizard"
    _inherit = ["kpi.input.mixin"]
    _description = "Lock KPI Periods"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    lock_date = fields.Date(
        "Locked Until",
        compute="_compute_lock_date",
        store=True,
        precompute=True,
        readonly=False,
        help="Values of periods ending by this date cannot be changed.",
    )

    @api.depends("company_id")
    def _compute_lock_date(self):
        for wizard in self:
            wizard.lock_date = wizard.company_id.kpi_lock_date

    def action_lock(self):
        """Move the company's lock date; earlier days open periods again."""
        self.ensure_one()
        is_own = self.company_id in self.env.companies
        if not (is_own and self.env.user.has_group(ADMIN)):
            raise AccessError(
                self.env._("Only KPI administrators of this company can lock periods.")
            )
        # KPI administrators need not be allowed to change companies as such.
        self.company_id.sudo().kpi_lock_date = self.lock_date
        return CLOSE
