from odoo import api, fields, models
from odoo.tools import float_compare
from odoo.tools.misc import format_amount

from odoo.addons.kpi_base.formatting import format_number, format_percent

KINDS = [
    ("base", "Basis"),
    ("flat", "Flat Amount"),
    ("rate", "Rate"),
    ("accelerator", "Above Quota"),
    ("rounding", "Rounding"),
    ("split", "Deal Share"),
    ("overlay", "Overlay Share"),
    ("floor", "Minimum per Deal"),
    ("cap", "Maximum per Deal"),
    ("period_cap", "Maximum per Period"),
    ("override", "Manager's Share"),
]


class KpiCommissionStep(models.Model):
    """Step in the computation of a commission."""

    _name = "kpi.commission.step"
    _description = "Commission Calculation Step"
    _order = "commission_id, sequence, id"
    _rec_name = "commission_id"
    _log_access = False

    commission_id = fields.Many2one(
        "kpi.commission", required=True, readonly=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="commission_id.currency_id")
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(KINDS, "Step", required=True, readonly=True)
    basis = fields.Float(digits=(16, 4), readonly=True)
    factor = fields.Float(digits=(16, 8), readonly=True)
    amount = fields.Float(digits=(16, 4), readonly=True)
    total = fields.Float("Running Total", digits=(16, 4), readonly=True)
    description = fields.Char(compute="_compute_description")

    def _find_tier(self):
        """The tier whose rate the step applies; none if its plan has changed since."""
        self.ensure_one()
        # Who sees a commission sees how it is computed.
        plan = self.commission_id.sudo().terms_id
        tiers = plan.tier_ids.browse()
        if self.kind == "rate" and plan.computation in ("marginal", "retroactive"):
            tiers = plan.tier_ids.filtered(
                lambda tier: not float_compare(tier.rate, self.factor, 4)
            )
        return tiers if len(tiers) == 1 else tiers.browse()

    @api.depends_context("lang")
    @api.depends(
        "kind", "basis", "factor", "amount", "currency_id", "commission_id.terms_id"
    )
    def _compute_description(self):
        for step in self:
            amount = step.basis if step.factor else step.amount
            text = format_amount(self.env, amount, step.currency_id)
            if step.factor and step.kind == "accelerator":
                times = format_number(self.env, step.factor, 2)
                text = self.env._("%(basis)s × %(times)s", basis=text, times=times)
            elif step.factor and step.kind != "flat":
                percent = format_percent(self.env, step.factor, 4)
                text = self.env._(
                    "%(percent)s of %(basis)s", percent=percent, basis=text
                )
            if tier := step._find_tier():
                text = self.env._(
                    "%(text)s (tier %(limits)s)",
                    text=text,
                    limits=tier._describe_limits(),
                )
            step.description = text
