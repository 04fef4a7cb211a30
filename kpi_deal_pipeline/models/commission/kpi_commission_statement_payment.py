from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.kpi_base.engine.money import exact

ZERO = Decimal(0)


class KpiCommissionStatement(models.Model):
    """Payment of a statement: at once, or commission by commission.

    What was paid with a commission is not to be paid with its statement again.
    """

    _inherit = "kpi.commission.statement"

    paid_at = fields.Datetime(readonly=True, copy=False, tracking=True)
    paid_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    settled_amount = fields.Monetary(
        "Paid", compute="_compute_payment", compute_sudo=True
    )
    unpaid_amount = fields.Monetary(
        "To Pay", compute="_compute_payment", compute_sudo=True
    )
    payment_state = fields.Selection(
        [
            ("open", "To pay"),
            ("partial", "Partly paid"),
            ("paid", "Paid"),
            ("none", "Nothing to pay"),
        ],
        "Payment",
        compute="_compute_payment",
        compute_sudo=True,
    )
    paid_on = fields.Date(compute="_compute_payment", compute_sudo=True)

    @api.depends("state", "paid_at", "paid_amount", "line_ids.paid_at")
    def _compute_payment(self):
        for statement in self:
            payout = exact(statement.paid_amount)
            settled = min(statement._sum_paid(), payout)
            moments = [statement.paid_at, *statement.line_ids.mapped("paid_at")]
            if statement.state == "draft":
                state = False
            elif not payout:
                state = "none"
            elif settled == payout:
                state = "paid"
            else:
                state = "partial" if settled else "open"
            statement.settled_amount = float(settled)
            statement.unpaid_amount = float(payout - settled)
            statement.payment_state = state
            paid_at = state == "paid" and max(filter(None, moments), default=False)
            statement.paid_on = paid_at and _get_local_day(statement, paid_at)

    def _sum_paid(self):
        """Amount that was paid with the statement, or with its commissions."""
        if self.paid_at:
            return exact(self.paid_amount)
        paid = self.line_ids.filtered("paid_at")
        return sum((exact(line.amount) for line in paid), ZERO)

    def action_pay(self):
        """Note that the agent has been paid what is still to be paid.

        Commissions of which nothing is left to be paid are paid with it.

        :raises AccessError: the user's own
        :raises UserError: nothing is to be paid, or a commission of it is disputed
        """
        self.check_access("write")
        if not self.env.su and self.env.user in self.agent_id:
            raise AccessError(self.env._("Nobody notes the payment of their own."))
        # Written by this method; who may pay was checked.
        for statement in self.sudo():
            statement.lock_for_update()
            commissions = statement.line_ids.commission_id
            commissions.lock_for_update()
            statement._check_payable()
            statement.write({"paid_at": fields.Datetime.now(), "paid_by": self.env.uid})
            statement._log_record("deal_commission_statement_paid")
            paid = commissions.filtered(lambda each: each._is_paid_in_full())
            paid._move("paid", {}, {}, statement=statement.id)

    def _check_payable(self):
        if self.payment_state not in ("open", "partial"):
            raise UserError(self.env._("%s: nothing is to be paid.", self.display_name))
        unpaid = self.line_ids.filtered(lambda line: not line.paid_at)
        for commission in unpaid.commission_id:
            if commission.status == "disputed":
                raise UserError(
                    self.env._(
                        "%(commission)s is disputed. Decide the dispute before the "
                        "statement is paid.",
                        commission=commission.display_name,
                    )
                )


def _get_local_day(record, moment):
    return fields.Datetime.context_timestamp(record, moment).date()
