from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.money import exact


class KpiCommission(models.Model):
    """Amounts booked beside a settled one."""

    _inherit = "kpi.commission"

    def _adjust(self, adjustment_type, amount, note):
        """Book a signed amount beside the settled one.

        :raises AccessError: the user may not settle this commission
        :raises ValidationError: nothing to book, a sign that the type has not, or more
            taken back than is left
        """
        self.ensure_one()
        absent = self._check_may_decide()[self]
        if self.status in ("disputed", "written_off"):
            raise UserError(
                self.env._(
                    "%s is disputed or written off and cannot be adjusted.",
                    self.display_name,
                )
            )
        self._check_adjustment(adjustment_type, amount, note)
        # Adjustments are written by the ledger only; who may was checked above.
        return (
            self.env["kpi.commission.adjustment"]
            .sudo()
            ._book(
                [
                    (
                        self.sudo(),
                        adjustment_type,
                        exact(amount),
                        "hand",
                        self.env["kpi.deal.billing"],
                        note,
                    )
                ],
                **self._prepare_instead_values(absent),
            )
        )

    def _check_adjustment(self, adjustment_type, amount, note):
        reason = ""
        if not abs(amount) < 1e12:
            reason = self.env._("the amount is too large.")
        elif not exact(amount):
            reason = self.env._("the amount is 0.")
        elif adjustment_type == "clawback" and amount > 0:
            reason = self.env._("a clawback is below 0.")
        elif adjustment_type == "clawback" and -exact(amount) > exact(self.net_amount):
            reason = self.env._(
                "a clawback cannot exceed what is left of the commission, %s.",
                format_amount(self.env, self.net_amount, self.currency_id),
            )
        elif adjustment_type == "bonus" and amount < 0:
            reason = self.env._("a bonus is above 0.")
        elif not (note or "").strip():
            reason = self.env._("enter a reason.")
        if reason:
            raise ValidationError(
                self.env._("The adjustment is not booked: %s", reason)
            )

    @api.model
    def _log_adjustments(self, rows, **logged):
        """Entries of adjustments to be booked, in their order; what they come to is
        stored with them as events.

        :param logged: what else each entry says
        """
        events = self.env["kpi.commission.event"]
        worths = events._adjustments(rows)
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    "deal_commission_adjusted",
                    {
                        "adjustment_type": adjustment_type,
                        "billing": billing.id or None,
                        "origin": origin,
                        **events._prepare_log_values(worth),
                        **logged,
                    },
                    {"note": note} if note else {},
                )
                for worth, (commission, adjustment_type, _, origin, billing, note) in (
                    zip(worths, rows, strict=True)
                )
            ]
        )
        events._insert(worths, entries)
        return entries
