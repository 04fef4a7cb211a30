from odoo import api, fields, models
from odoo.tools.misc import format_amount

from odoo.addons.kpi_base.fields import OptionalFloat

SAVING = object()  # in the context: nobody calls it from outside


class KpiCommissionTermMixin(models.AbstractModel):
    """A part of what a plan pays, settled with the plan."""

    _name = "kpi.commission.term.mixin"
    _inherit = ["kpi.input.mixin"]
    _description = "Commission Plan Term"
    _rec_name = "plan_id"

    plan_id = fields.Many2one(
        "kpi.commission.plan", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._check_plan()
        return terms

    def write(self, vals):
        self.plan_id._check_unsettled()
        result = super().write(vals)
        self._check_plan()
        return result

    def unlink(self):
        plans = self.plan_id
        plans._check_unsettled()
        result = super().unlink()
        if self.env.context.get("kpi_commission_plan_saving") is not SAVING:
            plans._check_terms()
            plans._note_change()
        return result

    def _check_plan(self):
        """Check and log a term that is changed by itself like the plan with it."""
        self.plan_id._check_unsettled()
        if self.env.context.get("kpi_commission_plan_saving") is not SAVING:
            self.plan_id._check_terms()
            self.plan_id._note_change()


class KpiCommissionTier(models.Model):
    """A rate for what lies above an amount of a period, up to another."""

    _name = "kpi.commission.tier"
    _inherit = ["kpi.commission.term.mixin"]
    _description = "Commission Plan Tier"
    _order = "plan_id, amount_from"

    amount_from = fields.Monetary("Above")
    amount_to = OptionalFloat("Up to", digits=(16, 2), help="Leave empty for no limit.")
    rate = fields.Float(digits=(5, 4), required=True)

    def _describe_limits(self):
        """Name what a tier applies to, for sentences; its own name holds no amounts."""
        self.ensure_one()
        low, high = (
            format_amount(self.env, amount or 0, self.currency_id)
            for amount in (self.amount_from, self.amount_to)
        )
        if not self.amount_from and not self.amount_to:
            return self.env._("of any amount")
        if not self.amount_from:
            return self.env._("up to %s", high)
        if not self.amount_to:
            return self.env._("above %s", low)
        return self.env._("above %(low)s up to %(high)s", low=low, high=high)


class KpiCommissionRate(models.Model):
    """The rate of a product, or of a class of assets."""

    _name = "kpi.commission.rate"
    _inherit = ["kpi.commission.term.mixin"]
    _description = "Rate by Product"
    _order = "plan_id, product"
    _rec_name = "product"

    product = fields.Char(
        required=True,
        help="Product on billings, or an asset type: office, retail, industrial, "
        "residential, mixed_use, hospitality, land, portfolio.",
    )
    rate = fields.Float(digits=(5, 4), required=True)

    _product_uniq = models.UniqueIndex(
        "(plan_id, product)", "The plan already has a rate for this product."
    )


class KpiCommissionAccelerator(models.Model):
    """Share of the quota above which earnings count more."""

    _name = "kpi.commission.accelerator"
    _inherit = ["kpi.commission.term.mixin"]
    _description = "Commission Plan Accelerator"
    _order = "plan_id, above_ratio"

    above_ratio = fields.Float(
        "Above (% of Quota)", digits=(7, 4), required=True, default=1
    )
    factor = fields.Float("Multiplier", digits=(7, 4), required=True, default=1.5)


class KpiCommissionOverride(models.Model):
    """Share that somebody gets on top of the commissions of a plan's agents."""

    _name = "kpi.commission.override"
    _inherit = ["kpi.commission.term.mixin"]
    _description = "Manager's Commission Share"
    _order = "plan_id, id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Manager", required=True, ondelete="restrict"
    )
    rate = fields.Float(
        digits=(5, 4),
        required=True,
        help="Share of agents' commissions, excluding other managers' shares.",
    )

    _user_id_uniq = models.UniqueIndex(
        "(plan_id, user_id)", "The manager already has a share in this plan."
    )
    _rate_check = models.Constraint(
        "CHECK (rate > 0 AND rate <= 1)", "A share must be above 0% and at most 100%."
    )
