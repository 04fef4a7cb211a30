from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiCommissionStatementLine(models.Model):
    """An instalment or an adjustment on the one statement that holds it."""

    _name = "kpi.commission.statement.line"
    _description = "Commission Statement Line"
    _order = "statement_id, day, id"

    statement_id = fields.Many2one(
        "kpi.commission.statement",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    accrual_id = fields.Many2one(
        "kpi.commission.accrual", "Instalment", readonly=True, ondelete="restrict"
    )
    adjustment_id = fields.Many2one(
        "kpi.commission.adjustment", readonly=True, ondelete="restrict"
    )
    amount = fields.Float(digits=(16, 2), required=True, readonly=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    day = fields.Date(compute="_compute_source", store=True)
    is_earlier = fields.Boolean(
        "From Earlier Period",
        compute="_compute_is_earlier",
        help="From an earlier period and not on an earlier statement.",
    )
    deal_id = fields.Many2one("kpi.deal", compute="_compute_source", store=True)
    description = fields.Char(compute="_compute_description", compute_sudo=True)
    commission_id = fields.Many2one(
        "kpi.commission", compute="_compute_commission_id", compute_sudo=True
    )
    paid_at = fields.Datetime(compute="_compute_paid_at", compute_sudo=True)

    _accrual_uniq = models.UniqueIndex(
        "(accrual_id) WHERE accrual_id IS NOT NULL",
        "This instalment is already on a statement.",
    )
    _adjustment_uniq = models.UniqueIndex(
        "(adjustment_id) WHERE adjustment_id IS NOT NULL",
        "This adjustment is already on a statement.",
    )
    _source_check = models.Constraint(
        "CHECK (num_nonnulls(accrual_id, adjustment_id) = 1)",
        "A statement line must refer to an instalment or an adjustment.",
    )

    @api.depends("accrual_id", "adjustment_id")
    def _compute_source(self):
        for line in self:
            # Stated for the agent, who sees the own commissions.
            source = line.sudo().accrual_id or line.sudo().adjustment_id
            line.deal_id = source.commission_id.deal_id
            line.day = line.accrual_id.accrued_on or line.adjustment_id.recorded_at

    @api.depends("day", "statement_id.date_from")
    def _compute_is_earlier(self):
        for line in self:
            line.is_earlier = line.day and line.day < line.statement_id.date_from

    @api.depends("accrual_id", "adjustment_id")
    def _compute_description(self):
        types = self.env["kpi.commission.adjustment"]._fields["adjustment_type"]
        labels = dict(types._description_selection(self.env))
        for line in self:
            adjustment = line.adjustment_id
            if adjustment:
                label = labels[adjustment.adjustment_type]
                note = adjustment.note
                line.description = f"{label}: {note}" if note else label
            elif line.accrual_id.billing_id:
                line.description = self.env._(
                    "Commission for %s", line.accrual_id.billing_id.display_name
                )
            else:
                line.description = self.env._("Commission")

    @api.depends("accrual_id", "adjustment_id")
    def _compute_commission_id(self):
        for line in self:
            source = line.accrual_id or line.adjustment_id
            line.commission_id = source.commission_id

    @api.depends(
        "statement_id.paid_at",
        "accrual_id.commission_id.paid_at",
        "adjustment_id.commission_id.paid_at",
    )
    def _compute_paid_at(self):
        for line in self:
            source = line.accrual_id or line.adjustment_id
            line.paid_at = line.commission_id._get_paid_at(source)

    # Refuses whoever asks: there is nothing to hand on to.
    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("An issued statement cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An issued statement cannot be changed."))
