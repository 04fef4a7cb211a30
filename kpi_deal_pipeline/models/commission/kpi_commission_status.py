from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError

# Status → those that may follow, disputes apart.
FOLLOWING = {
    "pending": ("confirmed", "written_off"),
    "confirmed": ("invoiced", "paid", "written_off"),
    "invoiced": ("paid", "written_off"),
    "paid": (),
    "disputed": (),
    "written_off": (),
}
MOMENTS = {"confirmed": "confirmed_at", "invoiced": "invoiced_at", "paid": "paid_at"}
EVENTS = {"confirmed": "deal_commission_confirmed"}


class KpiCommission(models.Model):
    """pending → confirmed → invoiced → paid; disputes freeze it."""

    _name = "kpi.commission"
    _inherit = ["kpi.commission", "kpi.commission.decided.mixin"]

    may_decide = fields.Boolean(compute="_compute_may_decide", exportable=False)

    def action_confirm(self):
        """Settle the amount."""
        self._settle("confirmed")

    def action_invoice(self):
        self._settle("invoiced")

    def action_pay(self):
        """Note that the agent has been paid; refused while there is a dispute."""
        self._settle("paid")

    def action_write_off(self):
        """Give a commission up for good; what was paid stays paid."""
        self._settle("written_off")

    def action_dispute(self):
        """Open the dialog in which a dispute begins."""
        self.ensure_one()
        action = self._dialog("kpi.commission.dispute", self.env._("Dispute"))
        view = self.env.ref("kpi_deal_pipeline.kpi_commission_dispute_view_form_new")
        return {**action, "views": [(view.id, "form")]}

    def action_adjust(self):
        """Open the dialog in which an amount is booked beside the settled one."""
        self._check_may_decide()
        return self._dialog("kpi.commission.adjust", self.env._("Adjust"))

    def _dialog(self, model, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_commission_id": self.id},
        }

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("agent_id")
    def _compute_may_decide(self):
        decidable = self._find_own_decisions()
        for commission in self:
            commission.may_decide = commission in decidable

    def _check_may_decide(self):
        """Refuse who may not settle these commissions: never the own ones.

        :return: dict commission → the person in whose place the user settles it
        """
        if self.env.su:
            return dict.fromkeys(self, self.env["res.users"])
        decidable = self._find_own_decisions()
        if self - self.browse().union(*decidable):
            raise AccessError(
                self.env._(
                    "Only people whom the approval workflow names can do this, such as"
                    " managers of the deal, and not for their own commission."
                )
            )
        return decidable

    def _settle(self, status, note="", document=None):
        """Move commissions on.

        :param note: why, stored with the entry in the audit log
        :param document: of the deal, which supports it
        :raises AccessError: a commission is the user's own, or of somebody else's deal
        :raises LockError: a commission is past it already, or in dispute
        """
        instead = self._check_may_decide()
        values = {}
        if status == "confirmed":
            self._check_amounts()
            values["confirmed_by"] = self.env.uid
        logged = {"document": document.id} if document else {}
        # All of them or none, as of those that one of them is refused for.
        for absent, commissions in self.grouped(instead.get).items():
            commissions._move(
                status,
                values,
                {"note": note} if note else {},
                **logged,
                **self._prepare_instead_values(absent),
            )

    def _check_amounts(self):
        for commission in self:
            # One that is past it is refused for that.
            if commission.status == "pending" and commission.commission_amount is False:
                raise UserError(
                    self.env._(
                        "%(commission)s has no amount yet: %(reason)s",
                        commission=commission.display_name,
                        reason=commission.computation_error
                        or self.env._("enter it, or basis and rate."),
                    )
                )

    def _move(self, status, values, personal, **logged):
        """Move commissions on; their rows are locked, so that one of two wins.

        :param values: what else is written
        :param personal: what somebody wrote, and what else is logged
        :raises LockError: a commission that is past it, or was moved meanwhile
        """
        # Statuses are written by their methods; who may was checked before.
        moved = self.sudo()
        moved.lock_for_update()
        for commission in moved:
            if status not in FOLLOWING[commission.status]:
                raise commission._cannot_become(status)
        former = {commission: commission.status for commission in moved}
        if status in MOMENTS:
            values = {**values, MOMENTS[status]: fields.Datetime.now()}
        moved.write({**values, "status": status})
        event = EVENTS.get(status, "deal_commission_status_change")
        for before, commissions in moved.grouped(former.get).items():
            commissions._log(event, personal, **logged, **{"from": before})
        moved._accrue()

    def _cannot_become(self, status):
        """The error that this commission cannot get ``status``."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        return LockError(
            self.env._(
                "%(commission)s is “%(present)s” and cannot be changed to "
                "“%(wanted)s”.",
                commission=self.display_name,
                present=labels[self.status],
                wanted=labels[status],
            )
        )
