from odoo import api, fields, models

from odoo.addons.kpi_base.rights import look_up_once

from ... import roles


class KpiCommissionDecidedMixin(models.AbstractModel):
    """What is decided about a commission: by whom an approval workflow names.

    Never by people with a part in it, nor by their delegates.
    """

    _name = "kpi.commission.decided.mixin"
    _description = "Commission Decision"
    _inherit = ["kpi.approval.resolver"]

    def _find_own_decisions(self):
        """Find those that the user may decide about: dict record → in place of whom.

        The superuser, as whom mail and automation work, decides on all but their own.
        """
        saved = self.filtered("id")
        if not self.env.su:
            return saved._find_decidable()
        parties = saved._get_approval_parties()
        nobody = self.env["res.users"]
        return {one: nobody for one in saved if self.env.user not in parties[one]}

    @api.model
    def _announce_undecided(self):
        """Have managers' badges count anew: who of them decides depends on the deal."""
        # Who has a role is no secret.
        managers = self.env.ref(roles.MANAGER).sudo()
        self.env["kpi.approval.item"]._announce(managers)

    @api.model
    def _prepare_instead_values(self, absent):
        """Prepare what is logged of a decision in place of somebody, if it was."""
        return {"in_place_of": absent.id} if absent else {}

    def _get_approval_submitters(self):
        return {one: one.agent_id for one in self}

    def _get_approval_parties(self):
        return {one: one.agent_id for one in self}

    def _find_deal_leader(self, _approver):
        """Managers of deals who lead the one that it is about."""
        leaders = self.deal_id._find_leaders()
        # Who has a role is no secret.
        managers = look_up_once(
            self.env,
            roles.MANAGER,
            lambda: self.env.ref(roles.MANAGER).sudo().all_user_ids,
        )
        return {one: leaders[one.deal_id] & managers for one in self}


class KpiApprovalApprover(models.Model):
    """Managers of deals decide about commissions."""

    _inherit = "kpi.approval.approver"

    whom = fields.Selection(
        selection_add=[("deal_leader", "Manager of the Deal")],
        ondelete={"deal_leader": "cascade"},
    )
