from odoo import fields, models

from odoo.addons.kpi_base.engine.money import exact


class KpiCommission(models.Model):
    """Beginning and end of disputes."""

    _inherit = "kpi.commission"

    def _begin_dispute(self):
        """Hold commissions where they are: nothing of them is paid meanwhile."""
        # Who contests does not settle; that they may contest was checked.
        disputed = self.sudo()
        disputed.lock_for_update()
        for commission in disputed:
            if commission.status in ("disputed", "written_off"):
                raise commission._cannot_become("disputed")

    def _former_status(self):
        # As above.
        commission = self.sudo()
        former = commission.status
        commission.write({"status": "disputed", "disputed_at": fields.Datetime.now()})
        return former

    def _end_dispute(self, dispute, **logged):
        """Restore the commission's status, with what the decision changes.

        :param logged: what else is logged of the decision
        """
        is_lost = dispute.state == "written_off"
        status = "written_off" if is_lost else dispute.former_status
        self.write({"status": status, "resolved_at": fields.Datetime.now()})
        self._log(
            "deal_commission_dispute_resolved",
            {"decision": dispute.decision},
            **dispute._prepare_log_values(),
            **logged,
            **{"from": "disputed"},
        )
        if exact(dispute.effect_amount):
            self.env["kpi.commission.adjustment"]._book(
                [
                    (
                        self,
                        "correction",
                        exact(dispute.effect_amount),
                        "dispute",
                        self.env["kpi.deal.billing"],
                        dispute.decision,
                    )
                ],
                **logged,
            )
        # What happened to the deal meanwhile.
        self.deal_id._settle_commissions()
